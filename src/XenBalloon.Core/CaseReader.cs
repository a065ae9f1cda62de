using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>Puts together what is known of a domain: snapshot, memory of earlier steps, the operator's wishes.</summary>
internal static class CaseReader
{
    /// <summary>A slow balloon is asked for no more than it moves in this time, but for so much that the asking is worth a write.</summary>
    private static readonly TimeSpan SlowHorizon = TimeSpan.FromSeconds(5);

    private static readonly KiB LeastSlowStep = KiB.FromMiB(16);

    /// <summary>Brings a case up to date.</summary>
    internal static void Read(DomainCase one, DomainSnapshot domain, TimeSpan now, BalancerSettings settings)
    {
        one.Begin(domain, settings);
        one.Balloon.Observe(domain, one.Demand is { IsReported: true, IsStalled: true }, now);
        one.Override.Observe(domain.Target, counts: !settings.Observes);
        one.BootMemory = domain.BootMemory ?? one.BootMemory ?? domain.Target;

        // No word for all domains is meant for the one that the toolstack lives in.
        one.Managed = !one.Identity.IsDom0 && one.Settings.Managed != false;
        one.Pin = one.Settings.Pin ?? (settings.Override == OverrideHandling.Pin ? one.Override.Value : null);
        one.Range = DomainRange.Of(domain, one.Settings, one.BootMemory);
        KiB? adopted = settings.Override == OverrideHandling.Adopt ? one.Override.Value : null;
        if (adopted is { } most) one.Range = one.Range with { Maximum = KiB.Min(one.Range.Maximum, most.FloorToPage().Clamp(one.Range.Minimum, one.Range.Maximum)) };
        one.Estimator.HasSwap = one.Settings.Swap;
        DomainDemand demand = one.Estimator.Observe(domain, one.Balloon, one.BootMemory, now, settings);

        // After a start of ours an idle guest's agent would say nothing until its next heartbeat. One that does not answer by then has left its record behind.
        if (demand.Verdict == ReportVerdict.Silent && domain.HasAgent && now - one.FirstSeen < ReportRhythm.AgentHeartbeat) one.Ask(now);

        // A guest that tells nothing keeps what it has. If it was below its boot memory when it fell silent it gets back to that; what it had above was lent to
        // it, and may be wanted back where it has swap to put it.
        KiB target = one.Target;
        KiB boot = (one.BootMemory ?? target).Clamp(KiB.Zero, KiB.Max(one.Range.Maximum, KiB.Zero));
        bool heard = demand.IsReported;
        KiB guaranteed = KiB.Max(target, boot);
        one.Demand = heard ? demand : DomainDemand.Unreported(demand.Verdict, target, guaranteed);
        bool isOwed = target < boot, owes = target > boot && !one.IsSwapless && !(one.SwapHeadroom <= KiB.Zero);
        bool fellSilent = !heard && (isOwed || owes) && HasFallenSilent(demand, one, now, settings);
        one.Lower = heard ? one.Range.Minimum : fellSilent ? KiB.Max(boot, KiB.Min(target, one.Range.Minimum)) : guaranteed;
        one.Upper = heard ? one.Range.Maximum : guaranteed;
        one.Least = one.Settings.Pin is null ? one.Lower : one.Target;
        Bind(one, now);
        one.Claimable = one.Upper;

        // Without swap there may be no time to bring it back, so a guest should have what it booted with, whatever it uses.
        KiB want = one.IsSwapless ? KiB.Max(boot, one.Demand.Want) : one.Demand.Want;
        bool keepsSpare = heard && one.Settings.Pin is null && settings is { Spare: SpareUse.Keep, Policy: PolicyKind.FairShare };
        if (keepsSpare) one.Upper = MostWorthHaving(one, KiB.Max(KiB.Max(want, boot), one.Demand.Kept)).Clamp(one.Lower, one.Upper);
        one.Need = one.Settings.Pin is null ? one.Demand.Need.Clamp(one.Lower, one.Upper) : one.Upper;
        one.Want = want.Clamp(one.Lower, one.Upper);
        one.Distress.Observe(one, now);
        one.LeftOut = WhyLeftOut(one, now, heard || fellSilent);
        one.Derive();
    }

