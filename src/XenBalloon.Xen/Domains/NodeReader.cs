using System.Globalization;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Domains;

/// <summary>The nodes of a domain that the toolstack writes and that are watched.</summary>
/// <param name="ReadAt">When all of them were last read.</param>
/// <param name="Target"><c>memory/target</c>; null where it is missing.</param>
/// <param name="StaticMax"><c>memory/static-max</c>; null where it is missing.</param>
/// <param name="Name"><c>name</c>; empty where it is missing.</param>
internal readonly record struct WatchedValues(TimeSpan ReadAt, KiB? Target, KiB? StaticMax, string Name);

/// <summary>The nodes of a domain that rarely change and are not watched.</summary>
/// <param name="ReadAt">When they were last read.</param>
/// <param name="VideoRam">0 where the node is missing or not a size, like the "-1" of domains created at boot.</param>
/// <param name="BootMemory">The memory that it booted with, as written by XAPI, or else by xenballoond.</param>
/// <param name="DynamicMin">The lower bound of its target, as written by XAPI.</param>
/// <param name="DynamicMax">The upper bound of its target, as written by XAPI.</param>
/// <param name="HasPassthrough">Whether a PCI device is passed through to it.</param>
/// <param name="HasAgent">Whether xenballoon-agent has written a record.</param>
/// <param name="HasQubesNode">Whether its <c>memory/meminfo</c> exists.</param>
internal sealed record UnwatchedValues(
    TimeSpan ReadAt,
    KiB VideoRam,
    KiB? BootMemory,
    KiB? DynamicMin,
    KiB? DynamicMax,
    bool HasPassthrough,
    bool HasAgent,
    bool HasQubesNode);

/// <summary>
/// Reads the nodes of a domain that the toolstack and xenballoond write, and as few of them as possible: each costs a
/// round trip to xenstored.
/// </summary>
internal sealed class NodeReader(XenStore store, ChangedNodes changed, MonotonicClock clock)
{
    /// <summary>After this time, all nodes are read again, whether or not a watch has fired.</summary>
    internal static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(30);

    /// <summary>Reads the watched nodes that have changed.</summary>
    public WatchedValues ReadWatched(TrackedDomain domain)
    {
        DomainPaths paths = domain.Paths;

        // Before anything is read: a node that changes from here on is read now or marked again.
        bool target = HasChanged(domain, WatchedNode.Target);
        bool staticMax = HasChanged(domain, WatchedNode.StaticMax);
        bool name = HasChanged(domain, WatchedNode.Name);
        bool all = domain.Watched is not { } known || IsOld(known.ReadAt);
        WatchedValues values = all ? new WatchedValues { ReadAt = clock.Now } : domain.Watched!.Value;
        if (all || target) values = values with { Target = DecimalText.ToSize(store.Read(paths.Target)) };
        if (all || staticMax) values = values with { StaticMax = DecimalText.ToSize(store.Read(paths.StaticMax)) };
        if (all || name) values = values with { Name = store.Read(paths.Name) ?? "" };
        domain.Watched = values;
        return values;
    }

    /// <summary>Reads the other nodes, if they have not been read or are old.</summary>
    public void RefreshUnwatched(TrackedDomain domain)
    {
        if (domain.Unwatched is not { } known || IsOld(known.ReadAt)) domain.Unwatched = ReadUnwatched(domain.Paths);
    }

    private UnwatchedValues ReadUnwatched(DomainPaths paths) => new(
        clock.Now,
        DecimalText.ToSize(store.Read(paths.VideoRam)) ?? KiB.Zero,
        DecimalText.ToSize(store.Read(paths.InitialReservation)) ?? DecimalText.ToSize(store.Read(paths.BootMemory)),
        DecimalText.ToSize(store.Read(paths.DynamicMin)),
        DecimalText.ToSize(store.Read(paths.DynamicMax)),
        HasPassthrough(paths),
        store.Exists(paths.AgentRecord),
        store.Exists(paths.QubesMeminfo));

    /// <summary>
    /// A guest whose device model runs in a domain of its own gets its devices through that domain, and xenstore shows
    /// them only there.
    /// </summary>
    private bool HasPassthrough(DomainPaths paths)
    {
        if (store.Exists(paths.FirstPciDevice)) return true;
        string? text = store.Read(paths.DeviceModelDomid);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int deviceModel)
            && deviceModel != 0
            && store.Exists(new DomainPaths(deviceModel).FirstPciDevice);
    }

    private bool HasChanged(TrackedDomain domain, WatchedNode node) => changed.Take(domain.Watch, node) is not null;

    private bool IsOld(TimeSpan readAt) => clock.Now - readAt >= RefreshInterval;
}
