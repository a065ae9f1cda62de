using System.Collections.Immutable;

namespace XenBalloon.Bus.Definitions;

/// <summary>A call that is being handled.</summary>
internal interface IMethodCall
{
    /// <summary>The method's name.</summary>
    string Member { get; }

    /// <summary>The arguments, of the types that the method declares.</summary>
    ImmutableArray<BusValue> Arguments { get; }

    /// <summary>Asks the bus for the effective uid of the caller.</summary>
    Task<uint> GetCallerUidAsync();
}
