using Microsoft.Extensions.Logging;
using XenBalloon.Bus;
using XenBalloon.Bus.Server;
using XenBalloon.Core;
using XenBalloon.Daemon.Control;
using XenBalloon.Daemon.Logging;

namespace XenBalloon.Daemon.Loop;

/// <summary>
/// The control bus for as long as the daemon lives. There must be one at the start; should it go away later, balancing goes on and the bus is tried again.
/// </summary>
internal sealed class ControlBus(BusOptions options, ControlRequests requests, TimeProvider time, ILogger<ControlBus> logger) : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private BusServer? server;
    private Task<BusServer>? opening;
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
        else if (opening is { IsCompleted: true })
        {
            TakeOpened(publication);
        }
        else if (opening is null && time.GetElapsedTime(lostAt) >= RetryAfter)
        {
            // A bus that accepts but does not answer must not hold the balancing up.
            opening = Task.Run(() => BusServer.Start(options, requests, publication));
        }
    }

    public void Dispose() => server?.Dispose();

    private void TakeOpened(Publication publication)
    {
        Task<BusServer> opened = opening!;
        opening = null;
        lostAt = time.GetTimestamp();
        if (!opened.IsCompletedSuccessfully)
        {
            // Told once, when it was lost.
            _ = opened.Exception;
            return;
        }

        server = opened.Result;
        server.Publish(publication);
        logger.BusBack();
    }

    private void Drop()
    {
        server?.Dispose();
        server = null;
        lostAt = time.GetTimestamp();
    }
}
