using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Demand;

/// <summary>
/// Finds how much of what a guest counts as used it does not use: takes a little more while nobody in it waits for memory or disks, as Senpai does
/// (facebookincubator/senpai: at most 1 % in 6 s, below 0.1 % pressure), and lets go at the first sign of pain.
/// </summary>
internal sealed class WorkingSetProbe
{
    private const double StepPart = 0.01, QuietPressure = 0.001;

    /// <summary>The margin above what a guest uses, and a step more: what is swapped out does not count as used any more, so that this goes down with it.</summary>
    private const double MostPart = 0.07;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(6), RestAfterPain = TimeSpan.FromMinutes(10);

    private TimeSpan notBefore;

    /// <summary>What is taken for unused although the guest counts it as used.</summary>
    internal KiB Taken { get; private set; }

    /// <summary>What one more step may take now.</summary>
    internal KiB Allowance { get; private set; }

    /// <summary>Takes a report.</summary>
    /// <param name="actual">What the domain holds.</param>
    /// <param name="report">The report.</param>
    /// <param name="allowed">Whether the operator wants it, and the guest does not hurt.</param>
    internal void Take(KiB actual, GuestReport report, bool allowed)
    {
        Allowance = KiB.Zero;
        bool quiet = report.Vitals is { MemorySome: < QuietPressure, IoSome: < QuietPressure } vitals && vitals.SwapHeadroom >= KiB.Zero;
        if (!allowed)
        {
            if (Taken > KiB.Zero) notBefore = report.ReceivedAt + RestAfterPain;
            Taken = KiB.Zero;
        }
        else if (quiet && report.ReceivedAt >= notBefore)
        {
            Allowance = actual.Times(StepPart);
            Taken = KiB.Min(Taken + Allowance, actual.Times(MostPart));
            notBefore = report.ReceivedAt + Period;
        }
    }
}
