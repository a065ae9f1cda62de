using XenBalloon.Bus.Objects;
using XenBalloon.Bus.SdBus;
using XenBalloon.Core;

namespace XenBalloon.Bus;

/// <summary>The daemon's side of the control bus: shows what is published and passes on what administrators ask for, on a thread of its own.</summary>
public sealed class BusServer : IDisposable
{
    private static readonly TimeSpan LeavesWithin = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SdBusConnection connection;
    private readonly BalloonObjects objects;
    private readonly Thread thread;
    private Publication? newest;
    private bool stopping;

    private BusServer(SdBusConnection connection, BalloonObjects objects)
    {
        this.connection = connection;
        this.objects = objects;
        thread = new Thread(Serve) { IsBackground = true, Name = "bus" };
    }

    /// <summary>
    /// Completes when the server has been disposed of; fails with a <see cref="BusUnavailableException"/> whose cause is
    /// <see cref="BusUnavailableCause.Lost"/> when the connection ends before that. There is no way back to the bus but a new server.
    /// </summary>
    public Task Completion => completion.Task;

    /// <summary>Connects, puts the objects on the bus and takes the bus name. On return everything can be asked.</summary>
    /// <param name="options">Where the bus is.</param>
    /// <param name="control">Does what administrators ask for.</param>
    /// <param name="first">What to show at first; <see cref="Publication.Version"/> and <see cref="Publication.Host"/> are never to change.</param>
    /// <exception cref="BusUnavailableException">There is no bus, or the name is not to be had. Nothing is left behind.</exception>
    public static BusServer Start(BusOptions options, IControl control, Publication first)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(first);
        SdBusConnection connection = Connecting.Open(options);
        connection.PolkitAnswersWithin = options.PolkitAnswersWithin ?? connection.PolkitAnswersWithin;
        try
        {
            var server = new BusServer(connection, new BalloonObjects(connection, control, first));
            Connecting.TakeName(connection, Names.Service, options);
            server.thread.Start();
            return server;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Shows a new state; from any thread, without waiting. What changed since the last one is told in one signal for each object and interface; when
    /// states come faster than the bus takes them, only the newest counts, and what ended before it. One thread may publish.
    /// </summary>
    public void Publish(Publication publication)
    {
        ArgumentNullException.ThrowIfNull(publication);
        if (Interlocked.Exchange(ref newest, null) is { } unseen) publication = publication.With(unseen.Plan.Ended);
        Interlocked.Exchange(ref newest, publication);
        connection.Post(ShowNewest);
    }

    /// <summary>Sends what is queued and leaves the bus.</summary>
    public void Dispose()
    {
        connection.Post(() => stopping = true);
        thread.Join(LeavesWithin);
    }

    private void ShowNewest()
    {
        if (Interlocked.Exchange(ref newest, null) is { } publication) objects.Show(publication);
    }

    private void Serve()
    {
        try
        {
            using (connection) connection.Run(() => stopping);
            completion.SetResult();
        }
        catch (SdBusException exception)
        {
            completion.SetException(new BusUnavailableException(
                BusUnavailableCause.Lost, $"the connection to the system bus is lost ({exception.Words}): is dbus running?", exception));
        }
        catch (Exception exception)
        {
            // Nothing above this frame could tell anyone: an exception here would take the whole daemon down without a word.
            completion.SetException(exception);
        }
    }
}
