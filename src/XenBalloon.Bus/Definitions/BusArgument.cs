namespace XenBalloon.Bus.Definitions;

/// <summary>An argument of a method, as introspection shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, as in <see cref="BusValue.Type"/>.</param>
internal sealed record BusArgument(string Name, string Type);
