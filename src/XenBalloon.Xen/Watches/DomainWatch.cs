using System.Globalization;
using XenBalloon.Xen.Checked;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Watches;

/// <summary>
/// The watches of one domain and what they have marked since the last look. One mark a leaf is all that there can be, however much a guest writes.
/// Guarded by the <see cref="DirtySet"/> that it belongs to.
/// </summary>
internal sealed class DomainWatch
{
    /// <summary>The leaves that a guest may be able to write, which are given up when it floods.</summary>
    internal static readonly WatchedLeaf[] GuestLeaves =
        [WatchedLeaf.AgentRecord, WatchedLeaf.MeminfoFree, WatchedLeaf.MeminfoUpdated, WatchedLeaf.QubesMeminfo];

    private readonly StorePath[] paths;
    private readonly StorePath[] tokens;

    public DomainWatch(long id, DomainPaths paths)
    {
        Id = id;
        this.paths = [paths.Target, paths.StaticMax, paths.Name, paths.AgentRecord, paths.MeminfoFree, paths.MeminfoUpdated, paths.QubesMeminfo];
        tokens = new StorePath[this.paths.Length];
        for (int leaf = 0; leaf < tokens.Length; leaf++) tokens[leaf] = new(string.Create(CultureInfo.InvariantCulture, $"{id}.{leaf}"));
        Registered = new bool[this.paths.Length];
        Marks = new TimeSpan?[this.paths.Length];
    }

    /// <summary>Never used twice, so that late events of an old watch are not taken for those of a new one.</summary>
    public long Id { get; }

    /// <summary>What the guest may still cause.</summary>
    public EventBudget Budget { get; } = new();

    /// <summary>For each leaf, whether the event that every watch begins with has come.</summary>
    public bool[] Registered { get; }

    /// <summary>For each leaf, when it last changed, if it has since the last look.</summary>
    public TimeSpan?[] Marks { get; }

    /// <summary>Whether the guest flooded: its leaves are no longer watched.</summary>
    public bool Flooded { get; set; }

    /// <summary>How many leaves there are.</summary>
    public int Leaves => this.paths.Length;

    /// <summary>A leaf's path.</summary>
    public StorePath Path(WatchedLeaf leaf) => this.paths[(int)leaf];

    /// <summary>A leaf's token.</summary>
    public StorePath Token(WatchedLeaf leaf) => tokens[(int)leaf];
}
