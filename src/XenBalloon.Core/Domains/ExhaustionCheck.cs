using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Domains;

/// <summary>
/// Checks whether a guest that reports nothing available really has nothing left. Such a guest without free swap cannot
/// be pressed, because that might kill it, so it would keep all memory that was lent to it for as long as it reports
/// that. Its balloon shows the truth: Linux's takes only what the kernel has available, and allocates in a way that
/// kills nothing. So its target is lowered a little. If that memory arrives, it is lowered further; if not, the target
/// is put back. The result is read from later snapshots, because a plan may not be carried out, and another tool may
/// set the target in between.
/// </summary>
internal sealed class ExhaustionCheck
{
    /// <summary>A guest that stalls for this fraction of its time has nothing left to reclaim.</summary>
    private const double ExhaustedStallFraction = 0.5;

    /// <summary>
    /// Available memory and free swap are all that the check can cost an honest guest, so there must be nearly none:
    /// guests that thrash were seen with 3 MiB available and more.
    /// </summary>
    private static readonly KiB MostLeft = KiB.FromMiB(2);

    /// <summary>
    /// Guests that lack memory report every second or two; an older report does not show what is free.
    /// </summary>
    private static readonly TimeSpan OldestReport = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The Linux driver tries at once, and again after 2 s. A balloon that has not moved for this long has answered;
    /// waiting longer would take what programs free in the meantime.
    /// </summary>
    internal static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(1);

    /// <summary>How long no check follows a failed one. Each further failure doubles the time.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1), LongestPause = TimeSpan.FromHours(1);

    /// <summary>A smaller step could be mistaken for what a balloon leaves undone at rest.</summary>
    private static readonly KiB MinStep = KiB.FromMiB(4);

    /// <summary>Each step is twice the previous one, up to this fraction of the domain's target.</summary>
    private const double LargestStepFraction = 1.0 / 16;

    private (KiB From, KiB To, KiB Held)? request;
    private int given;
    private TimeSpan pausedUntil = TimeSpan.MinValue;
    private TimeSpan pause = FirstPause;

    /// <summary>The target to put back; null if there is none.</summary>
    internal KiB? PutBack { get; private set; }

    /// <summary>Whether the balloon's answer is awaited, or the target is to be put back.</summary>
    internal bool IsChecking => request is not null;

    /// <summary>Reads the domain's state.</summary>
    internal void Observe(DomainPass domain, TimeSpan now)
    {
        if (domain.Demand.IsReported && !ReportsExhaustion(domain)) given = 0;
        PutBack = null;
        if (request is not { } requested) return;
        if (domain.Snapshot.Target != requested.To)
        {
            request = null;
            return;
        }

        KiB arrived = requested.Held - domain.Snapshot.Actual;
        if (arrived >= requested.From - requested.To - MinStep.Times(0.5))
        {
            (request, pause) = (null, FirstPause);
            given++;
        }
        else if (now - domain.Balloon.StillSince >= AnswerTime)
        {
            // Repeated until a snapshot shows the target put back: a plan may not be carried out.
            KiB most = KiB.Min(requested.From, KiB.Max(requested.To, domain.Range.Maximum));
            KiB holds = (domain.Snapshot.Actual - domain.Balloon.Offset).FloorToPage();
            PutBack = holds.Clamp(requested.To, most);
            if (now < pausedUntil) return;
            (given, pausedUntil) = (0, now + pause);
            pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, pause.Ticks * 2));
        }
    }

    /// <summary>The size of the next step; zero for none.</summary>
    /// <param name="domain">A domain without free swap that uses more than its share.</param>
    /// <param name="own">The target that it may keep in any case.</param>
    /// <param name="first">The size of the first step.</param>
    /// <param name="now">The snapshot's time.</param>
    internal KiB NextStep(DomainPass domain, KiB own, KiB first, TimeSpan now)
    {
        if (request is not null || now < pausedUntil) return KiB.Zero;
        bool isRecent = now - domain.Snapshot.Report?.ReceivedAt <= OldestReport;
        if (!isRecent || !domain.Demand.IsReported || !ReportsExhaustion(domain)) return KiB.Zero;
        KiB doubled = new(first.Value << Math.Min(given, 6));
        KiB wanted = KiB.Min(doubled, domain.Target.Times(LargestStepFraction));
        KiB step = KiB.Min(KiB.Max(first, wanted), domain.Target - own).FloorToPage();
        return step < MinStep ? KiB.Zero : step;
    }

    /// <summary>Records that the domain's target is lowered to this.</summary>
    internal void OnStep(DomainPass domain, KiB newTarget) =>
        request = (domain.Target, newTarget, domain.Snapshot.Actual);

    private static bool ReportsExhaustion(DomainPass domain)
    {
        KiB freeSwap = domain.Snapshot.Report?.Vitals is { SwapTotal: { } total, SwapUsed: { } used }
            ? total - used
            : KiB.Zero;
        return domain.Demand.StallFraction >= ExhaustedStallFraction
            && domain.Estimator.AvailableAtReport + freeSwap <= MostLeft;
    }
}
