using XenBalloon.Bus.Definitions;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Objects;

/// <summary>
/// Everything of ours on the bus: the manager, one object for each domain and one for each reservation, kept in step with what is published. Lives on the bus
/// thread.
/// </summary>
internal sealed class BalloonObjects
{
    private readonly IBusConnection connection;
    private readonly BusInterface<PublishedDomain> domainInterface;
    private readonly IBusObject<Publication> manager;
    private readonly ReservationObjects reservations;
    private readonly Dictionary<DomainIdentity, IBusObject<PublishedDomain>> domains = [];
    private readonly HashSet<DomainIdentity> stuck = [];

    internal BalloonObjects(IBusConnection connection, IControl control, Publication first)
    {
        this.connection = connection;
        domainInterface = DomainInterface.Define(control);
        connection.AddObjectManager(Names.Root);
        manager = connection.Export(Names.Root, ManagerInterface.Define(control), first);
        reservations = new ReservationObjects(connection, control, manager, first);
        foreach (PublishedDomain domain in Domains(first)) Export(domain);
    }

    /// <summary>Shows what is published now, and tells what is different.</summary>
    internal void Show(Publication publication)
    {
        // Those that went come first: a newcomer may have the domid, and so the path, of one that went.
        HashSet<DomainIdentity> present = [.. publication.Plan.Domains.Select(decision => decision.Domain.Identity)];
        foreach (DomainIdentity gone in domains.Keys.Where(known => !present.Contains(known)).ToArray()) Remove(gone);

        manager.Update(publication);
        foreach (PublishedDomain domain in Domains(publication))
        {
            if (domains.TryGetValue(domain.Decision.Domain.Identity, out IBusObject<PublishedDomain>? known)) known.Update(domain);
            else Add(domain);
            TellIfStuck(domain.Decision);
        }

        reservations.Show(publication);
    }

    private static IEnumerable<PublishedDomain> Domains(Publication publication) => publication.Plan.Domains.Select(
        decision => new PublishedDomain(decision, publication.Plan.At, publication.Mode == BalancerMode.Active, publication.Settings));

    private void TellIfStuck(DomainDecision decision)
    {
        if (decision.Health != BalloonHealth.Stuck) stuck.Remove(decision.Domain.Identity);
        else if (stuck.Add(decision.Domain.Identity)) manager.Signal(ManagerInterface.DomainStuck, BusValue.ObjectPath(Names.DomainPath(decision.Domain.Identity.Domid)), decision.Domain.Name);
    }

    private void Add(PublishedDomain domain)
    {
        Export(domain);
        connection.AnnounceAdded(Names.DomainPath(domain.Decision.Domain.Identity.Domid));
    }

    private void Export(PublishedDomain domain)
    {
        DomainIdentity identity = domain.Decision.Domain.Identity;
        domains.Add(identity, connection.Export(Names.DomainPath(identity.Domid), domainInterface, domain));
    }

    private void Remove(DomainIdentity gone)
    {
        connection.AnnounceRemoved(Names.DomainPath(gone.Domid));
        domains[gone].Dispose();
        domains.Remove(gone);
        stuck.Remove(gone);
    }
}
