using Tmds.DBus.Protocol;

namespace XenBalloon.Bus.Connections;

/// <summary>How a bus is reached, and what it means that it is not.</summary>
internal abstract class BusTransport : DBusConnectionOptions, IDisposable
{
    /// <summary>How long connecting may take.</summary>
    internal abstract TimeSpan ConnectsWithin { get; }

    /// <summary>What a failure to reach the bus means, and what to do.</summary>
    internal abstract BusUnavailableException Explain(Exception failure);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
