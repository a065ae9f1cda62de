using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>One domain on its way through one step: what is known first, what is decided last.</summary>
internal sealed class DomainCase
{
    internal required DomainSnapshot Domain { get; init; }

    internal required DomainSettings Settings { get; init; }

    internal required DomainRange Range { get; init; }

    internal required DomainState Before { get; init; }

    internal required BalloonState Balloon { get; set; }

    internal required DemandState DemandState { get; init; }

    internal required DomainDemand Demand { get; init; }

    internal required KiB? BootMemory { get; init; }

    /// <summary>Whether the balancer may move its memory at all, now or later.</summary>
    internal bool Managed { get; init; }

    /// <summary>Why it takes no part in this step; null when it does.</summary>
    internal ReasonKind? LeftOut { get; init; }

    internal bool TakesPart => LeftOut is null;

    internal int Weight => Settings.Weight ?? DefaultWeight;

    /// <summary>The target in force; its size where it has none.</summary>
    internal KiB Target => Domain.Target ?? Domain.Actual;

    /// <summary>The least that it can be entitled to.</summary>
    internal required KiB Lower { get; set; }

    /// <summary>The most that it can be entitled to.</summary>
    internal required KiB Upper { get; init; }

    /// <summary>What it should have, within its bounds.</summary>
    internal KiB Want => Demand.Want.Clamp(Lower, Upper);

    /// <summary>What its balloon may still take without asking: its target is a promise.</summary>
    internal KiB Promised => Domain.Lifecycle is DomainLifecycle.Dying or DomainLifecycle.Building
        ? KiB.Zero
        : KiB.Max(KiB.Zero, KiB.Min(Target + OnTop, KiB.Max(Domain.MaxMem, Domain.Actual)) - Domain.Actual);

    /// <summary>
    /// What the domain holds on top of its target. Less than its target is no constant to rely on: it may be a promise that it has yet to take.
    /// </summary>
    internal KiB OnTop => KiB.Max(KiB.Zero, Balloon.Offset);

    /// <summary>The least target that leaves it what it uses and a margin.</summary>
    internal KiB LowestTarget => (Demand.Floor - KiB.Min(KiB.Zero, Balloon.Offset)).CeilingToPage();

    /// <summary>A change smaller than this is not worth a write: a quiet host gets none.</summary>
    internal KiB DeadBand => KiB.Max(LeastDeadBand, Target.Times(DeadBandPart));

    /// <summary>Whether it lacks memory that it needs.</summary>
    internal bool Needy => TakesPart && (Target + DeadBand <= Want || (Target < Upper && (Demand.Starved || Target < KiB.Min(Demand.Floor, Upper))));

    internal KiB Entitlement { get; set; }

    /// <summary>The target to be in force after this step.</summary>
    internal KiB Next { get; set; }

    internal ReasonKind Verdict { get; set; }

    private const int DefaultWeight = 100;

    private const double DeadBandPart = 0.0025;

    private static readonly KiB LeastDeadBand = KiB.FromMiB(10);
}
