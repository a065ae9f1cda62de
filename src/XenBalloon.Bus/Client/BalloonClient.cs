using System.Collections.Concurrent;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Connections;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Core;

namespace XenBalloon.Bus.Client;

/// <summary>
/// Asks the daemon over the bus, for one caller at a time. Never has the bus start a daemon that does not run: looking
/// at a host must not begin to move its memory. Everything here throws a <see cref="ControlException"/> where the
/// daemon refuses or cannot be reached.
/// </summary>
public sealed class BalloonClient : IDisposable
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A change is answered when it is in force, which may be a pass later; before that, polkit may ask a person for a
    /// password.
    /// </summary>
    private static readonly TimeSpan ChangesWithin = TimeSpan.FromMinutes(5);

    private readonly BusConnection connection;
    private readonly ConcurrentDictionary<long, ReservationEnding> endings = [];
    private readonly SemaphoreSlim news = new(0, 1);
    private bool watching;

    private BalloonClient(BusConnection connection) => this.connection = connection;

    /// <summary>
    /// How reservations ended that no domain got, by number, as far as the daemon told while this client watched.
    /// </summary>
    public IReadOnlyDictionary<long, ReservationEnding> Endings => endings;

    /// <summary>Connects to a bus of this machine; whether the daemon runs shows with the first question.</summary>
    /// <param name="address">Its D-Bus address; null for the system bus.</param>
    public static BalloonClient Connect(string? address = null) => Connect(new LocalBus(address));

    /// <summary>Connects to the system bus of another host, through ssh.</summary>
    /// <param name="host">The host, as ssh takes it: <c>root@host</c>.</param>
    public static BalloonClient ConnectTo(string host) => Connect(new RemoteBus(host));

    private static BalloonClient Connect(BusTransport transport)
    {
        try
        {
            return new BalloonClient(BusConnection.OpenAsync(transport).GetAwaiter().GetResult());
        }
        catch (BusUnavailableException exception)
        {
            throw ClientErrors.Unreachable(exception);
        }
    }

    /// <summary>Reads everything: the host in one call, all domains and reservations in another.</summary>
    public HostStatus Read()
    {
        HostStatus host = Ask(
            BusMessage.GetAll(connection.Library, BusNames.Root, ManagerInterface.Name),
            "a{sv}",
            AnswersWithin,
            (ref reader) => HostStatus.Read(ref reader));
        return Ask(
            BusMessage.GetManagedObjects(connection.Library),
            "a{oa{sa{sv}}}",
            AnswersWithin,
            (ref reader) => ReadObjects(ref reader, host));
    }

    /// <summary>The domid of a domain, given by name, UUID or domid.</summary>
    public uint FindDomain(string nameOrUuidOrDomid)
    {
        string path = AskForPath(
            ManagerInterface.GetDomainCall(connection.Library, BusNames.Root, nameOrUuidOrDomid), AnswersWithin);
        return BusNames.DomidOf(path) ?? throw ClientErrors.NotUnderstood();
    }

    /// <summary>Changes the mode; returns when it is in force, as all changes do.</summary>
    public void SetMode(BalancerMode mode) =>
        Change(ManagerInterface.SetModeCall(connection.Library, BusNames.Root, Words.Of(mode)));

    /// <summary>Changes the policy, until the daemon ends.</summary>
    /// <param name="policy">Its name, as in the configuration.</param>
    public void SetPolicy(string policy) =>
        Change(ManagerInterface.SetPolicyCall(connection.Library, BusNames.Root, policy));

    /// <summary>Reloads the configuration; where it is invalid, the old one stays.</summary>
    public void Reload() => Change(ManagerInterface.ReloadCall(connection.Library, BusNames.Root));

    /// <summary>Makes a balancing pass now.</summary>
    public void Balance() => Change(ManagerInterface.BalanceCall(connection.Library, BusNames.Root));

    /// <summary>Changes settings of a domain, all or none of them.</summary>
    /// <param name="domid">The domain.</param>
    /// <param name="changes">The new values; null for a setting that is left to the configuration.</param>
    /// <param name="runtime">Whether they are forgotten with the daemon's end.</param>
    public void Set(uint domid, IReadOnlyDictionary<DomainSetting, long?> changes, bool runtime)
    {
        var settings = changes.ToDictionary(
            change => change.Key.Name, change => SettingVariant.Write(change.Key, change.Value));
        Change(
            DomainInterface.SetCall(connection.Library, BusNames.DomainPath(domid), settings, runtime),
            CallSubject.Domain(domid));
    }

    /// <summary>Balances a domain that was pinned, here or by <c>xl mem-set</c>.</summary>
    public void Unpin(uint domid) => Change(
        DomainInterface.UnpinCall(connection.Library, BusNames.DomainPath(domid)), CallSubject.Domain(domid));

    /// <summary>
    /// Sets memory aside for a domain that will start; it is released when this client ends, unless it is persistent.
    /// </summary>
    /// <returns>The reservation's number. Whether it is ready shows in <see cref="Read"/>.</returns>
    public long Reserve(ReservationRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var options = new Dictionary<string, VariantValue> { ["persistent"] = request.Persistent };
        if (request.Within is { } within) options["timeout"] = (ulong)Math.Ceiling(within.TotalSeconds);
        if (request.For.Length > 0) options["for"] = BusValue.Clean(request.For);
        string path = AskForPath(
            ManagerInterface.ReserveCall(
                connection.Library, BusNames.Root, request.Minimum, request.Maximum, options),
            ChangesWithin);
        return BusNames.ReservationOf(path) ?? throw ClientErrors.NotUnderstood();
    }

    /// <summary>Gives a reservation that is ready to a domain.</summary>
    public void Transfer(long reservation, uint domid) => Change(
        ReservationInterface.TransferCall(connection.Library, BusNames.ReservationPath(reservation), domid),
        CallSubject.Reservation(reservation));

    /// <summary>Ends a reservation.</summary>
    public void Cancel(long reservation) => Change(
        ReservationInterface.CancelCall(connection.Library, BusNames.ReservationPath(reservation)),
        CallSubject.Reservation(reservation));

    /// <summary>
    /// Waits until the daemon shows something new since the last call; the first call only begins to listen.
    /// </summary>
    /// <returns>Whether it did before the time was over.</returns>
    public bool WaitForChange(TimeSpan limit)
    {
        if (watching) return Wait(limit);
        watching = true;
        Listen(new MatchRule { Type = MessageType.Signal, Sender = BusNames.Service, PathNamespace = BusNames.Root });
        Listen(new MatchRule
        {
            Type = MessageType.Signal,
            Sender = "org.freedesktop.DBus",
            Member = "NameOwnerChanged",
            Arg0 = BusNames.Service,
        });
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        connection.Dispose();
        news.Dispose();
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
        // A lost connection counts as news: the next question says what happened.
        if (!news.Wait(limit)) return false;
        Task<Exception?> lost = connection.Library.DisconnectedAsync();
        if (lost.IsCompleted)
        {
            var loss = new DBusConnectionClosedException(lost.Result?.Message ?? "closed");
            throw ClientErrors.Unreachable(connection.Explain(loss));
        }

        return true;
    }

    private void Listen(MatchRule rule) => Guard(() => connection.Library.AddMatchAsync(
        rule,
        static (message, _) => ManagerInterface.IsReservationFailed(message)
            ? ManagerInterface.ReadReservationFailed(message)
            : default,
        (Notification<(string Reservation, string State, string Reason)> told) =>
        {
            if (told.HasValue && told.Value.Reservation is { } path && BusNames.ReservationOf(path) is { } id)
            {
                endings[id] = new ReservationEnding(told.Value.State, told.Value.Reason);
            }

            Tell();
        },
        emitOnCapturedContext: false,
        flags: ObserverFlags.EmitOnConnectionFailed | ObserverFlags.EmitOnConnectionClosed)
            .AsTask().WaitAsync(AnswersWithin));

    /// <summary>However much is new, one look at the host shows it all.</summary>
    private void Tell()
    {
        try
        {
            news.Release();
        }
        catch (Exception exception) when (exception is SemaphoreFullException or ObjectDisposedException)
        {
            // There was news already, or no caller waits for it any more.
        }
    }

    private string AskForPath(MessageBuffer call, TimeSpan limit) =>
        Ask(call, "o", limit, static (ref reader) => reader.ReadObjectPathAsString());

    /// <param name="call">The call.</param>
    /// <param name="subject">What it changes, which may be gone by now; null for the host.</param>
    private void Change(MessageBuffer call, CallSubject? subject = null) =>
        Ask(call, "", ChangesWithin, static (ref _) => true, subject);

    private T Ask<T>(
        MessageBuffer call,
        string signature,
        TimeSpan limit,
        ReadBody<T> read,
        CallSubject? subject = null) => Guard(
            () => connection.Library.CallMethodAsync(
                call,
                (message, _) =>
                {
                    if ((message.SignatureAsString ?? "") != signature) throw ClientErrors.NotUnderstood();
                    Reader reader = message.GetBodyReader();
                    return read(ref reader);
                }).WaitAsync(limit),
            subject);

    private T Guard<T>(Func<Task<T>> ask, CallSubject? subject = null)
    {
        try
        {
            return ask().GetAwaiter().GetResult();
        }
        catch (DBusErrorReplyException exception)
        {
            throw ClientErrors.Refused(exception, subject);
        }
        catch (DBusMessageException exception)
        {
            throw ClientErrors.NotUnderstood(exception);
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

/// <summary>How a reservation ended that no domain got.</summary>
/// <param name="State">
/// <c>cancelled</c>, <c>expired</c>, <c>owner-left</c>, <c>domain-died</c> or <c>abandoned</c>.
/// </param>
/// <param name="Reason">How it stood, in one line.</param>
public sealed record ReservationEnding(string State, string Reason)
{
    /// <summary>Whether its memory did not become free in time.</summary>
    public bool IsExpired => State == Words.Of(ReservationState.Expired);
}
