using XenBalloon.Bus.Definitions;
using XenBalloon.Core;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Bus.Objects;

/// <summary>The reservations' objects, and who asked for them: the daemon is told of those who leave the bus.</summary>
internal sealed class ReservationObjects
{
    private readonly IBusConnection connection;
    private readonly IControl control;
    private readonly IBusObject<Publication> manager;
    private readonly BusInterface<PublishedReservation> definition;
    private readonly Dictionary<long, (IBusObject<PublishedReservation> Object, bool IsReady)> shown = [];
    private readonly Dictionary<string, IDisposable> owners = [];

    internal ReservationObjects(IBusConnection connection, IControl control, IBusObject<Publication> manager, Publication first)
    {
        this.connection = connection;
        this.control = control;
        this.manager = manager;
        definition = ReservationInterface.Define(control);
        foreach (Reservation one in first.Reservations) Export(one, first);
        FollowOwners(first);
    }

    /// <summary>Shows what is published now, and tells what is different.</summary>
    internal void Show(Publication publication)
    {
        foreach (Reservation one in publication.Reservations)
        {
            PublishedReservation state = PublishedReservation.Of(one, publication);
            bool isReady = one.ReadyAt is not null;
            if (shown.TryGetValue(one.Id, out (IBusObject<PublishedReservation> Object, bool IsReady) known))
            {
                known.Object.Update(state);
            }
            else
            {
                known = (Export(one, publication), false);
                connection.AnnounceAdded(Names.ReservationPath(one.Id));
            }

            if (isReady && !known.IsReady) manager.Signal(ManagerInterface.ReservationReady, BusValue.ObjectPath(Names.ReservationPath(one.Id)));
            shown[one.Id] = (known.Object, isReady);
        }

        foreach (Reservation one in publication.Plan.Ended) End(one, publication);

        // Whatever was ended while we were not told of it: states come faster than the bus takes them.
        HashSet<long> open = [.. publication.Reservations.Select(one => one.Id)];
        foreach (long id in shown.Keys.Where(id => !open.Contains(id)).ToArray()) Remove(id);
        FollowOwners(publication);
    }

    private IBusObject<PublishedReservation> Export(Reservation one, Publication publication)
    {
        IBusObject<PublishedReservation> exported = connection.Export(Names.ReservationPath(one.Id), definition, PublishedReservation.Of(one, publication));
        shown[one.Id] = (exported, one.ReadyAt is not null);
        return exported;
    }

    private void End(Reservation one, Publication publication)
    {
        if (shown.TryGetValue(one.Id, out (IBusObject<PublishedReservation> Object, bool IsReady) known))
        {
            known.Object.Update(PublishedReservation.Of(one, publication));
            Remove(one.Id);
        }

        if (one.State != ReservationState.Completed)
        {
            manager.Signal(ManagerInterface.ReservationFailed, BusValue.ObjectPath(Names.ReservationPath(one.Id)), Words.For(one.State), one.Explain());
        }
    }

    private void Remove(long id)
    {
        connection.AnnounceRemoved(Names.ReservationPath(id));
        shown[id].Object.Dispose();
        shown.Remove(id);
    }

    /// <summary>Those whose reservations end when they leave: after a restart of the daemon some may have left while nobody looked.</summary>
    private void FollowOwners(Publication publication)
    {
        HashSet<string> wanted = [.. publication.Reservations.Where(one => !one.Persistent && one.Claim is null).Select(one => one.Owner)];
        foreach (string idle in owners.Keys.Where(owner => !wanted.Contains(owner)).ToArray())
        {
            owners[idle].Dispose();
            owners.Remove(idle);
        }

        foreach (string owner in wanted.Where(owner => !owners.ContainsKey(owner)))
        {
            owners.Add(owner, connection.Follow(owner, () =>
            {
                owners.Remove(owner);
                control.OwnerLeft(owner);
            }));
        }
    }
}
