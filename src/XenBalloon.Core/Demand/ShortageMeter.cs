using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Demand;

/// <summary>
/// How much more does a guest need that shows only that it lacks something? It asks for more and more, each time once it has been given what it asked
/// for before. What made it well and does not show as used is remembered, and forgotten slowly: taken back at once, it would only be asked for again.
/// </summary>
internal sealed class ShortageMeter
{
    private static readonly KiB LeastStep = KiB.FromMiB(32), Given = KiB.FromMiB(4);

    /// <summary>
    /// A step as a part of what the guest holds, for a guest that reports every second or so. One that tells of waiting
    /// tells within moments whether the step was enough.
    /// </summary>
    private const double StepPart = 0.1, BlindStepPart = 0.25, StepGrowth = 1.5;

    /// <summary>A guest that reports seldom is given more with each step, as it waits that long for the next.</summary>
    private static readonly TimeSpan IntervalOfAStep = TimeSpan.FromSeconds(5);

    private const double MostSteps = 2;

    /// <summary>What made a guest well is let go of in this time; relapses make it longer.</summary>
    private static readonly TimeSpan Forgetting = TimeSpan.FromMinutes(5), LongestForgetting = TimeSpan.FromHours(2);

    private KiB step;
    private bool hidden;
    private TimeSpan forgetting = Forgetting;

    /// <summary>The size that it asks for; zero while it lacks nothing.</summary>
    internal KiB Goal { get; private set; }

    /// <summary>The size at which it was last well again after it had lacked something; sinks with time.</summary>
    internal KiB Eased { get; private set; }

    /// <summary>Takes a report in which it lacks something.</summary>
    /// <param name="actual">What it holds.</param>
    /// <param name="seen">What is seen to be missing (in swap, and read back); zero where nothing is.</param>
    /// <param name="interval">The time since its report before; null where there was none.</param>
    /// <param name="isBlind">Whether it says nothing of waiting.</param>
    /// <param name="hidden">Whether it seems to have memory available, and yet waits: what it lacks will not show as used once it is there.</param>
    internal void Hungry(KiB actual, KiB seen, TimeSpan? interval, bool isBlind, bool hidden)
    {
        this.hidden = hidden;
        if (actual < Goal - Given) return;
        if (Goal == KiB.Zero && Eased > KiB.Zero) forgetting = TimeSpan.FromTicks(Math.Min(LongestForgetting.Ticks, forgetting.Ticks * 2));
        double steps = interval is { } known ? Math.Clamp(known / IntervalOfAStep, 1, MostSteps) : 1;
        KiB usual = actual.Times((isBlind ? BlindStepPart : StepPart) * steps);
        step = KiB.Max(KiB.Max(KiB.Max(LeastStep, seen), usual), step.Times(StepGrowth));
        Goal = actual + step;
    }

    /// <summary>Takes a report in which it begins to wait now and then: what it has is worth having, and no more is asked for.</summary>
    /// <param name="actual">What it holds.</param>
    internal void Uneasy(KiB actual)
    {
        (Goal, step) = (KiB.Zero, KiB.Zero);
        Eased = KiB.Max(Eased, actual);
    }

    /// <summary>Takes a report in which it lacks nothing.</summary>
    /// <param name="actual">What it holds.</param>
    /// <param name="used">What it uses: no less can make it well.</param>
    /// <param name="interval">The time since its report before; null where there was none.</param>
    internal void Well(KiB actual, KiB used, TimeSpan? interval)
    {
        if (Goal > KiB.Zero && hidden) Eased = KiB.Min(Goal, actual);
        (Goal, step) = (KiB.Zero, KiB.Zero);
        if (Eased == KiB.Zero || interval is not { } since) return;
        Eased = used + (Eased - used).Times(Math.Exp(-since / forgetting));
        if (Eased <= used + LeastStep) (Eased, forgetting) = (KiB.Zero, Forgetting);
    }
}
