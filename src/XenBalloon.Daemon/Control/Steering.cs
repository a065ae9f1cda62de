using Microsoft.Extensions.Logging;
using XenBalloon.Bus;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Logging;
using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.Startup;
using XenBalloon.Daemon.State;

namespace XenBalloon.Daemon.Control;

/// <summary>
/// Does what operators ask for, between two steps and on the loop's thread. What cannot be done is refused with a
/// remedy, and changes nothing.
/// </summary>
internal sealed class Steering(
    Reconciler reconciler, StateStore store, ServiceManager manager, DaemonOptions options, ILogger<Steering> logger)
{
    /// <summary>Changes the mode.</summary>
    internal void SetMode(BalancerMode mode)
    {
        if (mode == reconciler.Mode) return;
        reconciler.Mode = mode;
        logger.ModeChanged(mode);
    }

    /// <summary>Changes the policy.</summary>
    internal void SetPolicy(PolicyKind policy)
    {
        if (policy == reconciler.Settings.Policy) return;
        reconciler.Policy = policy;
        string word = EnumText.Of(policy);
        logger.PolicyChanged(word);
    }

    /// <summary>Reloads the configuration.</summary>
    internal void Reload()
    {
        manager.Reloading();
        try
        {
            reconciler.Take(ConfigurationReader.Read(options.ConfigurationPath));
            LogSetup.SetLevel(reconciler.Configuration.LogLevel);
            logger.Reloaded(options.ConfigurationPath);
        }
        catch (ConfigurationException exception)
        {
            string errors = exception.Message.Replace("\n", "; ", StringComparison.Ordinal);
            logger.ReloadFailed(errors);
            throw new ControlException($"the old settings stay: {errors}", exception);
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
        RuntimeSettings runtime = reconciler.Runtime.With(identity.Uuid, changes, transient);
        DomainSettings resulting = (reconciler.Settings with { Runtime = runtime }).For(identity, domain.Name);
        SettingCheck.Check(domain, changes, resulting);
        Change(runtime, transient);
        foreach (DomainSetting setting in DomainSetting.All.Where(changes.ContainsKey))
        {
            string change = Explain(setting, changes[setting], transient);
            logger.DomainSet(domain.Name, identity.Domid, change);
        }
    }

    /// <summary>Balances a domain that was pinned.</summary>
    internal void Unpin(DomainIdentity identity)
    {
        DomainSnapshot domain = Find(identity);
        var unpinned = new Dictionary<DomainSetting, long?> { [DomainSetting.Pin] = null };
        RuntimeSettings runtime = reconciler.Runtime.With(identity.Uuid, unpinned, transient: false);
        KiB? configured = (reconciler.Settings with { Runtime = runtime }).For(identity, domain.Name).Pin;
        if (configured is { } pin && runtime == reconciler.Runtime)
        {
            throw new ControlException(
                ControlError.Failed,
                $"{domain.Name} is pinned to {pin} by the configuration, {options.ConfigurationPath}: "
                + "change it there and reload");
        }

        Change(runtime, transient: runtime.Kept == reconciler.Runtime.Kept);
        reconciler.ForgetOverride(identity);
        logger.Unpinned(domain.Name, identity.Domid);
    }

    /// <summary>Sets memory aside.</summary>
    /// <returns>The reservation's number.</returns>
    internal long Reserve(ReservationRequest request)
    {
        ReservationRequest whole = request with
        {
            Minimum = request.Minimum.CeilingToPage(),
            Maximum = request.Maximum.CeilingToPage(),
        };
        BookChange change = reconciler.Reservations.Request(whole, reconciler.Newest.Plan.At);
        if (change.Error is { } error) throw new ControlException(ControlError.InvalidArgument, error);
        HostDecision host = reconciler.Newest.Plan.Host;
        if (whole.Minimum > host.Total - host.Slack)
        {
            throw new ControlException(
                ControlError.NotEnoughMemory,
                $"{whole.Minimum} is more than this host has, {host.Total} less {host.Slack} of slack: ask for less");
        }

        Reservation reservation = change.Changed[0];
        reconciler.Reservations = change.Book;
        logger.Reserving(reservation.Id, whole.Minimum, whole.For.Length == 0 ? whole.Owner : whole.For);
        return reservation.Id;
    }

    /// <summary>Gives a reservation to a domain.</summary>
    internal void Transfer(long id, int domid)
    {
        Reservation reservation = FindReservation(id);
        reconciler.Refresh();
        DomainDecision domain = reconciler.Newest.Plan.Domains.FirstOrDefault(one => one.Domain.Identity.Domid == domid)
            ?? throw NoSuchDomain($"no domain {domid}");
        reservation = FindReservation(id);
        if (reservation.Claim?.Domain == domain.Domain.Identity) return;
        KiB heldBefore = domain.Domain.Lifecycle == DomainLifecycle.Building ? KiB.Zero : domain.Domain.Occupied;
        TimeSpan now = reconciler.Newest.Plan.At;
        BookChange change = reconciler.Reservations.Claim(id, domain.Domain.Identity, heldBefore, now);
        if (change.Error is { } error)
        {
            bool wasReady = reservation.ReadyAt is not null;
            throw new ControlException(wasReady ? ControlError.InvalidArgument : ControlError.NotReady, error);
        }

        reconciler.Reservations = change.Book;
        logger.Transferred(id, domain.Domain.Name, domid);
    }

    /// <summary>Ends a reservation.</summary>
    internal void Cancel(long id)
    {
        FindReservation(id);
        Take(reconciler.Reservations.Cancel(id));
    }

    /// <summary>Ends what somebody reserved who has left the bus.</summary>
    internal void OwnerLeft(string owner) => Take(reconciler.Reservations.OwnerLeft(owner));

    private void Take(BookChange change)
    {
        reconciler.Reservations = change.Book;
        foreach (Reservation ended in change.Changed) reconciler.NoteEnded(ended);
    }

    private void Change(RuntimeSettings runtime, bool transient)
    {
        if (!transient) store.Keep(reconciler.Remembered with { Settings = runtime.Kept });
        reconciler.Runtime = runtime;
    }

    /// <summary>What a change does, for the log: <c>weight set to 200, kept</c>.</summary>
    private static string Explain(DomainSetting setting, long? value, bool transient) => value is null
        ? $"{setting} {(transient ? "as kept or as configured" : "as configured")}"
        : $"{setting} set to {setting.Format(value)}, {(transient ? "until the daemon ends" : "kept")}";

    private DomainSnapshot Find(DomainIdentity identity) =>
        reconciler.Newest.Find(identity)?.Domain ?? throw NoSuchDomain($"domain {identity} no longer exists");

    private Reservation FindReservation(long id) =>
        reconciler.Reservations.Open.FirstOrDefault(one => one.Id == id) ?? throw new ControlException(
            ControlError.NoSuchReservation,
            $"no open reservation {id}: see 'xenballoon reservations'");

    private static ControlException NoSuchDomain(string what) =>
        new(ControlError.NoSuchDomain, $"{what}: see 'xenballoon list'");
}
