using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// Is it true that a guest has nothing left? One that says so and has no free swap cannot be pressed, for that might
/// kill it, so what was lent to it would be its own as long as it says so. Its balloon tells: Linux's takes no more than
/// what the kernel has available, and asks for it in a way that kills nothing, so a guest that has nothing cannot give.
/// It is asked for a little. What gives that is asked for more; what does not gets its target back and is left alone.
/// </summary>
internal sealed class DistressCheck
{
    /// <summary>A guest that waits for most of its time has nothing left to reclaim.</summary>
    private const double LeastStrain = 0.5;

    /// <summary>
    /// What it calls available, and free swap, is all that the check can cost a guest that tells the truth, so there must
    /// be next to nothing: guests that thrash were seen with 3 MiB available and more.
    /// </summary>
    private static readonly KiB MostLeft = KiB.FromMiB(2);

    /// <summary>The Linux driver tries at once and again after 2 s.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan FirstBelief = TimeSpan.FromMinutes(1), LongestBelief = TimeSpan.FromHours(1);

    /// <summary>Each step is twice the one before, up to this part of what the domain holds.</summary>
    private const double MostPart = 1.0 / 16;

    private TimeSpan? askedAt;
    private TimeSpan believedUntil = TimeSpan.MinValue;
    private TimeSpan belief = FirstBelief;
    private KiB lastStep;

    /// <summary>The next step down.</summary>
    /// <param name="held">What the domain holds.</param>
    /// <param name="first">How much is asked for at first.</param>
    internal KiB Step(KiB held, KiB first) => KiB.Max(first, KiB.Min(lastStep + lastStep, held.Times(MostPart).FloorToPage()));

    /// <summary>Whether it says that nothing is left in it, and may be asked for something all the same.</summary>
    internal bool IsDue(DomainCase part, TimeSpan now) =>
        part.Demand is { IsHeard: true, Strain: >= LeastStrain }
        && part.Estimator.AvailableWhenHeard + SwapFree(part) <= MostLeft
        && now >= believedUntil;

    /// <summary>It is asked for this much.</summary>
    internal void OnAsked(KiB step, TimeSpan now) => (askedAt, lastStep) = (now, step);

    /// <summary>Whether it was asked and has nothing to give, so that its target is to be put back to what it holds.</summary>
    /// <param name="gave">Whether its balloon is where its target wants it.</param>
    /// <param name="now">The snapshot's time.</param>
    internal bool HoldsTrue(bool gave, TimeSpan now)
    {
        if (gave && askedAt is not null && now > askedAt) (askedAt, belief) = (null, FirstBelief);
        if (!(now - askedAt >= LongestAnswer)) return false;
        (askedAt, lastStep, believedUntil) = (null, KiB.Zero, now + belief);
        belief = TimeSpan.FromTicks(Math.Min(LongestBelief.Ticks, belief.Ticks * 2));
        return true;
    }

    private static KiB SwapFree(DomainCase part) =>
        part.Domain.Report?.Vitals is { SwapTotal: { } total, SwapUsed: { } used } ? total - used : KiB.Zero;
}
