using XenBalloon.Core.Allocation;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// Free before allocate: growth is granted only out of memory that the hypervisor shows free now, less the slack and less what was granted before and has
/// not been taken yet, so that what was promised is there whatever the reports say.
/// </summary>
internal static class GrowthPacer
{
    /// <summary>Worth a write to a domain in need, even below the dead band.</summary>
    private static readonly KiB LeastStepInNeed = KiB.FromMiB(1);

    /// <summary>Hands the free memory out to the participants that hold less than they are entitled to: first to need, then to the rest.</summary>
    /// <param name="parts">The domains that take part.</param>
    /// <param name="budget">Free memory that may be granted now, the keep-free pool included.</param>
    /// <param name="keepFree">The pool, which only need may draw on.</param>
    /// <param name="idleTax">τ.</param>
    /// <param name="now">The snapshot's time.</param>
    internal static void Pace(DomainCase[] parts, KiB budget, KiB keepFree, double idleTax, TimeSpan now)
    {
        DomainCase[] growers = Array.FindAll(
            parts, part => part.Entitlement > part.Target && (part.Needy || !Turning.IsTooSoon(part.Balloon.ShrunkAt, now)));
        if (growers.Length == 0) return;

        KiB left = budget - Grant(growers, part => KiB.Min(part.Entitlement, part.Want), budget, idleTax);
        Grant(growers, part => part.Entitlement, left - keepFree, idleTax);
        foreach (DomainCase part in growers) Judge(part, now);
    }

    /// <summary>Raises the growers' next targets as far as the budget reaches; returns what was granted.</summary>
    private static KiB Grant(DomainCase[] growers, Func<DomainCase, KiB> goal, KiB budget, double idleTax)
    {
        if (budget < KiB.Page) return KiB.Zero;
        var shares = new KiB[growers.Length];
        KiB held = KiB.Zero;
        ShareCurve[] curves = Array.ConvertAll(growers, part =>
        {
            KiB start = part.Next.FloorToPage();
            held += start;
            return new ShareCurve(part.Weight, part.Want, start, KiB.Max(start, goal(part)));
        });
        FairShareSolver.Solve(curves, held + budget, idleTax, shares);
        KiB granted = KiB.Zero;
        for (int i = 0; i < growers.Length; i++)
        {
            granted += shares[i] - curves[i].Lower;
            growers[i].Next = KiB.Max(growers[i].Next, shares[i]);
        }

        return granted;
    }

    private static void Judge(DomainCase part, TimeSpan now)
    {
        KiB step = part.Next - part.Target, gap = part.Entitlement - part.Target;
        if (step >= part.DeadBand || (part.Needy && step >= LeastStepInNeed))
        {
            part.Verdict = ReasonKind.Growing;
            part.Balloon = part.Balloon with { GrewAt = now, GrewFrom = part.Balloon.GrewFrom ?? part.Target };
            return;
        }

        part.Next = part.Target;
        if (part.Needy || gap >= part.DeadBand) part.Verdict = ReasonKind.WaitingForMemory;
    }
}
