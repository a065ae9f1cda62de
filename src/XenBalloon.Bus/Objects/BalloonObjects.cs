using XenBalloon.Bus.Definitions;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;

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
        foreach (DomainDecision decision in first.Plan.Domains) Export(decision, first.Plan.At);
    }

    /// <summary>Shows what is published now, and tells what is different.</summary>
    internal void Show(Publication publication)
    {
        // Those that went come first: a newcomer may have the domid, and so the path, of one that went.
        HashSet<DomainIdentity> present = [.. publication.Plan.Domains.Select(decision => decision.Domain.Identity)];
        foreach (DomainIdentity gone in domains.Keys.Where(known => !present.Contains(known)).ToArray()) Remove(gone);

        manager.Update(publication);
        foreach (DomainDecision decision in publication.Plan.Domains)
        {
            if (domains.TryGetValue(decision.Domain.Identity, out IBusObject<PublishedDomain>? known)) known.Update(new(decision, publication.Plan.At));
            else Add(decision, publication.Plan.At);
        }
    }

    private void Add(DomainDecision decision, TimeSpan at)
    {
        Export(decision, at);
        connection.AnnounceAdded(Names.DomainPath(decision.Domain.Identity.Domid));
    }

    private void Export(DomainDecision decision, TimeSpan at)
    {
        DomainIdentity identity = decision.Domain.Identity;
        domains.Add(identity, connection.Export(Names.DomainPath(identity.Domid), domainInterface, new PublishedDomain(decision, at)));
    }

    private void Remove(DomainIdentity gone)
    {
        connection.AnnounceRemoved(Names.DomainPath(gone.Domid));
        domains[gone].Dispose();
        domains.Remove(gone);
    }
}
