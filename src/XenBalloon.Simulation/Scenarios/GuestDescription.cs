using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Scenarios;

/// <summary>A guest of a scenario. Only data.</summary>
public sealed record GuestDescription
{
    /// <summary>
    /// Memory of init and the kernel's own threads. It cannot be killed, and without it the kernel panics.
    /// </summary>
    internal static readonly KiB EssentialMemory = KiB.FromMiB(16);

    /// <summary>The name; unique in the scenario.</summary>
    public required string Name { get; init; }

    /// <summary>The virtualization type.</summary>
    public DomainKind Kind { get; init; }

    /// <summary>The memory at boot: xl's <c>memory=</c>.</summary>
    public required KiB BootMemory { get; init; }

    /// <summary>The static maximum: xl's <c>maxmem=</c>.</summary>
    public required KiB StaticMax { get; init; }

    /// <summary>The administrator's dynamic-min; null if unset.</summary>
    public KiB? Minimum { get; init; }

    /// <summary>The administrator's dynamic-max; null if unset.</summary>
    public KiB? Maximum { get; init; }

    /// <summary>The administrator's weight.</summary>
    public int Weight { get; init; } = 100;

    /// <summary>
    /// Actual minus target when the balloon rests: zero for Linux PV, a small constant for PVH and HVM.
    /// </summary>
    public KiB Offset { get; init; }

    /// <summary>
    /// Memory that the kernel keeps for itself: MemTotal is lower than the domain's memory by this amount. Null for
    /// 32 MiB plus 1/64 of the static maximum (Linux allocates one <c>struct page</c> for each possible page).
    /// </summary>
    public KiB? KernelOverhead { get; init; }

    /// <summary>Anonymous memory that the programs use.</summary>
    public Load Anonymous { get; init; } = new ConstantLoad(KiB.FromMiB(64));

    /// <summary>Files that the programs read repeatedly. A smaller cache costs disk reads.</summary>
    public Load Files { get; init; } = new ConstantLoad(KiB.Zero);

    /// <summary>Further file reads, of which a larger cache saves more, with diminishing returns.</summary>
    public CacheDescription Cache { get; init; } = CacheDescription.None;

    /// <summary>
    /// Anonymous memory that the programs have allocated and never touch again. It is swapped out first and never
    /// read back.
    /// </summary>
    public Load Cold { get; init; } = new ConstantLoad(KiB.Zero);

    /// <summary>tmpfs and shared memory: counted as cache by Linux, but it can only be swapped, not dropped.</summary>
    public Load Shared { get; init; } = new ConstantLoad(KiB.Zero);

    /// <summary>The part by which Committed_AS exceeds the memory that programs use.</summary>
    public double Overcommit { get; init; } = 0.3;

    /// <summary>The swap device.</summary>
    public SwapDescription Swap { get; init; } = new();

    /// <summary>The balloon driver.</summary>
    public BalloonDescription Balloon { get; init; } = BalloonDescription.Normal;

    /// <summary>The agent.</summary>
    public ReportingDescription Reporting { get; init; } = ReportingDescription.Default;

    /// <summary>
    /// How long a start waits for free memory; null for a start that fails at once if the memory is not free, as
    /// <c>xl create</c> does.
    /// </summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>
    /// Whether memory is populated on demand (HVM and PVH guests that boot with less than their static maximum),
    /// until the balloon reaches its first target.
    /// </summary>
    public bool PopulatesOnDemand { get; init; }

    /// <summary>The time of creation; null for a guest that already runs when the scenario begins.</summary>
    public TimeSpan? CreatedAt { get; init; }

    /// <summary>The time to build the domain. Until then <c>memory/target</c> is unset.</summary>
    public TimeSpan BuildTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The boot time after that. Until then no balloon driver and no agent runs.</summary>
    public TimeSpan BootTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>External events, in ascending order of time.</summary>
    public ImmutableArray<GuestEvent> Events { get; init; } = [];

    /// <summary><see cref="KernelOverhead"/> or its default.</summary>
    internal KiB Overhead => (KernelOverhead ?? KiB.FromMiB(32) + StaticMax.Times(1.0 / 64)).CeilingToPage();
}

/// <summary>The swap device of a guest.</summary>
public sealed record SwapDescription
{
    /// <summary>No swap: the first page that does not fit causes an OOM kill.</summary>
    public static SwapDescription None { get; } = new() { Size = KiB.Zero };

    /// <summary>The size.</summary>
    public KiB Size { get; init; } = KiB.FromMiB(1024);

    /// <summary>The bandwidth, shared by both directions.</summary>
    public KiB PerSecond { get; init; } = KiB.FromMiB(200);
}

/// <summary>An external event in the life of a guest.</summary>
/// <param name="At">When, in scenario time.</param>
/// <param name="Kind">What.</param>
/// <param name="Value">The size, for kinds that need one.</param>
public readonly record struct GuestEvent(TimeSpan At, GuestEventKind Kind, KiB Value = default);

/// <summary>Actions of an administrator or the guest itself, not of the balancer.</summary>
public enum GuestEventKind
{
    /// <summary><c>xl pause</c>: the guest stops.</summary>
    Pause,

    /// <summary><c>xl unpause</c>.</summary>
    Unpause,

    /// <summary><c>xl mem-set</c>: sets the maxmem cap and the target, regardless of what the guest uses.</summary>
    SetTarget,

    /// <summary><c>xl mem-max</c>: sets the maxmem cap, and leaves the static maximum.</summary>
    SetMaxMem,

    /// <summary>Suspends in place, as for a checkpoint.</summary>
    Suspend,

    /// <summary>Continues after <see cref="Suspend"/>.</summary>
    Resume,

    /// <summary><c>xl save</c>: suspends, writes the memory to disk and destroys the domain.</summary>
    Save,

    /// <summary><c>xl restore</c>: the domain returns with a new domid, the same UUID and the same memory.</summary>
    Restore,

    /// <summary>
    /// <c>xl reboot</c>: xl destroys the domain and builds it again with its current target, a new domid and the same
    /// UUID.
    /// </summary>
    Reboot,

    /// <summary><c>xl migrate</c> to another host: the domain keeps its memory during the transfer.</summary>
    MigrateAway,

    /// <summary>The guest's kernel panics, for reasons other than memory.</summary>
    Crash,

    /// <summary><c>xl destroy</c>.</summary>
    Destroy,
}
