using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Connections;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Client;

/// <summary>
/// A client of the daemon; not thread-safe. Never makes the bus start the daemon: reading a host's state must not begin
/// to move its memory. Every member throws a <see cref="ControlException"/> if the daemon refuses or cannot be reached.
/// </summary>
public sealed class BalloonClient : IDisposable
{
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Long, because the reply to a change comes when it is in force, up to a pass later, and because polkit may first
    /// ask for a password.
    /// </summary>
    private static readonly TimeSpan ChangeTimeout = TimeSpan.FromMinutes(5);

    private readonly BusConnection connection;
    private readonly BusPeer daemon;
    private readonly ConcurrentDictionary<long, ReservationResult> results = [];
    private readonly SemaphoreSlim changed = new(0, 1);
    private bool subscribed;

    private BalloonClient(BusConnection connection, string name)
    {
        this.connection = connection;
        this.daemon = new BusPeer(connection.Library, name);
    }

    /// <summary>
    /// The results of reservations that ended without a domain while this client waited for changes, by number.
    /// </summary>
    public IReadOnlyDictionary<long, ReservationResult> ReservationResults => results;

    /// <summary>Connects to a bus on this machine. The first call shows whether the daemon runs.</summary>
    /// <param name="address">Its D-Bus address; null for the system bus.</param>
    public static BalloonClient Connect(string? address = null) => Connect(new LocalBus(address), BusTransport.IsRoot);

    /// <summary>Connects to the system bus of another host, through ssh.</summary>
    /// <param name="host">The host, as ssh accepts it: <c>root@host</c>.</param>
    public static BalloonClient ConnectTo(string host) => Connect(new RemoteBus(host), isRoot: false);

    private static BalloonClient Connect(BusTransport transport, bool isRoot)
    {
        try
        {
            return ConnectAsync(transport, isRoot).GetAwaiter().GetResult();
        }
        catch (BusUnavailableException exception)
        {
            throw ClientErrors.Unreachable(exception);
        }
    }

    private static async Task<BalloonClient> ConnectAsync(BusTransport transport, bool isRoot)
    {
        BusConnection connection = await BusConnection.OpenAsync(transport).ConfigureAwait(false);
        try
        {
            bool usesOwn = isRoot && await connection.IsPresentAsync(BusNames.ServiceForRoot).ConfigureAwait(false);
            return new BalloonClient(connection, usesOwn ? BusNames.ServiceForRoot : BusNames.Service);
        }
        catch (Exception exception) when (BusConnection.IsFailure(exception))
        {
            BusUnavailableException unavailable = connection.Explain(exception);
            connection.Dispose();
            throw unavailable;
        }
    }

    /// <summary>Reads the whole state: the host in one call, all domains and reservations in another.</summary>
    public HostStatus Read()
    {
        HostStatus host = Call(
            BusMessage.GetAll(daemon, BusNames.Root, ManagerInterface.Name),
            "a{sv}",
            ReplyTimeout,
            (ref reader) => HostStatus.Read(ref reader));
        return Call(
            BusMessage.GetManagedObjects(daemon),
            "a{oa{sa{sv}}}",
            ReplyTimeout,
            (ref reader) => ReadObjects(ref reader, host));
    }

    /// <summary>Finds a domain by name, UUID or domid.</summary>
    /// <returns>Its domid.</returns>
    public uint FindDomain(string nameOrUuidOrDomid)
    {
        string path = CallForPath(
            ManagerInterface.GetDomainCall(daemon, BusNames.Root, nameOrUuidOrDomid), ReplyTimeout);
        return BusNames.DomidOf(path) ?? throw ClientErrors.UnexpectedReply();
    }

    /// <summary>Changes the mode until the daemon stops; returns when it is in force, like all changes.</summary>
    public void SetMode(BalancerMode mode) =>
        Change(ManagerInterface.SetModeCall(daemon, BusNames.Root, EnumText.Of(mode)));

    /// <summary>Changes the policy until the daemon stops.</summary>
    /// <param name="policy">Its name in the configuration.</param>
    public void SetPolicy(string policy) =>
        Change(ManagerInterface.SetPolicyCall(daemon, BusNames.Root, policy));

    /// <summary>Reloads the configuration; keeps the old settings if it is invalid.</summary>
    public void Reload() => Change(ManagerInterface.ReloadCall(daemon, BusNames.Root));

    /// <summary>Runs a balancing pass now.</summary>
    public void Balance() => Change(ManagerInterface.BalanceCall(daemon, BusNames.Root));

