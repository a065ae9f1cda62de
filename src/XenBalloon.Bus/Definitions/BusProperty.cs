namespace XenBalloon.Bus.Definitions;

/// <summary>A property that can be read.</summary>
/// <typeparam name="T">The state of an object; immutable.</typeparam>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, as in <see cref="BusValue.Type"/>.</param>
/// <param name="Changes">Whether others are told when it changes.</param>
/// <param name="Read">Its value in a state.</param>
internal sealed record BusProperty<T>(string Name, string Type, PropertyChanges Changes, Func<T, BusValue> Read);
