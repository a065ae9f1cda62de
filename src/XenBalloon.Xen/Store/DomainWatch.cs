using System.Globalization;
using XenBalloon.Xen.Native;

namespace XenBalloon.Xen.Store;

/// <summary>The nodes of a domain whose changes count.</summary>
internal enum WatchedNode
{
    /// <summary><c>memory/target</c>.</summary>
    Target,

    /// <summary><c>memory/static-max</c>.</summary>
    StaticMax,

    /// <summary><c>name</c>.</summary>
    Name,

    /// <summary><c>memory/dynamic-min</c>.</summary>
    DynamicMin,

    /// <summary><c>memory/dynamic-max</c>.</summary>
    DynamicMax,

    /// <summary>The first PCI device of the domain, a node of dom0.</summary>
    PciDevice,

    /// <summary><c>data/xenballoon</c>: xenballoon-agent writes each report at once.</summary>
    AgentRecord,

    /// <summary>
    /// <c>data/meminfo_free</c>: XenServer's agents write it in each report. <c>meminfo_total</c> is read soon after
    /// and needs no watch.
    /// </summary>
    MeminfoFree,

    /// <summary><c>data/updated</c>: some agents write only the numbers that have changed, and always this.</summary>
    MeminfoUpdated,

    /// <summary><c>memory/meminfo</c>.</summary>
    QubesMeminfo,

    /// <summary><c>control/shutdown</c>, which the guest empties at once: it is read when its event arrives.</summary>
    ShutdownRequest,
}

/// <summary>
/// The watches of one domain and what changed since the last snapshot: one time for each node, however often a guest
/// writes. Guarded by the <see cref="ChangedNodes"/> that it belongs to.
/// </summary>
/// <remarks>
/// xenstored compares each write on the host with every watch, so a guest has as few as possible: one on its home, and
/// one on its first PCI device, a node of dom0. A guest can cause any number of events in its home. If it does, and for
/// dom0, whose home has all backends, the toolstack's nodes are watched one by one.
/// </remarks>
internal sealed class DomainWatch
{
    private const int FirstInDom0 = (int)WatchedNode.PciDevice, FirstGuestNode = (int)WatchedNode.AgentRecord;

    private readonly StoreString[] paths;
    private bool hasChanges;

    public DomainWatch(long id, DomainPaths paths)
    {
        Id = id;
        Token = new StoreString(id.ToString(CultureInfo.InvariantCulture));
        this.paths =
        [
            paths.Target, paths.StaticMax, paths.Name, paths.DynamicMin, paths.DynamicMax, paths.FirstPciDevice,
            paths.AgentRecord, paths.MeminfoFree, paths.MeminfoUpdated, paths.QubesMeminfo, paths.ShutdownRequest,
        ];
        ToolstackNodes = this.paths[..FirstGuestNode];
        (Home, Watched, WatchedAfterFlood) = paths.IsDom0
            ? (null, ToolstackNodes, [])
            : (paths.Home, ToolstackNodes[FirstInDom0..], ToolstackNodes[..FirstInDom0]);
        ChangedAt = new TimeSpan?[this.paths.Length];
    }

    /// <summary>Never reused, so that late events of an old watch are not taken for events of a new one.</summary>
    public long Id { get; }

    /// <summary>The token of all watches: the identifier.</summary>
    public StoreString Token { get; }

    /// <summary>The directory that is watched until the guest floods; null for dom0.</summary>
    public StoreString? Home { get; }

    /// <summary>What is watched beside it.</summary>
    public StoreString[] Watched { get; }

    /// <summary>What is watched instead of it after the guest has flooded.</summary>
    public StoreString[] WatchedAfterFlood { get; }

    /// <summary>The nodes that only the toolstack can write, the first ones of <see cref="WatchedNode"/>.</summary>
    public StoreString[] ToolstackNodes { get; }

    /// <summary>The limit on the events that the guest causes.</summary>
    public EventLimit GuestEvents { get; } = new();

    /// <summary>For each node, when it last changed; null if it has not changed since the last snapshot.</summary>
    public TimeSpan?[] ChangedAt { get; }

    /// <summary>
    /// Whether any node has changed since this was last reset; read without the lock, so that a domain without changes
    /// costs no more than this.
    /// </summary>
    public bool HasChanges
    {
        get => Volatile.Read(ref hasChanges);
        set => Volatile.Write(ref hasChanges, value);
    }

    /// <summary>Whether the guest flooded: its home is no longer watched.</summary>
    public bool Flooded { get; set; }

    /// <summary>The path of a node.</summary>
    public StoreString Path(WatchedNode node) => this.paths[(int)node];

    /// <summary>
    /// Whether a node belongs to a backend in the domain. Other guests can cause those of a driver domain to change.
    /// </summary>
    public bool IsBackend(ReadOnlySpan<byte> path) =>
        Home is { } home && path.StartsWith(home.Bytes) && path[home.Bytes.Length..].StartsWith("/backend/"u8);

    /// <summary>The guest's node with this path; null if none has it.</summary>
    public WatchedNode? GuestNode(ReadOnlySpan<byte> path)
    {
        for (int node = FirstGuestNode; node < this.paths.Length; node++)
        {
            if (path.SequenceEqual(this.paths[node].Bytes)) return (WatchedNode)node;
        }

        return null;
    }
}

/// <summary>
/// Limits the events of a domain. A guest that starts writes some hundreds of nodes, and XenServer's agents write tens
/// in a report. xenballoon-agent causes four events a second while memory moves.
/// </summary>
internal sealed class EventLimit
{
    /// <summary>Events allowed in each window.</summary>
    internal const int Allowed = 1000;

    /// <summary>The length of a window.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private TimeSpan windowStart = TimeSpan.MinValue;
    private int counted;

    /// <summary>Counts one event.</summary>
    /// <returns>False when the window has more events than allowed.</returns>
    public bool Count(TimeSpan now)
    {
        if (windowStart == TimeSpan.MinValue || now - windowStart >= Window)
        {
            windowStart = now;
            counted = 0;
        }

        return ++counted <= Allowed;
    }
}