    /// <summary>
    /// What nobody needs stays free. Cache counts as available in every report: only where the guest's kernel tells when it waits for what was dropped can
    /// it be taken without need. A slow balloon could not bring it back in time. And a guest that may have no swap keeps of what it booted with what it has.
    /// </summary>
    private static KiB MostWorthHaving(DomainCase one, KiB used)
    {
        KiB kept = one.Demand.StallFraction is null || one.Balloon.Health == BalloonHealth.Slow ? one.Target
            : one.Domain.Report?.Vitals?.SwapTotal is null ? KiB.Min(one.Target, one.BootMemory ?? one.Target)
            : KiB.Zero;
        return KiB.Max(used, kept).CeilingToPage();
    }

    /// <summary>What the operator pinned, and what a slow balloon cannot move anyway, narrows the range that is shared out in.</summary>
    private static void Bind(DomainCase one, TimeSpan now)
    {
        if (one.Settings.Pin is { } pin)
        {
            // What is not there for it is no alarm of the whole host's: it waits at what it has.
            one.Upper = pin.CeilingToPage().Clamp(one.Range.Minimum, one.Range.Maximum);
            one.Lower = KiB.Min(one.Upper, KiB.Max(one.Target, one.Range.Minimum));
        }
        else if (one.Balloon.Health == BalloonHealth.Slow)
        {
            KiB step = KiB.Max(LeastSlowStep, new KiB((long)((one.Balloon.PerSecond ?? 0) * SlowHorizon.TotalSeconds)));
            KiB holds = one.Domain.Actual - one.OnTop;

            // What a slow balloon would give is not counted on: a domain that waits for it would wait for minutes.
            one.Lower = KiB.Max(one.Lower, KiB.Min(one.Range.Maximum, holds.FloorToPage()));
            one.Upper = KiB.Max(one.Lower, KiB.Min(one.Upper, (holds + step).FloorToPage()));
        }
        else if (Ceiling(one, now) is { } ceiling)
        {
            one.Upper = KiB.Max(one.Lower, KiB.Min(one.Upper, ceiling));
        }
    }

    /// <summary>What its balloon failed to grow beyond; null where it did not fail, or where it needs more and may try again.</summary>
    private static KiB? Ceiling(DomainCase one, TimeSpan now)
    {
        KiB? ceiling = (one.Balloon.Ceiling - one.OnTop)?.FloorToPage();
        return one.Demand.Need > ceiling && !(now < one.Balloon.StuckUntil) ? null : ceiling;
    }

    /// <summary>After a start of ours nobody has been heard yet: that alone moves no memory.</summary>
    private static bool HasFallenSilent(DomainDemand demand, DomainCase one, TimeSpan now, BalancerSettings settings) =>
        demand.Verdict is ReportVerdict.Stale or ReportVerdict.Implausible || (demand.Verdict == ReportVerdict.Silent && now - one.FirstSeen > settings.StaleAfter);

    private static ReasonKind? WhyLeftOut(DomainCase one, TimeSpan now, bool takesPart)
    {
        if (!one.Managed) return ReasonKind.Unmanaged;
        if (one.Domain.Lifecycle == DomainLifecycle.Building || one.Domain.Target is null) return ReasonKind.Starting;
        if (one.Domain.PopulatesOnDemand && one.Rules.Hold(SafetyRule.PopulatingIsLeft)) return ReasonKind.Starting;
        if (one.Domain.Lifecycle != DomainLifecycle.Running && one.Rules.Hold(SafetyRule.NotRunningIsLeft)) return ReasonKind.NotRunning;
        if (one.Domain.HasPassthrough && one.Rules.Hold(SafetyRule.PassthroughIsLeft)) return ReasonKind.Passthrough;
        if (one.Range.IsEmpty && (one.Range.Maximum == KiB.Zero || one.Target == one.Range.Maximum)) return ReasonKind.NoRange;
        if (one.Settings.Pin is null && one.Pin is not null) return ReasonKind.Overridden;
        if (now < one.Balloon.StuckUntil && !(one.Balloon.Ceiling is not null && one.Balloon.IsResting)) return ReasonKind.Stuck;
        return takesPart ? null : ReasonKind.Silent;
    }
}
