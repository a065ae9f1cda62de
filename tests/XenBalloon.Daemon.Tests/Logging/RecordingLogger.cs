using Microsoft.Extensions.Logging;

namespace XenBalloon.Daemon.Tests.Logging;

/// <summary>Records the text of all messages.</summary>
/// <param name="lines">Where to; null for a list of its own.</param>
internal sealed class RecordingLogger<T>(List<string>? lines = null) : ILogger<T>
{
    /// <summary>The messages.</summary>
    public List<string> Lines { get; } = lines ?? [];

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        Lines.Add(formatter(state, exception));
}
