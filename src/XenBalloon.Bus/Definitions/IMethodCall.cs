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

    /// <summary>The unique name of the caller.</summary>
    string Caller { get; }

    /// <summary>Asks polkit whether the caller may; where the caller allows it, that may ask for a password and take minutes.</summary>
    /// <exception cref="MethodErrorException">It cannot be asked.</exception>
    Task<PolkitAnswer> AskPolkitAsync(string action);
}
