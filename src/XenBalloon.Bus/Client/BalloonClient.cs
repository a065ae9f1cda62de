using XenBalloon.Bus.Definitions;
using XenBalloon.Bus.Objects;
using XenBalloon.Bus.SdBus;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Client;

/// <summary>
/// Asks the daemon over the bus, for one caller at a time. Never has the bus start a daemon that does not run: looking at a host must not begin to
/// move its memory.
/// </summary>
public sealed class BalloonClient : IDisposable
{
    private const string PropertiesInterface = "org.freedesktop.DBus.Properties";
    private const string ObjectManagerInterface = "org.freedesktop.DBus.ObjectManager";
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(10);

    /// <summary>A change is answered when it holds, which may be a step later; before that, polkit may ask a person for a password.</summary>
    private static readonly TimeSpan ChangesWithin = TimeSpan.FromMinutes(5);

    private readonly SdBusConnection connection;
    private readonly BusOptions options;
    private readonly Dictionary<long, ReservationEnding> endings = [];
    private bool watching;

    private BalloonClient(SdBusConnection connection, BusOptions options)
    {
        this.connection = connection;
        this.options = options;
    }

    /// <summary>How reservations ended that came to nothing, by number, as far as <see cref="WaitForChange"/> was told.</summary>
    public IReadOnlyDictionary<long, ReservationEnding> Endings => endings;

