using System.Collections.Immutable;

namespace XenBalloon.Bus.Definitions;

/// <summary>An interface: what objects of one kind can be asked.</summary>
/// <typeparam name="T">The state of an object; immutable.</typeparam>
/// <param name="Name">Its name.</param>
/// <param name="Methods">Its methods.</param>
/// <param name="Properties">Its properties.</param>
internal sealed record BusInterface<T>(string Name, ImmutableArray<BusMethod<T>> Methods, ImmutableArray<BusProperty<T>> Properties)
{
    /// <summary>Its signals, besides those that tell of changed properties.</summary>
    public ImmutableArray<BusSignal> Signals { get; init; } = [];
}
