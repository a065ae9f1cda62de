using Microsoft.Extensions.Logging;
using XenBalloon.Bus;
using XenBalloon.Bus.Server;
using XenBalloon.Core;
using XenBalloon.Daemon.Logging;

namespace XenBalloon.Daemon.Loop;

/// <summary>
/// Publishes on the control bus. There must be a bus at the start; if it is lost later, balancing continues and the
/// connection is retried.
/// </summary>
internal sealed class ControlBus(BusOptions options, IControl control, TimeProvider time, ILogger<ControlBus> logger)
    : IDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(10);

    /// <summary>How often numbers that follow from reports are announced while there is no other news.</summary>
    private static readonly TimeSpan NumbersInterval = TimeSpan.FromSeconds(5);

    private BusServer? server;
    private Task<BusServer>? reconnecting;
    private Publication? announced;
    private long lostAt, announcedAt;

    /// <summary>Connects and takes the bus name.</summary>
    /// <exception cref="BusUnavailableException">There is no bus, or another program owns the name.</exception>
    internal void Start(Publication first) => server = BusServer.Start(options, control, first);

    /// <summary>Publishes a new state; without a connection, retries to connect.</summary>
    internal void Publish(Publication publication)
    {
        if (server is { Completion.IsCompleted: false })
        {
            Announce(server, publication);
        }
        else if (server is not null)
        {
            logger.BusLost(server.Completion.Exception?.InnerException?.Message ?? "the connection to the bus ended");
            Disconnect();
        }
        else if (reconnecting is { IsCompleted: true })
        {
            FinishReconnecting(publication);
        }
        else if (reconnecting is null && time.GetElapsedTime(lostAt) >= RetryInterval)
        {
            // On another thread: a bus that accepts and does not answer must not stop the balancing.
            reconnecting = Task.Run(() => BusServer.Start(options, control, publication));
        }
    }

    public void Dispose() => server?.Dispose();

    private void Announce(BusServer connected, Publication publication)
    {
        if (announced is { } before && !publication.IsNews(before))
        {
            bool isDue = time.GetElapsedTime(announcedAt) >= NumbersInterval
                && (publication.Plan.Domains != before.Plan.Domains || publication.Plan.Host != before.Plan.Host);
            if (!isDue)
            {
                connected.Keep(publication);
                return;
            }
        }

        (announced, announcedAt) = (publication, time.GetTimestamp());
        connected.Publish(publication);
    }

    private void FinishReconnecting(Publication publication)
    {
        Task<BusServer> finished = reconnecting!;
        reconnecting = null;
        lostAt = time.GetTimestamp();
        if (!finished.IsCompletedSuccessfully)
        {
            _ = finished.Exception; // observed; the loss is already logged
            return;
        }

        server = finished.Result;
        announced = null;
        Announce(server, publication);
        logger.BusRestored();
    }

    private void Disconnect()
    {
        server?.Dispose();
        server = null;
        lostAt = time.GetTimestamp();
    }
}
