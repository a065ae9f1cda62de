using System.Collections.Immutable;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Server;

/// <summary>
/// Keeps the objects on the bus up to date with the newest publication: the manager, and one object for each
/// domain and each reservation. Used only on the server's queue.
/// </summary>
internal sealed class PublishedObjects(ObjectTree tree, OwnerWatcher owners, IControl control)
{
    private readonly Dictionary<DomainIdentity, DomainDecision> domains = [];
    private readonly HashSet<DomainIdentity> stuck = [];

    /// <summary>The published reservations, and whether each has been ready.</summary>
    private readonly Dictionary<long, bool> reservations = [];

    private Publication? newest, refreshed;

    /// <summary>Publishes a state and announces what changed.</summary>
    internal void Show(Publication publication)
    {
        Publication? before = newest;
        newest = publication;
        ImmutableArray<DomainDecision> decisions = publication.Plan.Domains, known = before?.Plan.Domains ?? [];
        if (!HaveSameDomains(known, decisions)) RemoveAbsent(decisions);
        var manager = new ManagerMethods(control, owners, () => newest);
        tree.Put(BusNames.Root, HostStatus.Of(publication), call => ManagerInterface.Invoke(manager, call));
        bool refreshAll = before is null
            || before.Mode != publication.Mode
            || before.Plan.Host.Pressure != publication.Plan.Host.Pressure
            || before.Plan.Host.Awaited > KiB.Zero != publication.Plan.Host.Awaited > KiB.Zero
            || !ReferenceEquals(before.Settings, publication.Settings);
        HashSet<DomainIdentity> alarmed = ChangedAlarms(before?.Alarms ?? [], publication.Alarms);
        for (int i = 0; i < decisions.Length; i++)
        {
            // The balancer reuses the decision of a domain for which nothing changed, in the same place.
            bool isShown = !refreshAll && i < known.Length && ReferenceEquals(known[i], decisions[i]);
            if (!isShown || alarmed.Contains(decisions[i].Domain.Identity)) Show(decisions[i], publication);
        }

        ShowReservations(publication);
    }

    private void Show(DomainDecision decision, Publication publication)
    {
        DomainIdentity identity = decision.Domain.Identity;
        var status = DomainStatus.Of(decision, publication);
        domains[identity] = decision;
        string path = BusNames.DomainPath(identity.Domid);
        tree.Put(
            path,
            status,
            call => DomainInterface.Invoke(new DomainMethods(identity, control, owners), call));

        if (decision.Health != BalloonHealth.Stuck)
        {
            stuck.Remove(identity);
        }
        else if (stuck.Add(identity))
        {
            tree.Signal(bus => ManagerInterface.DomainStuckSignal(bus, BusNames.Root, path, status.Name));
        }
    }

    /// <summary>
    /// Brings what clients read up to date without announcing it: the ages of reports, which change in each pass, and
    /// a state that is not announced yet.
    /// </summary>
    /// <param name="kept">That state; null if there is none.</param>
    internal void Refresh(Publication? kept)
    {
        if ((kept ?? newest) is not { } publication || ReferenceEquals(publication, refreshed)) return;
        refreshed = publication;
        tree.Replace(BusNames.Root, _ => HostStatus.Of(publication));
        foreach (DomainDecision decision in publication.Plan.Domains)
        {
            DomainIdentity identity = decision.Domain.Identity;
            bool isPublished = domains.TryGetValue(identity, out DomainDecision? shown);
            if (!isPublished) continue;
            tree.Replace(BusNames.DomainPath(identity.Domid), state => ReferenceEquals(decision, shown)
                ? ((DomainStatus)state).At(decision, publication)
                : DomainStatus.Of(decision, publication));
        }
    }

    /// <summary>The domains for which an alarm was raised or cleared.</summary>
    private static HashSet<DomainIdentity> ChangedAlarms(
        ImmutableArray<RaisedAlarm> before, ImmutableArray<RaisedAlarm> now) =>
        before == now ? [] : [.. before.Except(now).Concat(now.Except(before)).Select(alarm => alarm.Domain)];

    private static bool HaveSameDomains(ImmutableArray<DomainDecision> before, ImmutableArray<DomainDecision> now)
    {
        if (before == now) return true;
        if (before.Length != now.Length) return false;
        for (int i = 0; i < now.Length; i++)
        {
            bool isSame = ReferenceEquals(before[i], now[i])
                || before[i].Domain.Identity == now[i].Domain.Identity;
            if (!isSame) return false;
        }

        return true;
    }

    /// <summary>
    /// Removes the domains that no longer exist. First, since a new domain may have the domid, and so the path, of a
    /// destroyed one.
    /// </summary>
    private void RemoveAbsent(ImmutableArray<DomainDecision> decisions)
    {
        HashSet<DomainIdentity> present = [.. decisions.Select(decision => decision.Domain.Identity)];
        foreach (DomainIdentity absent in domains.Keys.Where(each => !present.Contains(each)).ToArray()) Remove(absent);
    }

    private void Remove(DomainIdentity removed)
    {
        tree.Remove(BusNames.DomainPath(removed.Domid));
        domains.Remove(removed);
        stuck.Remove(removed);
    }

    private void ShowReservations(Publication publication)
    {
        foreach (Reservation reservation in publication.Reservations)
        {
            Put(reservation, publication);
            bool isReady = reservation.ReadyAt is not null, wasReady = reservations.GetValueOrDefault(reservation.Id);
            string path = BusNames.ReservationPath(reservation.Id);
            if (isReady && !wasReady)
            {
                tree.Signal(bus => ManagerInterface.ReservationReadySignal(bus, BusNames.Root, path));
            }

            reservations[reservation.Id] = isReady;
        }

        foreach (Reservation reservation in publication.Plan.Ended)
        {
            if (reservations.ContainsKey(reservation.Id)) Put(reservation, publication); // announces its final state
            Remove(reservation.Id);
            if (reservation.State == ReservationState.Completed) continue;
            string path = BusNames.ReservationPath(reservation.Id), state = EnumText.Of(reservation.State);
            tree.Signal(bus =>
                ManagerInterface.ReservationFailedSignal(bus, BusNames.Root, path, state, reservation.Explain()));
        }

        HashSet<long> open = [.. publication.Reservations.Select(reservation => reservation.Id)];
        foreach (long id in reservations.Keys.Where(id => !open.Contains(id)).ToArray()) Remove(id);
        owners.Watch(publication);
    }

    private void Put(Reservation reservation, Publication publication) => tree.Put(
        BusNames.ReservationPath(reservation.Id),
        ReservationStatus.Of(reservation, publication),
        call => ReservationInterface.Invoke(new ReservationMethods(reservation.Id, control), call));

    private void Remove(long id)
    {
        tree.Remove(BusNames.ReservationPath(id));
        reservations.Remove(id);
    }
}
