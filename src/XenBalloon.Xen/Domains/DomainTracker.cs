using XenBalloon.Xen.Checked;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Watches;

namespace XenBalloon.Xen.Domains;

/// <summary>
/// Keeps what we remember in step with the hypervisor's list. A domid with another UUID is another domain, of which nothing is known yet.
/// </summary>
internal sealed class DomainTracker(XenStoreConnection connection, DirtySet dirty)
{
    private readonly Dictionary<int, TrackedDomain> domains = [];

    /// <summary>The domain with this domid; null when it is not tracked.</summary>
    public TrackedDomain? Find(int domid) => domains.GetValueOrDefault(domid);

    /// <summary>Takes in who lives now.</summary>
    public void Update(IReadOnlyList<HypervisorDomain> living)
    {
        Dictionary<int, HypervisorDomain> now = living.ToDictionary(domain => domain.Identity.Domid);
        foreach (TrackedDomain tracked in domains.Values.ToList())
        {
            if (now.TryGetValue(tracked.Identity.Domid, out HypervisorDomain same) && same.Identity == tracked.Identity) continue;
            domains.Remove(tracked.Identity.Domid);
            Unwatch(tracked.Watch);
        }

        foreach (HypervisorDomain domain in living)
        {
            if (domains.ContainsKey(domain.Identity.Domid)) continue;
            DomainPaths paths = new(domain.Identity.Domid);
            domains.Add(domain.Identity.Domid, new TrackedDomain(domain.Identity, paths, Watch(paths)));
        }
    }

    /// <summary>Watches a domain anew after it was polled.</summary>
    public void WatchAgain(TrackedDomain domain)
    {
        Unwatch(domain.Watch);
        domain.Watch = Watch(domain.Paths);
    }

    private DomainWatch Watch(DomainPaths paths)
    {
        DomainWatch watch = dirty.Add(paths);
        for (WatchedLeaf leaf = 0; (int)leaf < watch.Leaves; leaf++) connection.Watch(watch.Path(leaf), watch.Token(leaf));
        return watch;
    }

    private void Unwatch(DomainWatch watch)
    {
        dirty.Remove(watch);
        for (WatchedLeaf leaf = 0; (int)leaf < watch.Leaves; leaf++) connection.Unwatch(watch.Path(leaf), watch.Token(leaf));
    }
}
