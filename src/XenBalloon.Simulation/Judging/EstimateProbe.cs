using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>Compares a policy's estimate of a guest's working set with the guest's need, tick by tick.</summary>
internal sealed class EstimateProbe
{
    /// <summary>
    /// From this factor on, a need is clearly above another one or above an estimate; smaller differences are within
    /// the precision of samples and reports.
    /// </summary>
    private const double Clearly = 1.1;

    private long ticks;
    private double errors;
    private long behindTicks;
    private int rises;

    // The highest need while it rises, or the lowest while it falls.
    private bool isRising;
    private KiB? extreme;

    /// <summary>Records a tick.</summary>
    /// <param name="estimate">The policy's estimate.</param>
    /// <param name="needed">The guest's need, more than zero.</param>
    public void OnTick(KiB estimate, KiB needed)
    {
        ticks++;
        errors += Math.Abs(estimate.Value - needed.Value) / (double)needed.Value;
        if (IsClearlyAbove(needed, estimate)) behindTicks++;
        TrackNeed(needed);
    }

    /// <summary>The result.</summary>
    public EstimateAccuracy Sum() =>
        new(Tick.Length * ticks, errors / Tick.PerSecond, Tick.Length * behindTicks, rises);

    // A rise that continues after a small pause is one rise.
    private void TrackNeed(KiB needed)
    {
        KiB last = extreme ?? needed;
        bool reverses = isRising ? IsClearlyAbove(last, needed) : IsClearlyAbove(needed, last);
        if (reverses)
        {
            isRising = !isRising;
            if (isRising) rises++;
        }

        extreme = reverses ? needed : isRising ? KiB.Max(last, needed) : KiB.Min(last, needed);
    }

    private static bool IsClearlyAbove(KiB size, KiB other) => size.Value > other.Value * Clearly;
}

/// <summary>The accuracy of a policy's estimate of a guest's working set.</summary>
/// <param name="Known">How long there was an estimate while the guest worked; the other values cover this time.</param>
/// <param name="ErrorSeconds">The integral over time of the relative error.</param>
/// <param name="Behind">How long the need was clearly above the estimate.</param>
/// <param name="Rises">How often the need rose clearly, for the first time or after a clear fall.</param>
public readonly record struct EstimateAccuracy(TimeSpan Known, double ErrorSeconds, TimeSpan Behind, int Rises);
