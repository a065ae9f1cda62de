using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Loads;

namespace XenBalloon.Simulation.Guests;

/// <summary>A guest as a scenario describes it. Nothing but data.</summary>
public sealed record GuestDescription
{
    /// <summary>Its name; unique in the scenario.</summary>
    public required string Name { get; init; }

    /// <summary>How it is virtualized.</summary>
    public DomainKind Kind { get; init; }

    /// <summary>What it boots with: xl's <c>memory=</c>.</summary>
    public required KiB BootMemory { get; init; }

    /// <summary>The most it can ever have: xl's <c>maxmem=</c>.</summary>
    public required KiB StaticMax { get; init; }

    /// <summary>dynamic-min, as its administrator set it; null where nothing was said.</summary>
    public KiB? Minimum { get; init; }

    /// <summary>dynamic-max, as its administrator set it; null where nothing was said.</summary>
    public KiB? Maximum { get; init; }

    /// <summary>Shares, as its administrator set them.</summary>
    public int Weight { get; init; } = 100;

    /// <summary>Actual − target when its balloon rests; zero for Linux PV, a small constant for PVH and HVM.</summary>
    public KiB Offset { get; init; }

    /// <summary>
    /// What its kernel keeps for itself, so that MemTotal is that much less than what the hypervisor holds; null for 32 MiB and 1/64 of the
    /// static maximum (one <c>struct page</c> for each page that it could have).
    /// </summary>
    public KiB? KernelOverhead { get; init; }

    /// <summary>The anonymous memory that its programs have allocated and use.</summary>
    public Load Anonymous { get; init; } = new ConstantLoad(KiB.FromMiB(64));

    /// <summary>The files that its programs read again and again; cache below this is paid for with reads.</summary>
    public Load Files { get; init; } = new ConstantLoad(KiB.Zero);

    /// <summary>How its programs read files beyond <see cref="Files"/>: more cache saves them more reads, with diminishing return.</summary>
    public CacheDescription Cache { get; init; } = CacheDescription.None;

    /// <summary>Anonymous memory that its programs have allocated and never touch again: the first to be swapped, and not missed.</summary>
    public Load Cold { get; init; } = new ConstantLoad(KiB.Zero);

    /// <summary>Files in tmpfs and shared memory: they look like cache, and can be swapped, but never dropped.</summary>
    public Load Shared { get; init; } = new ConstantLoad(KiB.Zero);

    /// <summary>What its programs were promised beyond what they use (Committed_AS), as a part of that.</summary>
    public double Overcommit { get; init; } = 0.3;

    /// <summary>Its swap.</summary>
    public SwapDescription Swap { get; init; } = new();

    /// <summary>Its balloon driver.</summary>
    public BalloonDescription Balloon { get; init; } = BalloonDescription.Normal;

    /// <summary>Its agent.</summary>
    public ReportingDescription Reporting { get; init; } = ReportingDescription.Default;

    /// <summary>How long whoever starts it waits for memory to become free; null for one that fails at once where it is not (<c>xl create</c>).</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Whether its memory is populated on demand (HVM and PVH that boot with less than their static maximum), until its balloon has arrived for the first time.</summary>
    public bool PopulatesOnDemand { get; init; }

    /// <summary>When it is created; null for one that is up and running when the scenario begins.</summary>
    public TimeSpan? CreatedAt { get; init; }

    /// <summary>How long the toolstack builds it: until then it has no <c>memory/target</c>.</summary>
    public TimeSpan BuildTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long it boots after that: until then no balloon driver answers and nothing is reported.</summary>
    public TimeSpan BootTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What happens to it, in ascending order of time.</summary>
    public ImmutableArray<GuestEvent> Events { get; init; } = [];

    /// <summary>What its kernel keeps for itself, worked out.</summary>
    internal KiB Overhead => (KernelOverhead ?? KiB.FromMiB(32) + StaticMax.Times(1.0 / 64)).CeilingToPage();
}
