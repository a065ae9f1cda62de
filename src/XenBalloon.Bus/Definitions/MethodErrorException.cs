namespace XenBalloon.Bus.Definitions;

/// <summary>A call that is answered with a D-Bus error.</summary>
/// <param name="name">The error's D-Bus name.</param>
/// <param name="message">One line that says what to do.</param>
internal sealed class MethodErrorException(string name, string message) : Exception(message)
{
    /// <summary>The error's D-Bus name.</summary>
    internal string Name { get; } = name;
}
