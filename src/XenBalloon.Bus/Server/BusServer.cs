using XenBalloon.Bus.Connections;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core;

namespace XenBalloon.Bus.Server;

/// <summary>
/// The daemon's side of the control bus: shows what is published, and passes on what administrators ask for.
/// </summary>
public sealed class BusServer : IDisposable
{
    private static readonly TimeSpan LeavesWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PolkitAnswersWithin = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource leaving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource questions = new();
    private readonly BusTurn turn = new();
    private readonly BusConnection connection;
    private readonly ObjectTree tree;
    private readonly CallRouter router;
    private readonly PublishedObjects objects;
    private Publication? newest;
    private bool isShowing;

    private BusServer(BusConnection connection, string busId, BusOptions options, IControl control)
    {
        this.connection = connection;
        var polkit = new Polkit(
            connection.Library, options.PolkitAnswersWithin ?? PolkitAnswersWithin, questions.Token);
        tree = new ObjectTree(connection.Library);
        router = new CallRouter(connection, turn, tree);
        objects = new PublishedObjects(
            tree, new OwnerWatch(connection, busId, control), control, new Authorization(connection, polkit));
    }

    /// <summary>
    /// Completes when the server has been disposed of; fails with a <see cref="BusUnavailableException"/> whose cause
    /// is <see cref="BusUnavailableCause.Lost"/> when the connection ends before that. The only way back to the bus is
    /// a new server.
    /// </summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// Connects, puts the objects on the bus and takes the bus name. On return everything can be asked.
    /// </summary>
    /// <param name="options">Where the bus is.</param>
    /// <param name="control">Does what administrators ask for.</param>
    /// <param name="first">
    /// What to show at first; <see cref="Publication.Version"/> and <see cref="Publication.Host"/> are never to change.
    /// </param>
    /// <exception cref="BusUnavailableException">
    /// There is no bus, or the name cannot be had. Nothing is left behind.
    /// </exception>
    public static BusServer Start(BusOptions options, IControl control, Publication first)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(first);
        return Task.Run(() => StartAsync(options, control, first)).GetAwaiter().GetResult();
    }

    /// <summary>
    /// Shows a new state; from any thread, without waiting. What changed since the last one is announced in one signal
    /// for each object; when states come faster than the bus takes them, only the newest counts, and what ended before
    /// it. One thread may publish.
    /// </summary>
    public void Publish(Publication publication)
    {
        ArgumentNullException.ThrowIfNull(publication);
        if (Interlocked.Exchange(ref newest, null) is { } unseen) publication = publication.With(unseen.Plan.Ended);
        Interlocked.Exchange(ref newest, publication);
        turn.Post(ShowNewestAsync);
    }

    /// <summary>Sends what is queued and leaves the bus.</summary>
    public void Dispose()
    {
        leaving.TrySetResult();
        Task.WhenAny(Completion).GetAwaiter().GetResult(); // how it ended is for those who look at Completion
    }

    private static async Task<BusServer> StartAsync(BusOptions options, IControl control, Publication first)
    {
        BusConnection connection = await BusConnection.OpenAsync(new LocalBus(options.Address)).ConfigureAwait(false);
        BusServer? server = null;
        try
        {
            server = new BusServer(connection, await connection.GetIdAsync().ConfigureAwait(false), options, control);
            var shown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            server.turn.Post(() =>
            {
                server.objects.Show(first);
                server.tree.IsAnnouncing = true;
                shown.SetResult();
            });
            await (await Task.WhenAny(shown.Task, server.turn.Ended).ConfigureAwait(false)).ConfigureAwait(false);
            connection.Library.AddMethodHandler(server.router);
            await connection.TakeNameAsync(BusNames.Service).ConfigureAwait(false);
            server.Completion = server.ServeAsync();
            return server;
        }
        catch (Exception exception)
        {
            server?.turn.Complete();
            connection.Dispose();
            if (BusConnection.IsFailure(exception)) throw connection.Explain(exception);
            throw;
        }
    }

    /// <summary>
    /// The bus must have taken one state before the next is sent: what waits meanwhile is one publication, however long
    /// the bus hangs.
    /// </summary>
    private async Task ShowNewestAsync()
    {
        if (isShowing) return;
        isShowing = true;
        while (Interlocked.Exchange(ref newest, null) is { } publication)
        {
            objects.Show(publication);
            await connection.SettleAsync();
        }

        isShowing = false;
    }

    private async Task ServeAsync()
    {
        Task<Exception?> lost = connection.Library.DisconnectedAsync();
        await Task.WhenAny(lost, turn.Ended, leaving.Task).ConfigureAwait(false);
        bool isLost = lost.IsCompleted && !leaving.Task.IsCompleted;
        if (leaving.Task.IsCompleted && !lost.IsCompleted && !turn.Ended.IsFaulted)
        {
            await LeaveAsync().ConfigureAwait(false);
        }

        turn.Complete();
        connection.Dispose();
        questions.Dispose();
        if (turn.Ended.IsFaulted) await turn.Ended.ConfigureAwait(false);
        if (!isLost) return;
        string why = (await lost.ConfigureAwait(false))?.Message.TrimEnd('.') ?? "closed";
        throw new BusUnavailableException(
            BusUnavailableCause.Lost,
            $"the connection to the system bus is lost ({why}): see whether dbus runs (systemctl status dbus)");
    }

    private async Task LeaveAsync()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        turn.Post(async () =>
        {
            try
            {
                // In the turn, so that what was published before is sent; and a round trip, so that the bus has it.
                await questions.CancelAsync();
                if (Interlocked.Exchange(ref newest, null) is { } publication) objects.Show(publication);
                await connection.ReleaseNameAsync(BusNames.Service, LeavesWithin);
            }
            catch (Exception exception) when (BusConnection.IsFailure(exception))
            {
                // The bus hangs or has gone meanwhile.
            }
            finally
            {
                left.TrySetResult();
            }
        });
        await Task.WhenAny(left.Task, turn.Ended).ConfigureAwait(false);
    }
}

/// <summary>How to reach a bus of this machine.</summary>
public sealed record BusOptions
{
    /// <summary>
    /// A D-Bus address, such as <c>unix:path=/run/dbus/system_bus_socket</c>; null for the system bus, at
    /// DBUS_SYSTEM_BUS_ADDRESS or else its standard address.
    /// </summary>
    public string? Address { get; init; }

    /// <summary>
    /// How long polkit may take to answer the server where it asks nobody for a password; null for the usual 10 s.
    /// </summary>
    internal TimeSpan? PolkitAnswersWithin { get; init; }
}
