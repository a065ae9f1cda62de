using System.Globalization;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Domains;

/// <summary>The nodes of a domain that the toolstack writes and that are watched.</summary>
/// <param name="ReadAt">When all of them were last read.</param>
/// <param name="Target"><c>memory/target</c>; null where it is missing.</param>
/// <param name="StaticMax"><c>memory/static-max</c>; null where it is missing.</param>
/// <param name="Name"><c>name</c>; empty where it is missing.</param>
/// <param name="ShownName">The name, cut and on one line.</param>
/// <param name="DynamicMin">The lower bound of its target, as written by XAPI.</param>
/// <param name="DynamicMax">The upper bound of its target, as written by XAPI.</param>
/// <param name="HasPciDevice">Whether a PCI device is passed through to it.</param>
internal readonly record struct WatchedValues(
    TimeSpan ReadAt,
    KiB? Target,
    KiB? StaticMax,
    string Name,
    string ShownName,
    KiB? DynamicMin,
    KiB? DynamicMax,
    bool HasPciDevice);

/// <summary>The nodes of a domain that are written once, while it is built, or of which an event tells.</summary>
/// <param name="ReadAt">When they were last read.</param>
/// <param name="HasRun">Whether the domain had run by then, so that its toolstack had written all of them.</param>
/// <param name="VideoRam">0 where the node is missing or not a size, like the "-1" of domains created at boot.</param>
/// <param name="BootMemory">The memory that it booted with, as written by XAPI, or else by xenballoond.</param>
/// <param name="DeviceModel">The domid of the domain that runs its device model; null where that is dom0.</param>
/// <param name="DeviceModelHasPciDevice">Whether a PCI device is passed through to that domain.</param>
/// <param name="HasAgent">Whether xenballoon-agent has written a record.</param>
/// <param name="HasQubesNode">Whether its <c>memory/meminfo</c> exists.</param>
internal sealed record UnwatchedValues(
    TimeSpan ReadAt,
    bool HasRun,
    KiB VideoRam,
    KiB? BootMemory,
    int? DeviceModel,
    bool DeviceModelHasPciDevice,
    bool HasAgent,
    bool HasQubesNode);

/// <summary>
/// Reads the nodes of a domain that the toolstack and xenballoond write, and as few of them as possible: each costs a
/// round trip to xenstored.
/// </summary>
internal sealed class NodeReader(XenStore store, ChangedNodes changed, MonotonicClock clock)
{
    /// <summary>After this time, all nodes are read again, whether or not a watch has fired.</summary>
    internal static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The same for a guest whose device model runs in a domain of its own: it gets its devices through that domain,
    /// whose nodes are not watched.
    /// </summary>
    internal static readonly TimeSpan DeviceModelRefreshInterval = TimeSpan.FromSeconds(30);

    private const int LongestName = 128;

    /// <summary>Reads the watched nodes that have changed.</summary>
    public WatchedValues ReadWatched(TrackedDomain domain)
    {
        DomainPaths paths = domain.Paths;
        bool all = domain.Watched is not { } known || IsOld(known.ReadAt, RefreshInterval);
        WatchedValues values = all ? new WatchedValues { ReadAt = clock.Now } : domain.Watched!.Value;

        // The mark is taken before the node is read: a node that changes from here on is read now or marked again.
        if (HasChanged(WatchedNode.Target)) values = values with { Target = ReadSize(paths.Target) };
        if (HasChanged(WatchedNode.StaticMax)) values = values with { StaticMax = ReadSize(paths.StaticMax) };
        if (HasChanged(WatchedNode.Name))
        {
            string name = store.Read(paths.Name) ?? "";
            values = values with { Name = name, ShownName = Printable(name) };
        }

        if (HasChanged(WatchedNode.DynamicMin)) values = values with { DynamicMin = ReadSize(paths.DynamicMin) };
        if (HasChanged(WatchedNode.DynamicMax)) values = values with { DynamicMax = ReadSize(paths.DynamicMax) };
        if (HasChanged(WatchedNode.PciDevice))
        {
            values = values with { HasPciDevice = store.Exists(paths.FirstPciDevice) };
        }

        domain.Watched = values;
        return values;

        bool HasChanged(WatchedNode node) => changed.Take(domain.Watch, node) is not null || all;
    }

    /// <summary>
    /// Reads the other nodes, if they have not been read or are old, and when the domain first runs: libxl writes the
    /// target before it starts the device model's domain.
    /// </summary>
    public void RefreshUnwatched(TrackedDomain domain, bool hasRun)
    {
        if (domain.Unwatched is not { } known || known.HasRun != hasRun || IsOld(known.ReadAt, Interval(known)))
        {
            domain.Unwatched = ReadUnwatched(domain.Paths, hasRun);
        }
    }

    /// <summary>When a domain's nodes are read again at the latest.</summary>
    public static TimeSpan RereadAt(TrackedDomain domain)
    {
        TimeSpan watched = domain.Watched is { } known ? known.ReadAt + RefreshInterval : TimeSpan.MinValue;
        if (domain.Unwatched is not { } other) return watched;
        TimeSpan unwatched = other.ReadAt + Interval(other);
        return unwatched < watched ? unwatched : watched;
    }

    private static TimeSpan Interval(UnwatchedValues known) =>
        known.DeviceModel is null ? RefreshInterval : DeviceModelRefreshInterval;

    private UnwatchedValues ReadUnwatched(DomainPaths paths, bool hasRun)
    {
        int? deviceModel = DeviceModel(paths);
        return new UnwatchedValues(
            clock.Now,
            hasRun,
            ReadSize(paths.VideoRam) ?? KiB.Zero,
            ReadSize(paths.InitialReservation) ?? ReadSize(paths.BootMemory),
            deviceModel,
            deviceModel is { } domid && store.Exists(new DomainPaths(domid).FirstPciDevice),
            store.Exists(paths.AgentRecord),
            store.Exists(paths.QubesMeminfo));
    }

    private int? DeviceModel(DomainPaths paths)
    {
        string? text = store.Read(paths.DeviceModelDomid);
        bool isDomid = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int domid);
        return isDomid && domid != 0 ? domid : null;
    }

    private KiB? ReadSize(StoreString path) => DecimalText.ToSize(store.Read(path));

    private bool IsOld(TimeSpan readAt, TimeSpan interval) => clock.Now - readAt >= interval;

    /// <summary>Cuts a name and replaces its control characters, so that it prints on one line.</summary>
    private static string Printable(string name)
    {
        string cut = name.Length <= LongestName ? name : name[..LongestName];
        return string.Create(cut.Length, cut, static (text, from) =>
        {
            for (int i = 0; i < text.Length; i++) text[i] = char.IsControl(from[i]) ? '?' : from[i];
        });
    }
}
