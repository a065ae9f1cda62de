using XenBalloon.Bus.Connections;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core;

namespace XenBalloon.Bus.Server;

/// <summary>How to reach a bus on this machine.</summary>
public sealed record BusOptions
{
    /// <summary>
    /// A D-Bus address, such as <c>unix:path=/run/dbus/system_bus_socket</c>; null for the system bus, at
    /// DBUS_SYSTEM_BUS_ADDRESS or its standard address.
    /// </summary>
    public string? Address { get; init; }

    /// <summary>
    /// How long polkit may take to answer when it does not ask for a password; null for the default of 10 s.
    /// </summary>
    internal TimeSpan? PolkitTimeout { get; init; }
}

/// <summary>
/// The daemon's end of the bus: publishes the state of the balancer, and passes requests to <see cref="IControl"/>.
/// </summary>
public sealed class BusServer : IDisposable
{
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PolkitTimeout = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource authorizations = new();
    private readonly SerialQueue queue = new();
    private readonly BusConnection connection, connectionForRoot;
    private readonly ObjectTree tree;
    private readonly CallRouter router;
    private readonly PublishedObjects objects;
    private PendingPublication? pending;
    private bool isPublishing;

    private BusServer(
        BusConnection connection, BusConnection connectionForRoot, string busId, BusOptions options, IControl control)
    {
        (this.connection, this.connectionForRoot) = (connection, connectionForRoot);
        var polkit = new Polkit(connection.Library, options.PolkitTimeout ?? PolkitTimeout, authorizations.Token);
        tree = new ObjectTree(connection.Library);
        router = new CallRouter(tree, new Authorization(polkit));
        objects = new PublishedObjects(tree, new OwnerWatcher(connection, busId, control), control);
        tree.BringUpToDate = () => objects.Refresh(Volatile.Read(ref pending)?.Publication);
    }

