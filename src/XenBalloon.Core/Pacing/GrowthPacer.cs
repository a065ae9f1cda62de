using System.Runtime.InteropServices;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>How memory is granted in a pass.</summary>
/// <param name="Budget">Free memory that may be granted now, including the keep-free pool.</param>
/// <param name="KeepFree">The keep-free pool, which need and headroom may use and the rest may not.</param>
/// <param name="IdleTax">τ.</param>
/// <param name="NeedOnly">Whether no domain is given more than it needs.</param>
/// <param name="IsQuiet">
/// Whether no domain has lacked memory for some time. Until then only domains that lack memory are given more than
/// their forecast.
/// </param>
internal readonly record struct GrowthTerms(KiB Budget, KiB KeepFree, double IdleTax, bool NeedOnly, bool IsQuiet);

/// <summary>Grants free memory to the domains that have less than they are entitled to.</summary>
internal sealed class GrowthPacer
{
    private readonly ShareSolver solver = new();
    private readonly List<DomainPass> growers = [];
    private ShareCurve[] curves = [];
    private KiB[] shares = [];

    /// <summary>What memory is granted for, the most important first.</summary>
    private enum GrowthGoal
    {
        GuaranteedNeed,
        Need,
        Want,
        Forecast,
        Entitlement,
    }

    /// <summary>
    /// Grants the budget: first for need within the guaranteed share, then for need, then for what is wanted, and last,
    /// without the keep-free pool, for the rest of the entitlement.
    /// </summary>
    internal void Pace(ReadOnlySpan<DomainPass> participants, in GrowthTerms terms, TimeSpan now)
    {
        growers.Clear();
        foreach (DomainPass domain in participants)
        {
            if (MayGrow(domain, terms.NeedOnly)) growers.Add(domain);
        }

        int count = growers.Count;
        if (count == 0) return;
        if (curves.Length < count) (curves, shares) = (new ShareCurve[count * 2], new KiB[count * 2]);
        KiB left = terms.Budget - Grant(GrowthGoal.GuaranteedNeed, terms.Budget, terms.IdleTax);
        left -= Grant(GrowthGoal.Need, left, terms.IdleTax);
        if (!terms.NeedOnly)
        {
            left -= Grant(GrowthGoal.Want, left, terms.IdleTax);
            GrowthGoal last = terms.IsQuiet ? GrowthGoal.Entitlement : GrowthGoal.Forecast;
            Grant(last, left - terms.KeepFree, terms.IdleTax);
        }

        KiB unused = terms.Budget;
        for (int i = 0; i < count; i++)
        {
            KiB part = growers[i].NewTarget - growers[i].Target, step = Decide(growers[i], now);
            shares[i] = part - step;
            unused -= step;
        }

        GrantUnused(unused, terms.NeedOnly, now);
    }

    /// <summary>
    /// Grants the parts that were not worth a write. Where all parts are so small, the domain with the largest one gets
    /// what the others could not use, within what it needs, or wants if it lacks nothing. Without that, all would wait,
    /// and the memory would stay free.
    /// </summary>
    private void GrantUnused(KiB unused, bool needOnly, TimeSpan now)
    {
        while (true)
        {
            int largest = -1;
            for (int i = 0; i < growers.Count; i++)
            {
                if (shares[i] > (largest < 0 ? KiB.Zero : shares[largest])) largest = i;
            }

            if (largest < 0) return;
            shares[largest] = KiB.Zero;
            DomainPass domain = growers[largest];
            KiB goal = Goal(domain, needOnly || domain.LacksMemory ? GrowthGoal.Need : GrowthGoal.Want);
            domain.NewTarget = KiB.Max(domain.Target, KiB.Min(domain.Target + unused, goal).FloorToPage());
            unused -= Decide(domain, now);
        }
    }

    /// <summary>The least step up that is worth a write.</summary>
    internal static KiB WorthwhileStep(DomainPass domain) => domain.LacksMemory
        ? domain.LeastStepInNeed
        : KiB.Max(domain.DeadBand, KiB.Min(domain.Reachable - domain.Target, domain.StartBand));

    private static bool MayGrow(DomainPass domain, bool needOnly)
    {
        if (domain.Reachable <= domain.Target) return false;
        if (domain.LacksMemory) return true;
        return domain.WantsGrowth || (!needOnly && MayGrowWithoutNeed(domain));
    }

    private static bool MayGrowWithoutNeed(DomainPass domain) =>
        domain.Balloon.Health != BalloonHealth.Slow
        && (domain.Reachable - domain.Target >= domain.StartBand || !domain.Balloon.IsResting);

    private static KiB Goal(DomainPass domain, GrowthGoal goal) => goal switch
    {
        GrowthGoal.GuaranteedNeed => KiB.Min(KiB.Min(domain.Reachable, domain.Need), domain.Guaranteed),
        GrowthGoal.Need => KiB.Min(domain.Reachable, domain.Need),
        GrowthGoal.Want => KiB.Min(domain.Reachable, domain.WantWithForecast),
        // How much a domain lacks is not known exactly, so a domain that lacks memory may have its whole entitlement.
        GrowthGoal.Forecast when !domain.LacksMemory =>
            KiB.Min(domain.Reachable, KiB.Max(domain.NewTarget, domain.Demand.Forecast)),
        _ => domain.Reachable,
    };

    /// <summary>Raises the growers' new targets towards a goal as far as the budget suffices.</summary>
    /// <returns>The memory granted.</returns>
    private KiB Grant(GrowthGoal goal, KiB budget, double idleTax)
    {
        if (budget < KiB.Page) return KiB.Zero;
        KiB held = KiB.Zero, granted = KiB.Zero;
        Span<DomainPass> domains = CollectionsMarshal.AsSpan(growers);
        for (int i = 0; i < domains.Length; i++)
        {
            KiB start = domains[i].NewTarget.FloorToPage();
            KiB most = KiB.Max(start, Goal(domains[i], goal));
            held += start;
            curves[i] = ShareCurve.FairShare(domains[i].Weight, domains[i].Need, idleTax, start, most);
        }

        solver.Solve(curves.AsSpan(0, domains.Length), held + budget, shares.AsSpan(0, domains.Length));
        for (int i = 0; i < domains.Length; i++)
        {
            granted += shares[i] - curves[i].Lower;
            domains[i].NewTarget = KiB.Max(domains[i].NewTarget, shares[i]);
        }

        return granted;
    }

    /// <summary>Raises the target, if the step is worth a write.</summary>
    /// <returns>The step.</returns>
    private static KiB Decide(DomainPass domain, TimeSpan now)
    {
        if (domain.NewTarget - domain.Target >= WorthwhileStep(domain))
        {
            domain.ReasonKind = ReasonKind.Growing;
            domain.Balloon.OnGrown(domain.Target, now);
            return domain.NewTarget - domain.Target;
        }

        domain.NewTarget = domain.Target;
        if (domain.WantsGrowth) domain.ReasonKind = ReasonKind.WaitingForMemory;
        return KiB.Zero;
    }
}
