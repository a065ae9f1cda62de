using System.Runtime.InteropServices;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// Free before allocate: growth is granted only out of memory that the hypervisor shows free now, less the slack and less what was granted before and has
/// not been taken yet, so that what was promised is there whatever the reports say.
/// </summary>
internal sealed class GrowthPacer
{
    /// <summary>Worth a write to a domain in need, even below the dead band.</summary>
    private static readonly KiB LeastStepInNeed = KiB.FromMiB(1);

    private readonly ShareSolver solver = new();
    private readonly List<DomainCase> growers = [];
    private ShareCurve[] curves = [];
    private KiB[] shares = [];

    /// <summary>
    /// Hands the free memory out to the participants that hold less than they are entitled to: first to those who lack
    /// their guaranteed share, then to need, then to what is wanted besides, and last, beyond the keep-free pool, to the
    /// rest.
    /// </summary>
    /// <param name="parts">The domains that take part.</param>
    /// <param name="budget">Free memory that may be granted now, the keep-free pool included.</param>
    /// <param name="keepFree">The pool, which what is kept or spare may not draw on.</param>
    /// <param name="idleTax">τ.</param>
    /// <param name="needAlone">Whether nobody is to be given more than it needs.</param>
    /// <param name="calm">
    /// Whether nobody has lacked memory for some time: until then nobody is given more than is coming but those that
    /// lack some.
    /// </param>
    /// <param name="now">The snapshot's time.</param>
    internal void Pace(ReadOnlySpan<DomainCase> parts, KiB budget, KiB keepFree, double idleTax, bool needAlone, bool calm, TimeSpan now)
    {
        growers.Clear();
        foreach (DomainCase part in parts)
        {
            if (part.Entitlement > part.Target && (part.Lacks || (!part.HasTooMuch && (part.Needy || (!needAlone && MayGrowWithoutNeed(part)))))) growers.Add(part);
        }

        if (growers.Count == 0) return;
        if (curves.Length < growers.Count) (curves, shares) = (new ShareCurve[growers.Count * 2], new KiB[growers.Count * 2]);
        KiB left = budget - Grant(GrowthGoal.Guaranteed, budget, idleTax);
        left -= Grant(GrowthGoal.Needed, left, idleTax);
        if (!needAlone)
        {
            left -= Grant(GrowthGoal.Wanted, left, idleTax);
            Grant(calm ? GrowthGoal.Entitled : GrowthGoal.Coming, left - keepFree, idleTax);
        }

        foreach (DomainCase part in growers) Judge(part, now);
    }

    private enum GrowthGoal
    {
        Guaranteed,
        Needed,
        Wanted,
        Coming,
        Entitled,
    }

    private static bool MayGrowWithoutNeed(DomainCase part) =>
        part.Balloon.Health != BalloonHealth.Slow
        && (part.Entitlement - part.Target >= part.StartBand || !part.Balloon.IsResting);

    private static KiB Goal(DomainCase part, GrowthGoal goal) => goal switch
    {
        GrowthGoal.Guaranteed => KiB.Min(KiB.Min(part.Entitlement, part.Need), part.Guaranteed),
        GrowthGoal.Needed => KiB.Min(part.Entitlement, part.Need),
        GrowthGoal.Wanted => KiB.Min(part.Entitlement, part.WantedNow),
        // How much more one that lacks memory needs is not known: it may have all that it is entitled to.
        GrowthGoal.Coming when !part.Lacks => KiB.Min(part.Entitlement, KiB.Max(part.Goal, part.Demand.Coming)),
        _ => part.Entitlement,
    };

    /// <summary>Raises the growers' goals as far as the budget reaches; returns what was granted.</summary>
    private KiB Grant(GrowthGoal goal, KiB budget, double idleTax)
    {
        if (budget < KiB.Page) return KiB.Zero;
        KiB held = KiB.Zero, granted = KiB.Zero;
        Span<DomainCase> all = CollectionsMarshal.AsSpan(growers);
        for (int i = 0; i < all.Length; i++)
        {
            KiB start = all[i].Goal.FloorToPage();
            held += start;
            curves[i] = ShareCurve.FairShare(all[i].Weight, all[i].Need, idleTax, start, KiB.Max(start, Goal(all[i], goal)));
        }

        solver.Solve(curves.AsSpan(0, all.Length), held + budget, shares.AsSpan(0, all.Length));
        for (int i = 0; i < all.Length; i++)
        {
            granted += shares[i] - curves[i].Lower;
            all[i].Goal = KiB.Max(all[i].Goal, shares[i]);
        }

        return granted;
    }

    private static void Judge(DomainCase part, TimeSpan now)
    {
        KiB step = part.Goal - part.Target, gap = part.Entitlement - part.Target;
        if (step >= (part.Lacks ? LeastStepInNeed : KiB.Max(part.DeadBand, KiB.Min(gap, part.StartBand))))
        {
            part.Verdict = ReasonKind.Growing;
            part.Balloon.OnGrown(part.Target, now);
            return;
        }

        part.Goal = part.Target;
        if (part.Needy) part.Verdict = ReasonKind.WaitingForMemory;
    }
}