    /// <summary>Connects to the bus; whether the daemon runs shows with the first question.</summary>
    /// <exception cref="BalloonClientException">There is no bus.</exception>
    public static BalloonClient Connect(BusOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return new BalloonClient(Connecting.Open(options), options);
        }
        catch (BusUnavailableException exception)
        {
            throw ClientErrors.From(exception);
        }
    }

    /// <summary>Reads everything: the host in one call, all domains and reservations in another.</summary>
    /// <exception cref="BalloonClientException">The daemon cannot be asked.</exception>
    public HostStatus Read()
    {
        using Message manager = Call(Names.Root, PropertiesInterface, "GetAll", AnswersWithin, Names.ManagerInterface);
        using Message managed = Call(Names.Root, ObjectManagerInterface, "GetManagedObjects", AnswersWithin);
        return Understand(() =>
        {
            (List<DomainStatus> domains, List<ReservationStatus> reservations) = StatusReader.ReadObjects(managed);
            return StatusReader.ToHost(manager.ReadProperties(), domains, reservations);
        });
    }

    /// <summary>The domid of the domain that is meant.</summary>
    /// <exception cref="BalloonClientException">There is none, or more than one, or the daemon cannot be asked.</exception>
    public uint FindDomain(string nameOrUuidOrDomid)
    {
        using Message answer = CallManager("GetDomain", AnswersWithin, nameOrUuidOrDomid);
        return Understand(() => StatusReader.DomidOf(answer.Read(BusValue.Path).AsText()));
    }

    /// <summary>Changes the mode; returns when it holds, as all changes do.</summary>
    /// <exception cref="BalloonClientException">The caller may not, or the daemon cannot be asked.</exception>
    public void SetMode(BalancerMode mode) => Change(Names.Root, Names.ManagerInterface, "SetMode", Words.For(mode));

    /// <summary>Changes the policy, until the daemon ends.</summary>
    /// <param name="policy">Its name, as in the configuration.</param>
    /// <exception cref="BalloonClientException">There is no such policy, the caller may not, or the daemon cannot be asked.</exception>
    public void SetPolicy(string policy) => Change(Names.Root, Names.ManagerInterface, "SetPolicy", policy);

    /// <summary>Has the configuration read anew.</summary>
    /// <exception cref="BalloonClientException">It is bad, and the old one stays; or the caller may not, or the daemon cannot be asked.</exception>
    public void Reload() => Change(Names.Root, Names.ManagerInterface, "Reload");

    /// <summary>Has a step taken now.</summary>
    /// <exception cref="BalloonClientException">The caller may not, or the daemon cannot be asked.</exception>
    public void Balance() => Change(Names.Root, Names.ManagerInterface, "Balance");

    /// <summary>Changes a domain's range; what is null is what the configuration says again.</summary>
    /// <param name="domid">The domain.</param>
    /// <param name="minimum">dynamic-min.</param>
    /// <param name="maximum">dynamic-max.</param>
    /// <param name="runtime">Whether it is forgotten with the daemon's end.</param>
    /// <exception cref="BalloonClientException">It cannot be meant, the caller may not, or the daemon cannot be asked.</exception>
    public void SetRange(uint domid, KiB? minimum, KiB? maximum, bool runtime) =>
        ChangeDomain(domid, "SetRange", Sizes.ToBus(minimum), Sizes.ToBus(maximum), runtime);

    /// <summary>Changes a domain's dynamic-min alone; null for what the configuration says.</summary>
    /// <exception cref="BalloonClientException">It cannot be meant, the caller may not, or the daemon cannot be asked.</exception>
    public void SetMinimum(uint domid, KiB? minimum, bool runtime) => ChangeDomain(domid, "SetMinimum", Sizes.ToBus(minimum), runtime);

    /// <summary>Changes a domain's dynamic-max alone; null for what the configuration says.</summary>
    /// <exception cref="BalloonClientException">It cannot be meant, the caller may not, or the daemon cannot be asked.</exception>
    public void SetMaximum(uint domid, KiB? maximum, bool runtime) => ChangeDomain(domid, "SetMaximum", Sizes.ToBus(maximum), runtime);

    /// <summary>Changes a domain's shares; null for what the configuration says.</summary>
    /// <exception cref="BalloonClientException">It cannot be meant, the caller may not, or the daemon cannot be asked.</exception>
    public void SetWeight(uint domid, uint? weight, bool runtime) => ChangeDomain(domid, "SetWeight", weight ?? 0, runtime);

    /// <summary>Says whether a domain's memory may be moved.</summary>
    /// <exception cref="BalloonClientException">The caller may not, or the daemon cannot be asked.</exception>
    public void SetManaged(uint domid, bool managed, bool runtime) => ChangeDomain(domid, "SetManaged", managed, runtime);

    /// <summary>Says which size a domain should have.</summary>
    /// <exception cref="BalloonClientException">It cannot be meant, the caller may not, or the daemon cannot be asked.</exception>
    public void Pin(uint domid, KiB size, bool runtime) => ChangeDomain(domid, "Pin", Sizes.ToBus(size), runtime);

    /// <summary>Has a domain balanced that was pinned, here or by <c>xl mem-set</c>.</summary>
    /// <exception cref="BalloonClientException">The configuration pins it, the caller may not, or the daemon cannot be asked.</exception>
    public void Unpin(uint domid) => ChangeDomain(domid, "Unpin");

    /// <summary>Has memory set aside for a domain yet to come; it is released when this client ends, unless it is persistent.</summary>
    /// <param name="minimum">Without this much the domain cannot be started.</param>
    /// <param name="maximum">More than this is of no use to it.</param>
    /// <param name="timeout">In which time the minimum must be free, in whole seconds; zero for at once, null for as long as it takes.</param>
    /// <param name="persistent">Whether it stays when this client ends.</param>
    /// <param name="domain">The name or UUID of the domain that it is for: it gets the memory as soon as it is there. Empty where that is not known.</param>
    /// <returns>The reservation's number. Whether it is ready shows in <see cref="Read"/>.</returns>
    /// <exception cref="BalloonClientException">There is not so much memory, the caller may not, or the daemon cannot be asked.</exception>
    public long Reserve(KiB minimum, KiB maximum, TimeSpan? timeout, bool persistent, string domain)
    {
        var wishes = new Dictionary<string, BusValue>(StringComparer.Ordinal) { ["persistent"] = persistent };
        if (timeout is { } within) wishes["timeout"] = (ulong)Math.Ceiling(within.TotalSeconds);
        if (domain.Length > 0) wishes["for"] = domain;
        using Message answer = CallManager("Reserve", ChangesWithin, Sizes.ToBus(minimum), Sizes.ToBus(maximum), BusValue.Dictionary(wishes));
        return Understand(() => StatusReader.ReservationOf(answer.Read(BusValue.Path).AsText()));
    }

    /// <summary>Gives a reservation that is ready to a domain.</summary>
    /// <exception cref="BalloonClientException">It is not ready or there is none, there is no such domain, the caller may not, or the daemon cannot be asked.</exception>
    public void Transfer(long reservation, uint domid) => ChangeReservation(reservation, "Transfer", domid);

    /// <summary>Ends a reservation.</summary>
    /// <exception cref="BalloonClientException">There is none, the caller may not, or the daemon cannot be asked.</exception>
    public void Cancel(long reservation) => ChangeReservation(reservation, "Cancel");

    /// <summary>Waits until the daemon shows something new; the first call only begins to look.</summary>
    /// <returns>Whether it did before the time was over.</returns>
    /// <exception cref="BalloonClientException">The bus is lost.</exception>
    public bool WaitForChange(TimeSpan limit) => Understand(() =>
    {
        if (watching) return connection.WaitForSignal(limit, Note);
        watching = true;
        connection.CallBus("AddMatch", $"type='signal',sender='{Names.Service}',path_namespace='{Names.Root}'").Dispose();
        connection.CallBus("AddMatch", $"type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{Names.Service}'").Dispose();
        return true;
    });

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private void Note(Message signal)
    {
        if (signal.Member != ManagerInterface.ReservationFailed) return;
        string path = signal.Read(BusValue.Path).AsText(), state = signal.Read(BusValue.String).AsText(), reason = signal.Read(BusValue.String).AsText();
        endings[StatusReader.ReservationOf(path)] = new ReservationEnding(state, reason);
    }

    private void ChangeDomain(uint domid, string member, params ReadOnlySpan<BusValue> arguments)
    {
        try
        {
            Change(Names.DomainPath((int)domid), Names.DomainInterface, member, arguments);
        }
        catch (BalloonClientException exception) when (exception.Cause == BalloonClientCause.NoSuchObject)
        {
            throw new BalloonClientException(BalloonClientCause.NoSuchDomain, $"domain {domid} has just gone", exception);
        }
    }

    private void ChangeReservation(long id, string member, params ReadOnlySpan<BusValue> arguments)
    {
        try
        {
            Change(Names.ReservationPath(id), Names.ReservationInterface, member, arguments);
        }
        catch (BalloonClientException exception) when (exception.Cause == BalloonClientCause.NoSuchObject)
        {
            throw new BalloonClientException(
                BalloonClientCause.Failed, $"there is no reservation {id}, or it has ended: 'xenballoon reservations' shows those there are", exception);
        }
    }

    private void Change(string path, string interfaceName, string member, params ReadOnlySpan<BusValue> arguments) =>
        Call(path, interfaceName, member, ChangesWithin, arguments).Dispose();

    private Message CallManager(string member, TimeSpan timeout, params ReadOnlySpan<BusValue> arguments) =>
        Call(Names.Root, Names.ManagerInterface, member, timeout, arguments);

    private Message Call(string path, string interfaceName, string member, TimeSpan timeout, params ReadOnlySpan<BusValue> arguments)
    {
        try
        {
            return connection.Call(Names.Service, path, interfaceName, member, timeout, arguments);
        }
        catch (CallErrorException exception)
        {
            throw ClientErrors.From(exception);
        }
        catch (SdBusException exception)
        {
            throw ClientErrors.From(exception, options);
        }
    }

    private T Understand<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CallErrorException exception)
        {
            throw ClientErrors.From(exception);
        }
        catch (SdBusException exception)
        {
            throw ClientErrors.From(exception, options);
        }
    }
}