    /// <summary>
    /// Gives every managed domain back what it booted with, as far as memory allows, then pauses the balancing.
    /// </summary>
    /// <param name="limit">The longest time that it may take, in whole seconds from 1 to 3600.</param>
    /// <returns>The domains that have less, each with its reason, in a line each.</returns>
    public ImmutableArray<string> Restore(TimeSpan limit) => Call(
        ManagerInterface.RestoreCall(daemon, BusNames.Root, (uint)limit.TotalSeconds),
        "as",
        ChangeTimeout + limit,
        static (ref reader) => reader.ReadArrayOfString().ToImmutableArray());

    /// <summary>Changes settings of a domain, either all of them or none.</summary>
    /// <param name="domid">The domain.</param>
    /// <param name="changes">The new values; null restores the configured value.</param>
    /// <param name="runtime">Whether the changes last only until the daemon stops.</param>
    public void Set(uint domid, IReadOnlyDictionary<DomainSetting, long?> changes, bool runtime)
    {
        var settings = changes.ToDictionary(
            change => change.Key.Name, change => SettingVariant.Write(change.Key, change.Value));
        Change(
            DomainInterface.SetCall(daemon, BusNames.DomainPath(domid), settings, runtime),
            CallTarget.Domain(domid));
    }

    /// <summary>Balances a domain again that was pinned through the bus or by <c>xl mem-set</c>.</summary>
    public void Unpin(uint domid) => Change(
        DomainInterface.UnpinCall(daemon, BusNames.DomainPath(domid)), CallTarget.Domain(domid));

    /// <summary>
    /// Has the daemon write nothing to a domain that is about to be saved or migrated, as long as this client exists.
    /// </summary>
    public void Hold(uint domid) => Change(
        DomainInterface.HoldCall(daemon, BusNames.DomainPath(domid)), CallTarget.Domain(domid));

    /// <summary>Ends <see cref="Hold"/>; no effect without it.</summary>
    public void Release(uint domid) => Change(
        DomainInterface.ReleaseCall(daemon, BusNames.DomainPath(domid)), CallTarget.Domain(domid));

    /// <summary>
    /// Reserves memory for a domain that will start. Unless persistent, the reservation ends with this client.
    /// </summary>
    /// <returns>The reservation's number. <see cref="Read"/> shows when it is ready.</returns>
    public long Reserve(ReservationRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var options = new Dictionary<string, VariantValue> { ["persistent"] = request.Persistent };
        if (request.Within is { } within) options["timeout"] = (ulong)Math.Ceiling(within.TotalSeconds);
        if (request.ExpiresAfter is { } after) options["expire"] = (ulong)Math.Ceiling(after.TotalSeconds);
        if (request.For.Length > 0) options["for"] = BusValue.Sanitize(request.For);
        string path = CallForPath(
            ManagerInterface.ReserveCall(
                daemon, BusNames.Root, request.Minimum, request.Maximum, options),
            ChangeTimeout);
        return BusNames.ReservationOf(path) ?? throw ClientErrors.UnexpectedReply();
    }

    /// <summary>Assigns a ready reservation to a domain.</summary>
    public void Transfer(long reservation, uint domid) => Change(
        ReservationInterface.TransferCall(daemon, BusNames.ReservationPath(reservation), domid),
        CallTarget.Reservation(reservation));

    /// <summary>Cancels a reservation.</summary>
    public void Cancel(long reservation) => Change(
        ReservationInterface.CancelCall(daemon, BusNames.ReservationPath(reservation)),
        CallTarget.Reservation(reservation));

    /// <summary>
    /// Waits until the daemon's state changes after the previous call; the first call subscribes and returns true.
    /// </summary>
    /// <returns>Whether it changed within the time limit.</returns>
    public bool WaitForChange(TimeSpan limit)
    {
        if (subscribed) return Wait(limit);
        subscribed = true;
        Subscribe(new MatchRule
        {
            Type = MessageType.Signal,
            Sender = BusNames.Service,
            PathNamespace = BusNames.Root,
        });
        Subscribe(new MatchRule
        {
            Type = MessageType.Signal,
            Sender = "org.freedesktop.DBus",
            Member = "NameOwnerChanged",
            Arg0 = BusNames.Service,
        });
        return true;
    }

