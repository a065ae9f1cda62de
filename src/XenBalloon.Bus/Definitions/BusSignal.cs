using System.Collections.Immutable;

namespace XenBalloon.Bus.Definitions;

/// <summary>A signal of an interface, for what a property cannot say: that something happened.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">What it tells.</param>
internal sealed record BusSignal(string Name, ImmutableArray<BusArgument> Arguments);
