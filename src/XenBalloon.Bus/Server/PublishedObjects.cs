using XenBalloon.Bus.Interfaces;
using XenBalloon.Core;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Server;

/// <summary>
/// Keeps the objects on the bus in step with what is published: the manager, one object for each domain and one for
/// each reservation. Lives in the bus's turn.
/// </summary>
internal sealed class PublishedObjects(
    ObjectTree tree, OwnerWatch owners, IControl control, Authorization authorization)
{
    private readonly Dictionary<DomainIdentity, (DomainDecision Decision, DomainStatus Status)> domains = [];
    private readonly HashSet<DomainIdentity> stuck = [];

    /// <summary>The reservations that are shown, and whether each was ready before.</summary>
    private readonly Dictionary<long, bool> reservations = [];

    private Publication? newest;

    /// <summary>Shows what is published now, and announces what is different.</summary>
    internal void Show(Publication publication)
    {
        Publication? before = newest;
        newest = publication;

        // A newcomer may have the domid, and so the path, of a domain that is gone.
        HashSet<DomainIdentity> present = [.. publication.Plan.Domains.Select(decision => decision.Domain.Identity)];
        foreach (DomainIdentity gone in domains.Keys.Where(known => !present.Contains(known)).ToArray()) Remove(gone);

        var manager = new ManagerMethods(control, authorization, owners, () => newest);
        tree.Put(BusNames.Root, HostStatus.Of(publication), call => ManagerInterface.Invoke(manager, call));
        bool changesAll = before is null
            || before.Mode != publication.Mode
            || before.Plan.Host.Pressure != publication.Plan.Host.Pressure
            || before.Plan.Host.Awaited > KiB.Zero != publication.Plan.Host.Awaited > KiB.Zero
            || !ReferenceEquals(before.Settings, publication.Settings);
        foreach (DomainDecision decision in publication.Plan.Domains) Show(decision, publication, changesAll);
        ShowReservations(publication);
    }

    private void Show(DomainDecision decision, Publication publication, bool changesAll)
    {
        // On a quiet host decisions stay the same objects: then only time has passed.
        DomainIdentity identity = decision.Domain.Identity;
        DomainStatus status =
            !changesAll
            && domains.TryGetValue(identity, out (DomainDecision Decision, DomainStatus Status) known)
            && ReferenceEquals(known.Decision, decision)
                ? known.Status.At(decision, publication)
                : DomainStatus.Of(decision, publication);
        domains[identity] = (decision, status);
        string path = BusNames.DomainPath(identity.Domid);
        tree.Put(
            path,
            status,
            call => DomainInterface.Invoke(new DomainMethods(identity, control, authorization), call));

        if (decision.Health != BalloonHealth.Stuck)
        {
            stuck.Remove(identity);
        }
        else if (stuck.Add(identity))
        {
            tree.Signal(bus => ManagerInterface.DomainStuckSignal(bus, BusNames.Root, path, status.Name));
        }
    }

    private void Remove(DomainIdentity gone)
    {
        tree.Remove(BusNames.DomainPath(gone.Domid));
        domains.Remove(gone);
        stuck.Remove(gone);
    }

    private void ShowReservations(Publication publication)
    {
        foreach (Reservation one in publication.Reservations)
        {
            Put(one, publication);
            bool isReady = one.ReadyAt is not null, wasReady = reservations.GetValueOrDefault(one.Id);
            string path = BusNames.ReservationPath(one.Id);
            if (isReady && !wasReady)
            {
                tree.Signal(bus => ManagerInterface.ReservationReadySignal(bus, BusNames.Root, path));
            }

            reservations[one.Id] = isReady;
        }

        foreach (Reservation one in publication.Plan.Ended)
        {
            if (reservations.ContainsKey(one.Id)) Put(one, publication); // its last state, before it goes
            Remove(one.Id);
            if (one.State == ReservationState.Completed) continue;
            string path = BusNames.ReservationPath(one.Id), state = EnumText.Of(one.State);
            tree.Signal(bus =>
                ManagerInterface.ReservationFailedSignal(bus, BusNames.Root, path, state, one.Explain()));
        }

        HashSet<long> open = [.. publication.Reservations.Select(one => one.Id)];
        foreach (long id in reservations.Keys.Where(id => !open.Contains(id)).ToArray()) Remove(id);
        owners.Follow(publication.Reservations);
    }

    private void Put(Reservation one, Publication publication) => tree.Put(
        BusNames.ReservationPath(one.Id),
        ReservationStatus.Of(one, publication),
        call => ReservationInterface.Invoke(new ReservationMethods(one.Id, control, authorization), call));

    private void Remove(long id)
    {
        tree.Remove(BusNames.ReservationPath(id));
        reservations.Remove(id);
    }
}
