using System.Globalization;
using XenBalloon.Xen.Native;

namespace XenBalloon.Xen.Store;

/// <summary>
/// The nodes of a domain that are watched, each by itself: a watch on a directory would let a guest cause any number of
/// events.
/// </summary>
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
internal sealed class DomainWatch
{
    /// <summary>The nodes that a guest may be able to write. A guest that floods loses the watches on them.</summary>
    internal static readonly WatchedNode[] GuestNodes =
    [
        WatchedNode.AgentRecord, WatchedNode.MeminfoFree, WatchedNode.MeminfoUpdated, WatchedNode.QubesMeminfo,
        WatchedNode.ShutdownRequest,
    ];

    /// <summary>The last character of a token: this one for the first node, the next for the second.</summary>
    internal const char FirstNode = 'a';

    private readonly StoreString[] paths;
    private readonly StoreString[] tokens;
    private bool hasChanges;

    public DomainWatch(long id, DomainPaths paths)
    {
        Id = id;
        this.paths =
        [
            paths.Target, paths.StaticMax, paths.Name, paths.DynamicMin, paths.DynamicMax, paths.FirstPciDevice,
            paths.AgentRecord, paths.MeminfoFree, paths.MeminfoUpdated, paths.QubesMeminfo, paths.ShutdownRequest,
        ];
        this.tokens = new StoreString[this.paths.Length];
        for (int node = 0; node < this.tokens.Length; node++)
            this.tokens[node] = new(string.Create(CultureInfo.InvariantCulture, $"{id}.{(char)(FirstNode + node)}"));
        HasFired = new bool[this.paths.Length];
        ChangedAt = new TimeSpan?[this.paths.Length];
    }

    /// <summary>Never reused, so that late events of an old watch are not taken for events of a new one.</summary>
    public long Id { get; }

    /// <summary>The limit on the events that the guest causes.</summary>
    public EventLimit GuestEvents { get; } = new();

    /// <summary>For each node, whether the event of setting the watch has arrived.</summary>
    public bool[] HasFired { get; }

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

    /// <summary>Whether the guest flooded: its nodes are no longer watched.</summary>
    public bool Flooded { get; set; }

    /// <summary>The number of nodes.</summary>
    public int NodeCount => this.paths.Length;

    /// <summary>The path of a node.</summary>
    public StoreString Path(WatchedNode node) => this.paths[(int)node];

    /// <summary>The token of a node's watch.</summary>
    public StoreString Token(WatchedNode node) => this.tokens[(int)node];
}

/// <summary>
/// Limits the events of a domain. A well-behaved agent causes four a second while memory moves, and no more than twenty
/// when many reports are requested.
/// </summary>
internal sealed class EventLimit
{
    /// <summary>Events allowed in each window.</summary>
    internal const int Allowed = 50;

    /// <summary>The length of a window.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

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