    /// <summary>
    /// Completes when the server is disposed; fails with a <see cref="BusUnavailableException"/> whose cause is
    /// <see cref="BusUnavailableCause.Lost"/> if the connection ends first. Only a new server can connect again.
    /// </summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// Connects, publishes the objects and takes the bus names. On return the server answers calls.
    /// </summary>
    /// <param name="options">The bus.</param>
    /// <param name="control">Carries out requests.</param>
    /// <param name="first">
    /// The first state; <see cref="Publication.Version"/> and <see cref="Publication.Host"/> must never change later.
    /// </param>
    /// <exception cref="BusUnavailableException">
    /// The bus cannot be reached, or the name is taken or denied. The connection is closed.
    /// </exception>
    public static BusServer Start(BusOptions options, IControl control, Publication first)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(first);
        return Task.Run(() => StartAsync(options, control, first)).GetAwaiter().GetResult();
    }

    /// <summary>
    /// Publishes a new state without blocking. Each object announces its changes in one signal. If states come faster
    /// than the bus accepts them, only the newest is sent, with all reservations that ended in between. Callable from
    /// any thread, but from one at a time.
    /// </summary>
    public void Publish(Publication publication)
    {
        Hold(publication, isAnnounced: true);
    }

    /// <summary>
    /// Keeps a new state that is not worth a signal: clients that read get it, and the next <see cref="Publish"/>
    /// announces its changes too. Callable as <see cref="Publish"/>.
    /// </summary>
    public void Keep(Publication publication) => Hold(publication, isAnnounced: false);

    /// <summary>Sends the pending state and disconnects.</summary>
    public void Dispose()
    {
        stopping.TrySetResult();
        Task.WhenAny(Completion).GetAwaiter().GetResult(); // Completion itself reports a failure
    }

    private static async Task<BusServer> StartAsync(BusOptions options, IControl control, Publication first)
    {
        MessageFilter filter = new(), filterForRoot = new();
        BusConnection? connection = null, connectionForRoot = null;
        BusServer? server = null;
        try
        {
            connection = await BusConnection.OpenAsync(new LocalBus(options.Address, filter)).ConfigureAwait(false);
            connectionForRoot =
                await BusConnection.OpenAsync(new LocalBus(options.Address, filterForRoot)).ConfigureAwait(false);
            string busId = await connection.GetIdAsync().ConfigureAwait(false);
            server = new BusServer(connection, connectionForRoot, busId, options, control);
            var published = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            server.queue.Post(() =>
            {
                server.objects.Show(first);
                server.tree.IsAnnouncing = true;
                published.SetResult();
            });
            await (await Task.WhenAny(published.Task, server.queue.Completion).ConfigureAwait(false))
                .ConfigureAwait(false);
            server.ServeCalls(connection, filter);
            server.ServeCalls(connectionForRoot, filterForRoot);
            await connection.RequestNameAsync(BusNames.Service).ConfigureAwait(false);
            await connectionForRoot.RequestNameAsync(BusNames.ServiceForRoot).ConfigureAwait(false);
            server.Completion = server.ServeAsync();
            return server;
        }
        catch (Exception exception)
        {
            server?.queue.Complete();
            BusUnavailableException? unavailable =
                BusConnection.IsFailure(exception) ? connection?.Explain(exception) : null;
            connection?.Dispose();
            connectionForRoot?.Dispose();
            if (unavailable is not null) throw unavailable;
            throw;
        }
    }

    private void ServeCalls(BusConnection from, MessageFilter filter)
    {
        var calls = new CallQueue(from, queue, router);
        from.Library.AddMethodHandler(calls);
        filter.Gate = calls;
    }

    /// <summary>
    /// Sends a state only after the bus has accepted the one before, so that no more than one publication waits while
    /// the bus hangs.
    /// </summary>
    private async Task PublishPendingAsync()
    {
        if (isPublishing) return;
        isPublishing = true;
        while (Interlocked.Exchange(ref pending, null) is { } next)
        {
            objects.Show(next.Publication);
            await connection.FlushAsync();
        }

        isPublishing = false;
    }

    private void Hold(Publication publication, bool isAnnounced)
    {
        ArgumentNullException.ThrowIfNull(publication);
        if (Interlocked.Exchange(ref pending, null) is { } skipped)
        {
            publication = publication.With(skipped.Publication.Plan.Ended);
            isAnnounced |= skipped.IsAnnounced;
        }

        Interlocked.Exchange(ref pending, new PendingPublication(publication, isAnnounced));
        if (isAnnounced) queue.Post(PublishPendingAsync);
    }

    private async Task ServeAsync()
    {
        Task<Task<Exception?>> lost = Task.WhenAny(
            connection.Library.DisconnectedAsync(), connectionForRoot.Library.DisconnectedAsync());
        await Task.WhenAny(lost, queue.Completion, stopping.Task).ConfigureAwait(false);
        bool isLost = lost.IsCompleted && !stopping.Task.IsCompleted;
        if (stopping.Task.IsCompleted && !lost.IsCompleted && !queue.Completion.IsFaulted)
        {
            await LeaveAsync().ConfigureAwait(false);
        }

        queue.Complete();
        connection.Dispose();
        connectionForRoot.Dispose();
        authorizations.Dispose();
        if (queue.Completion.IsFaulted) await queue.Completion.ConfigureAwait(false);
        if (!isLost) return;
        Task<Exception?> first = await lost.ConfigureAwait(false);
        string why = (await first.ConfigureAwait(false))?.Message.TrimEnd('.') ?? "closed";
        throw new BusUnavailableException(
            BusUnavailableCause.Lost,
            $"lost the connection to the system bus ({why}): check that dbus runs (systemctl status dbus)");
    }

    private async Task LeaveAsync()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Post(async () =>
        {
            try
            {
                // On the queue, so that earlier publications are sent first; releasing the name waits for the bus.
                await authorizations.CancelAsync();
                if (Interlocked.Exchange(ref pending, null) is { } last) objects.Show(last.Publication);
                await Task.WhenAll(
                    connection.ReleaseNameAsync(BusNames.Service, ReleaseTimeout),
                    connectionForRoot.ReleaseNameAsync(BusNames.ServiceForRoot, ReleaseTimeout));
            }
            catch (Exception exception) when (BusConnection.IsFailure(exception))
            {
                // The bus hangs, or the connection has ended.
            }
            finally
            {
                left.TrySetResult();
            }
        });
        await Task.WhenAny(left.Task, queue.Completion).ConfigureAwait(false);
    }

    /// <summary>A state that waits to be sent.</summary>
    /// <param name="Publication">The state.</param>
    /// <param name="IsAnnounced">Whether it is sent as soon as the bus accepts it; otherwise with the next.</param>
    private sealed record PendingPublication(Publication Publication, bool IsAnnounced);
}
