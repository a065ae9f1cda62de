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

/// <summary>Does what operators ask for, between two steps and on the loop's thread. What cannot be done is refused with a remedy, and changes nothing.</summary>
internal sealed class Steering(Reconciler reconciler, StateStore store, ServiceManager manager, DaemonOptions options, ILogger<Steering> logger)
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
        string name = PolicyNames.Of(policy);
        logger.PolicyChanged(name);
    }

    /// <summary>Reads the configuration anew.</summary>
    internal void Reload()
    {
        manager.Reloading();
        try
        {
            reconciler.Take(ConfigurationReader.Read(options.ConfigurationPath));
            LogSetup.SetLevel(reconciler.Configuration.LogLevel);
            logger.Reloaded(options.ConfigurationPath);
        }
        catch (StartupException exception)
        {
            string errors = exception.Message.Replace("\n", "; ", StringComparison.Ordinal);
            logger.ReloadFailed(errors);
            throw new ControlRefusedException($"the old settings stay: {errors}", exception);
        }
        finally
        {
            manager.Ready();
        }
    }

    /// <summary>Says something of a domain.</summary>
    internal void SetDomain(DomainIdentity identity, DomainSetting setting, DomainSettings said, bool transient)
    {
        DomainDecision domain = Find(identity);
        RuntimeSettings runtime = reconciler.Runtime.With(identity.Uuid, setting, said, transient);
        SettingCheck.Check(domain, setting, said, (reconciler.Settings with { Runtime = runtime }).For(identity, domain.Domain.Name));
        Change(runtime, transient);
        string text = SettingText.Of(setting, said);
        logger.DomainSet(domain.Domain.Name, identity.Domid, setting, text, transient ? "until the daemon ends" : "for good");
    }

    /// <summary>Balances a domain that was pinned.</summary>
    internal void Unpin(DomainIdentity identity)
    {
        DomainDecision domain = Find(identity);
        RuntimeSettings runtime = reconciler.Runtime.With(identity.Uuid, DomainSetting.Pin, DomainSettings.None, transient: false);
        KiB? configured = (reconciler.Settings with { Runtime = runtime }).For(identity, domain.Domain.Name).Pin;
        if (configured is { } pin && runtime == reconciler.Runtime)
        {
            throw new ControlRefusedException(
                ControlRefusal.Failed, $"{domain.Domain.Name} is pinned to {pin} by the configuration, {options.ConfigurationPath}: change it there and reload");
        }

        Change(runtime, transient: runtime.Kept == reconciler.Runtime.Kept);
        reconciler.ForgetOverride(identity);
        logger.Unpinned(domain.Domain.Name, identity.Domid);
    }

    /// <summary>Sets memory aside.</summary>
    /// <returns>The reservation's number.</returns>
    internal long Reserve(ReservationOrder order)
    {
        TimeSpan now = reconciler.Newest.Plan.At;
        var request = new ReservationRequest(
            order.Minimum.CeilingToPage(), order.Maximum.CeilingToPage(), order.Owner, order.Persistent, order.Within is { } within ? now + within : null, order.For);
        BookChange change = reconciler.Reservations.Request(request, now);
        if (change.Error is { } error) throw new ControlRefusedException(ControlRefusal.InvalidArgument, error);
        HostDecision host = reconciler.Newest.Plan.Host;
        if (request.Minimum > host.Total - host.Slack)
        {
            throw new ControlRefusedException(ControlRefusal.NotEnoughMemory, $"{request.Minimum} is more than this host has, {host.Total} less {host.Slack} of slack: ask for less");
        }

        Reservation reservation = change.Concerned[0];
        reconciler.Reservations = change.Book;
        logger.Reserving(reservation.Id, request.Minimum, request.For.Length == 0 ? request.Owner : request.For);
        return reservation.Id;
    }

    /// <summary>Gives a reservation to a domain.</summary>
    internal void Transfer(long id, int domid)
    {
        Reservation reservation = FindReservation(id);
        reconciler.Refresh();
        DomainDecision domain = reconciler.Newest.Plan.Domains.FirstOrDefault(one => one.Domain.Identity.Domid == domid)
            ?? throw new ControlRefusedException(ControlRefusal.NoSuchDomain, $"there is no domain {domid}: 'xenballoon list' shows those there are");
        reservation = FindReservation(id);
        if (reservation.Claim?.Domain == domain.Domain.Identity) return;
        KiB heldBefore = domain.Domain.Lifecycle == DomainLifecycle.Building ? KiB.Zero : domain.Domain.Occupied;
        BookChange change = reconciler.Reservations.Claim(id, domain.Domain.Identity, heldBefore, reconciler.Newest.Plan.At);
        if (change.Error is { } error) throw new ControlRefusedException(reservation.ReadyAt is null ? ControlRefusal.NotReady : ControlRefusal.InvalidArgument, error);
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
        foreach (Reservation ended in change.Concerned) reconciler.NoteEnded(ended);
    }

    private void Change(RuntimeSettings runtime, bool transient)
    {
        if (!transient) store.Keep(reconciler.Remembered with { Settings = runtime.Kept });
        reconciler.Runtime = runtime;
    }

    private DomainDecision Find(DomainIdentity identity) => reconciler.Newest.Find(identity)
        ?? throw new ControlRefusedException(ControlRefusal.NoSuchDomain, $"domain {identity} has just gone: 'xenballoon list' shows those there are");

    private Reservation FindReservation(long id) => reconciler.Reservations.Open.FirstOrDefault(one => one.Id == id)
        ?? throw new ControlRefusedException(ControlRefusal.NoSuchReservation, $"there is no reservation {id}, or it has ended: 'xenballoon reservations' shows those there are");
}