    /// <summary>
    /// Waits until the signals have arrived that the daemon sent before its last reply. To root it replies on another
    /// connection than that of the signals.
    /// </summary>
    public void AwaitSignals()
    {
        if (daemon.Name == BusNames.Service) return;
        Call(
            BusMessage.Ping(daemon with { Name = BusNames.Service }), "", ReplyTimeout, static (ref _) => true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        connection.Dispose();
        changed.Dispose();
    }

    private static HostStatus ReadObjects(ref Reader reader, HostStatus host)
    {
        var domains = new List<DomainStatus>();
        var reservations = new List<ReservationStatus>();
        ArrayEnd objects = reader.ReadDictionaryStart();
        while (reader.HasNext(objects))
        {
            string path = reader.ReadObjectPathAsString();
            ArrayEnd interfaces = reader.ReadDictionaryStart();
            while (reader.HasNext(interfaces))
            {
                switch (reader.ReadString())
                {
                    case DomainInterface.Name:
                        domains.Add(DomainStatus.Read(ref reader).WithReportAge());
                        break;
                    case ReservationInterface.Name when BusNames.ReservationOf(path) is { } id:
                        reservations.Add(ReservationStatus.Read(ref reader) with { Id = id });
                        break;
                    default:
                        reader.ReadDictionaryOfStringToVariantValue();
                        break;
                }
            }
        }

        return host with
        {
            Domains = [.. domains.OrderBy(domain => domain.Domid)],
            Reservations = [.. reservations.OrderBy(reservation => reservation.Id)],
        };
    }

    private bool Wait(TimeSpan limit)
    {
        // A lost connection also ends the wait.
        if (!changed.Wait(limit)) return false;
        Task<Exception?> lost = connection.Library.DisconnectedAsync();
        if (lost.IsCompleted)
        {
            var loss = new DBusConnectionClosedException(lost.Result?.Message ?? "closed");
            throw ClientErrors.Unreachable(connection.Explain(loss));
        }

        return true;
    }

    private void Subscribe(MatchRule rule) => Run(() => connection.Library.AddMatchAsync(
        rule,
        static (message, _) => ManagerInterface.IsReservationFailed(message)
            ? ManagerInterface.ReadReservationFailed(message)
            : default,
        (Notification<(string Reservation, string State, string Reason)> failed) =>
        {
            if (failed.HasValue && failed.Value.Reservation is { } path && BusNames.ReservationOf(path) is { } id)
            {
                results[id] = new ReservationResult(failed.Value.State, failed.Value.Reason);
            }

            OnChange();
        },
        emitOnCapturedContext: false,
        flags: ObserverFlags.EmitOnConnectionFailed | ObserverFlags.EmitOnConnectionClosed)
            .AsTask().WaitAsync(ReplyTimeout));

    /// <summary>Many changes release one wait, as one <see cref="Read"/> shows them all.</summary>
    private void OnChange()
    {
        try
        {
            changed.Release();
        }
        catch (Exception exception) when (exception is SemaphoreFullException or ObjectDisposedException)
        {
            // A change is pending already, or the client is disposed.
        }
    }

    private string CallForPath(MessageBuffer call, TimeSpan limit) =>
        Call(call, "o", limit, static (ref reader) => reader.ReadObjectPathAsString());

    /// <param name="call">The call.</param>
    /// <param name="target">The object that it changes, which may have been removed; null for the host.</param>
    private void Change(MessageBuffer call, CallTarget? target = null) =>
        Call(call, "", ChangeTimeout, static (ref _) => true, target);

    private T Call<T>(
        MessageBuffer call,
        string signature,
        TimeSpan limit,
        ReadBody<T> read,
        CallTarget? target = null) => Run(
            () => connection.Library.CallMethodAsync(
                call,
                (message, _) =>
                {
                    if ((message.SignatureAsString ?? "") != signature) throw ClientErrors.UnexpectedReply();
                    Reader reader = message.GetBodyReader();
                    return read(ref reader);
                }).WaitAsync(limit),
            target);

    private T Run<T>(Func<Task<T>> call, CallTarget? target = null)
    {
        try
        {
            return call().GetAwaiter().GetResult();
        }
        catch (DBusErrorReplyException exception)
        {
            throw ClientErrors.FromReply(exception, target);
        }
        catch (DBusMessageException exception)
        {
            throw ClientErrors.UnexpectedReply(exception);
        }
        catch (TimeoutException exception)
        {
            throw new ControlException(
                ControlError.Failed,
                "xenballoond did not answer: see its log (journalctl -u xenballoond)",
                exception);
        }
        catch (Exception exception) when (BusConnection.IsFailure(exception))
        {
            throw ClientErrors.Unreachable(connection.Explain(exception));
        }
    }

    private delegate T ReadBody<T>(ref Reader reader);
}

/// <summary>The result of a reservation that ended without a domain.</summary>
/// <param name="State">
/// <c>cancelled</c>, <c>expired</c>, <c>owner-left</c>, <c>domain-died</c> or <c>abandoned</c>.
/// </param>
/// <param name="Reason">Its last state, explained in one line.</param>
public sealed record ReservationResult(string State, string Reason)
{
    /// <summary>Whether its memory was not free by its deadline.</summary>
    public bool IsExpired => State == EnumText.Of(ReservationState.Expired);
}
