using XenBalloon.Bus.Definitions;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Objects;

/// <summary>Everything of ours on the bus: the manager and one object for each domain, kept in step with what is published. Lives on the bus thread.</summary>
internal sealed class BalloonObjects
{
    private readonly IBusConnection connection;
    private readonly BusInterface<PublishedDomain> domainInterface = DomainInterface.Define();
    private readonly IBusObject<Publication> manager;
    private readonly Dictionary<DomainIdentity, IBusObject<PublishedDomain>> domains = [];

    internal BalloonObjects(IBusConnection connection, IManagerControl control, Publication first)
    {
        this.connection = connection;
        connection.AddObjectManager(Names.Root);
        manager = connection.Export(Names.Root, ManagerInterface.Define(control), first);
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
        }
    }

    private static IEnumerable<PublishedDomain> Domains(Publication publication) => publication.Plan.Domains.Select(
        decision => new PublishedDomain(decision, publication.Plan.At, publication.Mode == BalancerMode.Active));

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
    }
}
