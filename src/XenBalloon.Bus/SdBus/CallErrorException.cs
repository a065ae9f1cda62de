namespace XenBalloon.Bus.SdBus;

/// <summary>A call of ours was answered with an error.</summary>
/// <param name="name">The error's D-Bus name.</param>
/// <param name="message">What it says.</param>
internal sealed class CallErrorException(string name, string message) : Exception(message)
{
    /// <summary>The error's D-Bus name.</summary>
    internal string Name { get; } = name;
}
