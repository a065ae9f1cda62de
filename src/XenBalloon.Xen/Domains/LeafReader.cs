using XenBalloon.Core.Memory;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Watches;

namespace XenBalloon.Xen.Domains;

/// <summary>What the toolstack says of a domain in leaves that are watched.</summary>
/// <param name="ReadAt">When all of them were read last.</param>
/// <param name="Target"><c>memory/target</c>; null where there is none yet.</param>
/// <param name="StaticMax"><c>memory/static-max</c>; null where there is none.</param>
/// <param name="Name">Empty where there is none yet.</param>
internal readonly record struct DomainLeaves(TimeSpan ReadAt, KiB? Target, KiB? StaticMax, string Name);

/// <summary>
/// Reads the toolstack's watched leaves, each only when its watch says that it has changed: a look at many domains would
/// otherwise cost a round trip to xenstored for each leaf of each.
/// </summary>
internal sealed class LeafReader(XenStore store, DirtySet dirty, MonotonicClock clock)
{
    /// <summary>Brings what is remembered of a domain's leaves up to date.</summary>
    public DomainLeaves Read(TrackedDomain domain)
    {
        DomainPaths paths = domain.Paths;

        // Marks are taken before anything is read: what changes from here on is read now or marked again.
        bool target = IsMarked(domain, WatchedLeaf.Target);
        bool staticMax = IsMarked(domain, WatchedLeaf.StaticMax);
        bool name = IsMarked(domain, WatchedLeaf.Name);
        bool all = domain.Leaves is not { } known || clock.Now - known.ReadAt >= NotesReader.NotesLast;
        DomainLeaves leaves = all ? new DomainLeaves { ReadAt = clock.Now } : domain.Leaves!.Value;
        if (all || target) leaves = leaves with { Target = DecimalText.ToSize(store.Read(paths.Target)) };
        if (all || staticMax) leaves = leaves with { StaticMax = DecimalText.ToSize(store.Read(paths.StaticMax)) };
        if (all || name) leaves = leaves with { Name = store.Read(paths.Name) ?? "" };
        domain.Leaves = leaves;
        return leaves;
    }

    private bool IsMarked(TrackedDomain domain, WatchedLeaf leaf) => dirty.Take(domain.Watch, leaf) is not null;
}
