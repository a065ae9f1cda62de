using XenBalloon.Core.Hosts;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Domains;

/// <summary>
/// Keeps one <see cref="TrackedDomain"/> for each domain of the hypervisor's list, and sets its watches. A domid with
/// another UUID is another domain, of which nothing is known yet.
/// </summary>
internal sealed class DomainTracker(XenStoreConnection connection, ChangedNodes changed)
{
    private readonly Dictionary<int, TrackedDomain> domains = [];
    private TrackedDomain[] listed = [];

    /// <summary>The domain with this domid; null when it is not tracked.</summary>
    public TrackedDomain? Find(int domid) => domains.GetValueOrDefault(domid);

    /// <summary>Starts to track new domains and stops to track those that no longer exist.</summary>
    /// <returns>The domains, in the order of the list.</returns>
    public ReadOnlySpan<TrackedDomain> Update(ReadOnlySpan<HypervisorDomain> existing)
    {
        if (!AreListed(existing))
        {
            Replace(existing);
            listed = new TrackedDomain[existing.Length];
            for (int i = 0; i < listed.Length; i++) listed[i] = domains[existing[i].Identity.Domid];
        }

        return listed;
    }

    /// <summary>Watches the toolstack's nodes of a domain whose home is no longer watched.</summary>
    public void WatchAfterFlood(TrackedDomain domain) => Set(domain.Watch, domain.Watch.WatchedAfterFlood);

    /// <summary>Watches a domain again that was polled.</summary>
    public void WatchAgain(TrackedDomain domain)
    {
        RemoveWatches(domain);
        domain.Polling = null;
        domain.Watch = SetWatches(domain.Paths);
    }

    /// <summary>Whether the list has the same domains as in the last call.</summary>
    private bool AreListed(ReadOnlySpan<HypervisorDomain> existing)
    {
        if (existing.Length != listed.Length) return false;
        for (int i = 0; i < existing.Length; i++)
        {
            if (listed[i].Identity != existing[i].Identity) return false;
        }

        return true;
    }

    private void Replace(ReadOnlySpan<HypervisorDomain> existing)
    {
        int known = 0;
        foreach (ref readonly HypervisorDomain domain in existing)
        {
            if (IsTracked(domain)) known++;
        }

        if (known < domains.Count) RemoveAllBut(existing);
        if (known == existing.Length) return;
        foreach (ref readonly HypervisorDomain domain in existing)
        {
            if (IsTracked(domain)) continue;
            DomainPaths paths = new(domain.Identity.Domid);
            domains.Add(domain.Identity.Domid, new TrackedDomain(domain.Identity, paths, SetWatches(paths)));
        }
    }

    private bool IsTracked(in HypervisorDomain domain) =>
        domains.TryGetValue(domain.Identity.Domid, out TrackedDomain? tracked) && tracked.Identity == domain.Identity;

    private void RemoveAllBut(ReadOnlySpan<HypervisorDomain> existing)
    {
        HashSet<DomainIdentity> identities = new(existing.Length);
        foreach (ref readonly HypervisorDomain domain in existing) identities.Add(domain.Identity);
        foreach (TrackedDomain tracked in domains.Values.Where(each => !identities.Contains(each.Identity)).ToList())
        {
            domains.Remove(tracked.Identity.Domid);
            RemoveWatches(tracked);
        }
    }

    private DomainWatch SetWatches(DomainPaths paths)
    {
        DomainWatch watch = changed.Add(paths);
        Set(watch, watch.Watched);
        if (watch.Home is { } home) connection.Watch(home, watch.Token);
        return watch;
    }

    private void Set(DomainWatch watch, StoreString[] paths)
    {
        foreach (StoreString path in paths) connection.Watch(path, watch.Token);
    }

    private void RemoveWatches(TrackedDomain domain)
    {
        DomainWatch watch = domain.Watch;
        changed.Remove(watch);
        StoreString[] instead = domain.Polling is null ? [] : watch.WatchedAfterFlood;
        foreach (StoreString path in watch.Watched.Concat(instead)) connection.Unwatch(path, watch.Token);
        if (watch.Home is { } home) connection.Unwatch(home, watch.Token);
    }
}

/// <summary>What is remembered of a domain from one snapshot to the next.</summary>
internal sealed class TrackedDomain(DomainIdentity identity, DomainPaths paths, DomainWatch watch)
{
    /// <summary>Its domid and UUID.</summary>
    public DomainIdentity Identity { get; } = identity;

    /// <summary>Its nodes.</summary>
    public DomainPaths Paths { get; } = paths;

    /// <summary>Its watches.</summary>
    public DomainWatch Watch { get; set; } = watch;

    /// <summary>The toolstack's watched nodes; null to read all of them again.</summary>
    public WatchedValues? Watched
    {
        get;
        set => (field, RereadAt) = (value, TimeSpan.MinValue);
    }

    /// <summary>The nodes that are not watched; null to read them again.</summary>
    public UnwatchedValues? Unwatched
    {
        get;
        set => (field, RereadAt) = (value, TimeSpan.MinValue);
    }

    /// <summary>
    /// Until when a snapshot without an event and without a change in the hypervisor shows nothing new.
    /// </summary>
    public TimeSpan RereadAt { get; set; } = TimeSpan.MinValue;

    /// <summary>Whether libxl's helper was saving, sending or receiving it in the last snapshot.</summary>
    public bool HasHelper { get; set; }

    /// <summary>Whether it no longer populates memory on demand. Once true, this stays so.</summary>
    public bool IsPopulated { get; set; }

    /// <summary>What limits how it can be created again; null while its configuration is not known.</summary>
    public CreationLimits? Limits { get; set; }

    /// <summary>When its configuration was last looked for; null before the first time.</summary>
    public TimeSpan? LimitsSoughtAt { get; set; }

    /// <summary>The newest report.</summary>
    public GuestReport? Report { get; set; }

    /// <summary>When the toolstack asked the guest to shut down or reboot; null if it never did.</summary>
    public TimeSpan? ShutdownRequestedAt { get; set; }

    /// <summary>When the agent announced that it stops; null if it did not, or has reported since.</summary>
    public TimeSpan? AgentLeftAt { get; set; }

    /// <summary>
    /// The newest record of xenballoon-agent, as written. Each record has a number of its own, so an equal one is not
    /// a new report.
    /// </summary>
    public byte[]? AgentRecord { get; set; }

    /// <summary>Whether what the guest wrote last is not a valid report.</summary>
    public bool IsUnreadable { get; set; }

    /// <summary>
    /// When a report of XenServer's agents arrived of which a node is still missing or does not match the other.
    /// </summary>
    public TimeSpan? IncompleteSince { get; set; }

    /// <summary>The state of polling; null while the domain is watched.</summary>
    public FloodPolling? Polling { get; set; }

    /// <summary>The last snapshot; null before the first.</summary>
    public DomainSnapshot? Snapshot { get; set; }

    /// <summary>What that was taken from.</summary>
    public SnapshotSources Sources { get; set; }
}

/// <summary>The polling of a domain whose guest flooded.</summary>
/// <param name="StartedAt">When it started.</param>
/// <param name="LastReadAt">When the nodes were last read; null before the first time.</param>
/// <param name="XenServerText">
/// The values of XenServer's nodes then. Without events, only another value counts as a new report.
/// </param>
/// <param name="QubesText">The value of Qubes' node then.</param>
internal sealed record FloodPolling(TimeSpan StartedAt, TimeSpan? LastReadAt, string? XenServerText, string? QubesText);
