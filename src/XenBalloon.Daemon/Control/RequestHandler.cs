using Microsoft.Extensions.Logging;
using XenBalloon.Bus;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Dom0;
using XenBalloon.Daemon.Logging;
using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.State;

namespace XenBalloon.Daemon.Control;

/// <summary>
/// Carries out the requests of administrators, on the loop's thread. A request that cannot be carried out is refused
/// with a remedy and changes nothing.
/// </summary>
internal sealed class RequestHandler(
    HostBalancer balancer,
    StateStore store,
    ServiceNotifier manager,
    ActiveGuard guard,
    ILogger<RequestHandler> logger)
{
    /// <summary>The alternatives to what cannot be saved.</summary>
    private const string UntilItEnds = "set it until the daemon ends (--runtime)",
        WithoutPersistence = "reserve it without --persistent";

    /// <summary>Who makes the next request: the user and the program, for the log.</summary>
    internal string Requester { private get; set; } = QueuedControl.Own;

    /// <summary>Changes the mode.</summary>
    internal void SetMode(BalancerMode mode)
    {
        DaemonConfiguration configuration = balancer.Settings.Configuration;
        if (mode == BalancerMode.Active) configuration = Permit(configuration);
        bool changes = balancer.Restoration is not null;
        balancer.AbandonRestoration(new ControlException($"ended early: the mode was set to {EnumText.Of(mode)}"));
        Settings next = balancer.Settings with { Configuration = configuration };
        if (mode != next.RequestedMode) next = next with { Runtime = next.Runtime with { Mode = mode } };
        changes |= next.Mode != balancer.Settings.Mode;
        balancer.Settings = next;
        if (changes) logger.ModeChanged(EnumText.Of(mode), Requester);
    }

    /// <summary>Gives every managed domain back what it booted with, then pauses the balancing.</summary>
    internal Restoration Restore(TimeSpan limit)
    {
        if (balancer.Restoration is null) logger.Restoring(limit.TotalSeconds, "the mode is paused", Requester);
        return balancer.Restore(limit);
    }

    /// <summary>Changes the policy.</summary>
    internal void SetPolicy(PolicyKind policy)
    {
        if (policy == balancer.Settings.Policy) return;
        Change(runtime => runtime with { Policy = policy });
        string name = EnumText.Of(policy);
        logger.PolicyChanged(name, Requester);
    }

    /// <summary>Reloads the configuration file.</summary>
    internal void Reload()
    {
        string path = balancer.Settings.Configuration.Path;
        manager.Reloading();
        try
        {
            DaemonConfiguration next = guard.Check(ConfigurationReader.Read(path));
            HostLimits.Check(next, balancer.Latest.Plan.Host.Total);
            balancer.Settings = balancer.Settings.Reload(next);
            _ = LogSetup.Change(next.LogLevel, next.LogFile);
            if (next.LogFile is { } file && LogSetup.TryOpen(file) is { } error) logger.LogFileFailed(file, error);
            logger.ConfigurationReloaded(path, Requester);
            if (balancer.Settings.ModeReason is { } refusal) logger.ActiveRefused(refusal);
        }
        catch (ConfigurationException exception)
        {
            string errors = exception.Message.Replace("\n", "; ", StringComparison.Ordinal);
            logger.ReloadFailed(errors);
            throw new ControlException($"the old settings stay in force: {errors}", exception);
        }
        finally
        {
            manager.Ready();
        }
    }

    /// <summary>Changes settings of a domain, all or none of them.</summary>
    internal void SetDomain(DomainIdentity identity, IReadOnlyDictionary<DomainSetting, long?> changes, bool transient)
    {
        DomainSnapshot domain = Find(identity);
        Settings settings = balancer.Settings.SetDomain(domain, changes, transient);
        SettingCheck.Check(domain, changes, settings.ToBalancerSettings().For(identity, domain.Name));
        Change(settings, transient);
        foreach (DomainSetting setting in DomainSetting.All.Where(changes.ContainsKey))
        {
            string change = Describe(domain, setting, changes[setting], transient);
            logger.DomainSettingChanged(domain.Name, identity.Domid, change, Requester);
        }
    }

    /// <summary>Removes the pin of a domain, and forgets the target that another tool set for it.</summary>
    internal void Unpin(DomainIdentity identity)
    {
        DomainSnapshot domain = Find(identity);
        Settings current = balancer.Settings;
        var unpin = new Dictionary<DomainSetting, long?> { [DomainSetting.Pin] = null };
        Settings settings = current.SetDomain(domain, unpin, transient: false);
        KiB? configured = settings.ToBalancerSettings().For(identity, domain.Name).Pin;
        if (configured is { } pin && settings == current)
        {
            throw new ControlException(
                ControlError.Failed,
                $"{domain.Name} is pinned to {pin} by the configuration, {current.Configuration.Path}: "
                + "change it there and reload");
        }

        Change(settings, transient: settings.Kept == current.Kept);
        balancer.ForgetOverride(identity);
        logger.DomainUnpinned(domain.Name, identity.Domid, Requester);
    }

    /// <summary>Holds a domain that is about to be saved or migrated.</summary>
    internal void Hold(DomainIdentity identity, string owner)
    {
        DomainSnapshot domain = Find(identity);
        if (identity.IsDom0) throw new ControlException(ControlError.InvalidArgument, "dom0 cannot be held");
        balancer.Holds = balancer.Holds.Hold(identity, owner, balancer.Latest.Plan.At);
        logger.DomainHeld(domain.Name, identity.Domid, Requester);
    }

    /// <summary>Ends a client's hold of a domain.</summary>
    internal void Release(DomainIdentity identity, string owner)
    {
        Find(identity);
        balancer.Holds = balancer.Holds.Release(identity, owner);
    }

    /// <summary>Reserves memory.</summary>
    /// <returns>The reservation's number.</returns>
    internal long Reserve(ReservationRequest request)
    {
        ReservationRequest whole = request with
        {
            Minimum = request.Minimum.CeilingToPage(),
            Maximum = request.Maximum.CeilingToPage(),
        };
        BookChange change = balancer.Reservations.Request(whole, balancer.Latest.Plan.At);
        if (change.Error is { } error) throw new ControlException(ControlError.InvalidArgument, error);
        HostDecision host = balancer.Latest.Plan.Host;
        if (whole.Minimum > host.Total - host.Slack)
        {
            throw new ControlException(
                ControlError.NotEnoughMemory,
                $"cannot reserve {whole.Minimum}: this host has {host.Total}, less {host.Slack} slack; request less");
        }

        // A persistent reservation is promised beyond the daemon's life.
        if (whole.Persistent) store.Save(balancer.State with { Book = change.Book }, WithoutPersistence);
        Reservation reservation = change.Changed[0];
        balancer.Reservations = change.Book;
        string domain = whole.For.Length == 0 ? "any domain" : whole.For;
        logger.ReservationCreated(reservation.Id, whole.Minimum, domain, Requester);
        return reservation.Id;
    }

    /// <summary>Transfers a reservation to a domain.</summary>
    internal void Transfer(long id, int domid)
    {
        FindReservation(id);
        balancer.Refresh();
        DomainDecision decision =
            balancer.Latest.Plan.Domains.FirstOrDefault(each => each.Domain.Identity.Domid == domid)
            ?? throw NoSuchDomain($"no domain {domid}");
        DomainSnapshot domain = decision.Domain;
        Reservation reservation = FindReservation(id);
        if (reservation.Claim?.Domain == domain.Identity) return;
        CheckFor(reservation, domain);
        KiB heldBefore = domain.Lifecycle == DomainLifecycle.Building ? KiB.Zero : domain.Occupied;
        BookChange change = balancer.Reservations.Claim(id, domain.Identity, heldBefore, balancer.Latest.Plan.At);
        if (change.Error is { } error)
        {
            bool wasReady = reservation.ReadyAt is not null;
            throw new ControlException(wasReady ? ControlError.InvalidArgument : ControlError.NotReady, error);
        }

        balancer.Reservations = change.Book;
        logger.ReservationTransferred(id, domain.Name, domid, Requester);
    }

    /// <summary>Ends a reservation.</summary>
    internal void Cancel(long id)
    {
        FindReservation(id);
        logger.ReservationCancelled(id, Requester);
        End(balancer.Reservations.Cancel(id));
    }

    /// <summary>
    /// Ends the reservations of a client that left the bus, except persistent ones, and the holds of that client.
    /// </summary>
    internal void OwnerLeft(string owner)
    {
        balancer.Holds = balancer.Holds.OwnerLeft(owner);
        End(balancer.Reservations.OwnerLeft(owner));
    }

    /// <summary>A domain that the toolstack has not named yet may be the one that the reservation is for.</summary>
    private static void CheckFor(Reservation reservation, DomainSnapshot domain)
    {
        bool isFor = reservation.For.Length == 0
            || DomainName.Matches(reservation.For, domain)
            || (domain.Name.Length == 0 && !Guid.TryParse(reservation.For, out _));
        if (isFor) return;
        throw new ControlException(
            ControlError.InvalidArgument,
            $"reservation {reservation.Id} is for {reservation.For}, not for {domain.Name} "
            + $"({domain.Identity.Domid}): transfer one that is for it, or for any domain");
    }

    /// <summary>The configuration, if mode active is not refused.</summary>
    /// <exception cref="ControlException">It is refused.</exception>
    private DaemonConfiguration Permit(DaemonConfiguration configuration)
    {
        DaemonConfiguration permitted = guard.Check(configuration);
        return permitted.ActiveRefusal is { } refusal ? throw new ControlException(refusal) : permitted;
    }

    private void End(BookChange change)
    {
        balancer.Reservations = change.Book;
        balancer.ReportEnded(change.Changed);
    }

    private void Change(Func<RuntimeChanges, RuntimeChanges> change) =>
        balancer.Settings = balancer.Settings with { Runtime = change(balancer.Settings.Runtime) };

    private void Change(Settings settings, bool transient)
    {
        if (!transient) store.Save(balancer.State with { Settings = settings.Kept }, UntilItEnds);
        balancer.Settings = settings;
    }

    /// <summary>A change for the log: <c>weight set to 200, kept for every domain named web</c>.</summary>
    private static string Describe(DomainSnapshot domain, DomainSetting setting, long? value, bool transient)
    {
        if (value is null) return $"{setting} {(transient ? "as kept or as configured" : "as configured")}";
        string scope = DomainKey.Of(domain.Identity.Uuid, domain.Name).Scope;
        string duration = transient ? $"until the daemon ends, for {scope}" : $"kept for {scope}";
        return $"{setting} set to {setting.Format(value)}, {duration}";
    }

    private DomainSnapshot Find(DomainIdentity identity) =>
        balancer.Latest.Find(identity)?.Domain ?? throw NoSuchDomain($"domain {identity} no longer exists");

    private Reservation FindReservation(long id) =>
        balancer.Reservations.Open.FirstOrDefault(reservation => reservation.Id == id) ?? throw new ControlException(
            ControlError.NoSuchReservation, $"no open reservation {id}: see 'xenballoon reservations'");

    private static ControlException NoSuchDomain(string message) =>
        new(ControlError.NoSuchDomain, $"{message}: see 'xenballoon list'");
}
