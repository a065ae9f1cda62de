using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// Is it true that a guest has nothing left? One that says so and has no free swap cannot be pressed, for that might
/// kill it, so what was lent to it would be its own for as long as it says so. Its balloon tells: Linux's takes no more
/// than what the kernel has available, and asks for it in a way that kills nothing, so a guest that has nothing left
/// gives nothing. It is asked for a little. If that comes, it is asked for more; if not, its target is put back.
/// What became of a request is read from the snapshots that follow: it may never have been carried out, and somebody
/// else may have set the target meanwhile.
/// </summary>
internal sealed class DistressCheck
{
    /// <summary>A guest that waits this part of its time has nothing left to reclaim.</summary>
    private const double StallThreshold = 0.5;

    /// <summary>
    /// What it calls available, and free swap, is all that the check can cost a guest that tells the truth, so there must
    /// be next to nothing: guests that thrash were seen with 3 MiB available and more.
    /// </summary>
    private static readonly KiB MostLeft = KiB.FromMiB(2);

    /// <summary>Guests in need report every second or two; what was free of an older report is not known.</summary>
    private static readonly TimeSpan OldestReport = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The Linux driver tries at once, and again after 2 s. What programs free until then would be taken, so a balloon
    /// that has not moved for this long has answered.
    /// </summary>
    internal static readonly TimeSpan Answer = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstBelief = TimeSpan.FromMinutes(1), LongestBelief = TimeSpan.FromHours(1);

    /// <summary>A step that differs from what a balloon leaves undone at rest.</summary>
    private static readonly KiB LeastStep = KiB.FromMiB(4);

    /// <summary>Each step is twice the one before, up to this part of what the domain holds.</summary>
    private const double MostPart = 1.0 / 16;

    private (KiB From, KiB To, KiB Held)? request;
    private int given;
    private TimeSpan believedUntil = TimeSpan.MinValue;
    private TimeSpan belief = FirstBelief;

    /// <summary>The target to put back; null where there is none.</summary>
    internal KiB? PutBack { get; private set; }

    /// <summary>Takes one more look at the domain.</summary>
    internal void Observe(DomainCase one, TimeSpan now)
    {
        if (one.Demand.IsReported && !SaysNothingIsLeft(one)) given = 0;
        PutBack = null;
        if (request is not { } asked) return;
        if (one.Domain.Target != asked.To)
        {
            request = null;
            return;
        }

        KiB came = asked.Held - one.Domain.Actual;
        if (came >= asked.From - asked.To - LeastStep.Times(0.5))
        {
            (request, belief) = (null, FirstBelief);
            given++;
        }
        else if (now - one.Balloon.StillSince >= Answer)
        {
            // Until the snapshot shows that it was: a plan need not be carried out.
            KiB most = KiB.Min(asked.From, KiB.Max(asked.To, one.Range.Maximum));
            PutBack = (one.Domain.Actual - one.Balloon.Offset).FloorToPage().Clamp(asked.To, most);
            if (now < believedUntil) return;
            (given, believedUntil) = (0, now + belief);
            belief = TimeSpan.FromTicks(Math.Min(LongestBelief.Ticks, belief.Ticks * 2));
        }
    }

    /// <summary>How much to ask for now; zero for nothing.</summary>
    /// <param name="one">A domain without free swap that uses more than its share.</param>
    /// <param name="own">What it may keep in any case.</param>
    /// <param name="first">How much is asked for at first.</param>
    /// <param name="now">The snapshot's time.</param>
    internal KiB Step(DomainCase one, KiB own, KiB first, TimeSpan now)
    {
        bool isRecent = now - one.Domain.Report?.ReceivedAt <= OldestReport;
        if (request is not null || now < believedUntil || !isRecent || !one.Demand.IsReported || !SaysNothingIsLeft(one)) return KiB.Zero;
        KiB wanted = KiB.Min(new KiB(first.Value << Math.Min(given, 6)), one.Target.Times(MostPart));
        KiB step = KiB.Min(KiB.Max(first, wanted), one.Target - own).FloorToPage();
        return step < LeastStep ? KiB.Zero : step;
    }

    /// <summary>It is asked for so much.</summary>
    internal void OnAsked(DomainCase one, KiB goal) => request = (one.Target, goal, one.Domain.Actual);

    private static bool SaysNothingIsLeft(DomainCase one)
    {
        KiB swapFree = one.Domain.Report?.Vitals is { SwapTotal: { } total, SwapUsed: { } used } ? total - used : KiB.Zero;
        return one.Demand.StallFraction >= StallThreshold && one.Estimator.AvailableWhenHeard + swapFree <= MostLeft;
    }
}
