using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Demand;

/// <summary>
/// What does this domain need? Turns reports into hot, want and floor. A report is an untrusted guest's word: it is bounded by what the hypervisor
/// holds, and moves that guest's own share within its own bounds only.
/// </summary>
public static class DemandEstimator
{
    /// <summary>A working-set estimate that falls quickly thrashes, so it is the maximum of a fast and a slow moving average, as ESX's is.</summary>
    private static readonly TimeSpan FastFall = TimeSpan.FromSeconds(4), SlowFall = TimeSpan.FromSeconds(30);

    private static readonly KiB LeastMargin = KiB.FromMiB(16), LeastStarvedStep = KiB.FromMiB(32), Given = KiB.FromMiB(4);

    private const double MarginPart = 0.05, StarvedPart = 0.03, StarvedStepPart = 0.125, StarvedStepGrowth = 1.5;

    /// <summary>Takes the newest report in, if it is new, and says what the domain needs.</summary>
    /// <param name="before">What was remembered.</param>
    /// <param name="domain">The domain now, with its newest report.</param>
    /// <param name="balloon">How its balloon stands now.</param>
    /// <param name="now">The snapshot's time.</param>
    /// <param name="settings">The operator's wishes.</param>
    public static (DemandState State, DomainDemand Demand) Update(
        DemandState before, DomainSnapshot domain, BalloonState balloon, TimeSpan now, BalancerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(settings);
        DemandState state = before;
        if (domain.Report is { } report && report.ReceivedAt != before.ReportAt) state = TakeIn(before, domain, report, balloon);
        return (state, Demand(state, domain, now, settings));
    }

    private static DemandState TakeIn(DemandState before, DomainSnapshot domain, GuestReport report, BalloonState balloon)
    {
        KiB? measured = MeasuredOverhead(domain, report, balloon) ?? before.Overhead;
        KiB overhead = measured ?? AssumedOverhead(domain);
        KiB used = (report.Used + overhead).Clamp(KiB.Zero, domain.Actual);
        KiB available = KiB.Max(KiB.Zero, report.Available ?? (domain.Actual - used));
        bool starved = available < KiB.Max(LeastMargin, domain.Actual.Times(StarvedPart));
        TimeSpan since = before.ReportAt is { } last ? report.ReceivedAt - last : TimeSpan.MaxValue;
        var state = new DemandState
        {
            ReportAt = report.ReceivedAt,
            Overhead = measured,
            FastHot = Fall(before.FastHot, used, since, FastFall),
            SlowHot = Fall(before.SlowHot, used, since, SlowFall),
        };
        return starved ? AskForMore(before, state, domain.Actual) : state;
    }

    /// <summary>
    /// MemTotal moves with the balloon, so within one report total − available is consistent however old it is; only the kernel's own part has to come
    /// from comparing with the hypervisor's count, and that is sound only while nothing moves.
    /// </summary>
    private static KiB? MeasuredOverhead(DomainSnapshot domain, GuestReport report, BalloonState balloon) =>
        report.Total is { } total && report.ReceivedAt > balloon.RestingSince ? KiB.Max(KiB.Zero, domain.Actual - total) : null;

    /// <summary>Until it is measured, and where a source does not say MemTotal: seen were 55 MiB at a static-max of 512 MiB; a page structure takes 64 bytes of 4096.</summary>
    private static KiB AssumedOverhead(DomainSnapshot domain) =>
        KiB.FromMiB(64) + (domain.StaticMax ?? domain.Actual).Times(1.0 / 64);

    /// <summary>How much a starved guest lacks cannot be seen, so ask for more and more, but only once it has been given what was asked before.</summary>
    private static DemandState AskForMore(DemandState before, DemandState state, KiB actual)
    {
        bool given = actual >= before.StarvedGoal - Given;
        if (!given) return state with { StarvedStep = before.StarvedStep, StarvedGoal = before.StarvedGoal };
        KiB step = KiB.Max(KiB.Max(LeastStarvedStep, actual.Times(StarvedStepPart)), before.StarvedStep.Times(StarvedStepGrowth));
        return state with { StarvedStep = step, StarvedGoal = actual + step };
    }

    private static KiB Fall(KiB before, KiB now, TimeSpan since, TimeSpan timeConstant)
    {
        if (now >= before || since == TimeSpan.MaxValue) return now;
        return now + (before - now).Times(Math.Exp(-since / timeConstant));
    }

    private static DomainDemand Demand(DemandState state, DomainSnapshot domain, TimeSpan now, BalancerSettings settings)
    {
        if (state.ReportAt is not { } reported || now - reported > settings.StaleAfter)
        {
            ReportVerdict verdict = state.ReportAt is null ? ReportVerdict.Silent : ReportVerdict.Stale;
            return new DomainDemand(verdict, domain.Actual, domain.Actual, domain.Actual, Starved: false);
        }

        bool starved = state.StarvedGoal > KiB.Zero;
        KiB hot = KiB.Max(state.FastHot, state.SlowHot);
        KiB headroom = KiB.Max(LeastMargin, hot.Times(settings.Headroom));
        KiB floor = state.FastHot + KiB.Max(LeastMargin, state.FastHot.Times(MarginPart));
        if (starved) floor = KiB.Max(floor, domain.Actual);
        return new DomainDemand(ReportVerdict.Fresh, hot, KiB.Max(hot + headroom, KiB.Max(floor, state.StarvedGoal)), floor, starved);
    }
}
