using Microsoft.Extensions.Logging;
using XenBalloon.Bus;
using XenBalloon.Core;
using XenBalloon.Daemon.Logging;

namespace XenBalloon.Daemon.Loop;

/// <summary>
/// The control bus for as long as the daemon lives. There must be one at the start; should it go away later, balancing goes on and the bus is tried again.
/// </summary>
internal sealed class ControlBus(BusOptions options, ControlRequests requests, TimeProvider time, ILogger<ControlBus> logger) : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private BusServer? server;
    private long lostAt;

    /// <summary>Takes our name on the bus.</summary>
    /// <exception cref="BusUnavailableException">There is no bus, or the name is not to be had.</exception>
    internal void Start(Publication first) => server = BusServer.Start(options, requests, first);

    /// <summary>Shows a new state, if there is someone to show it to.</summary>
    internal void Publish(Publication publication)
    {
        if (server is { Completion.IsCompleted: false })
        {
            server.Publish(publication);
        }
        else if (server is not null)
        {
            logger.BusLost(server.Completion.Exception?.InnerException?.Message ?? "the connection to the bus ended");
            Drop();
        }
        else if (time.GetElapsedTime(lostAt) >= RetryAfter)
        {
            Retry(publication);
        }
    }

    public void Dispose() => server?.Dispose();

    private void Retry(Publication publication)
    {
        try
        {
            Start(publication);
            logger.BusBack();
        }
        catch (BusUnavailableException)
        {
            // Told once, when it was lost.
            lostAt = time.GetTimestamp();
        }
    }

    private void Drop()
    {
        server?.Dispose();
        server = null;
        lostAt = time.GetTimestamp();
    }
}
