using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>Holds a policy's estimate of what a guest uses against what it needs, tick by tick.</summary>
internal sealed class EstimateProbe
{
    /// <summary>A need is clearly above another, or above an estimate, from this multiple of it on; less is within what samples and reports can tell.</summary>
    private const double Clearly = 1.1;

    private long ticks;
    private double errors;
    private long behindTicks;
    private int rises;

    // The need rises or falls; its turn is the highest or the lowest that it was while it did.
    private bool isRising;
    private KiB? turn;

    /// <summary>A tick has gone by.</summary>
    /// <param name="estimate">What the policy takes the guest to use.</param>
    /// <param name="needed">What the guest needs, more than nothing.</param>
    public void OnTick(KiB estimate, KiB needed)
    {
        ticks++;
        errors += Math.Abs(estimate.Value - needed.Value) / (double)needed.Value;
        if (IsClearlyAbove(needed, estimate)) behindTicks++;
        Follow(needed);
    }

    /// <summary>What it all came to.</summary>
    public Tracking Sum() => new(Tick.Length * ticks, errors / Tick.PerSecond, Tick.Length * behindTicks, rises);

    // A rise that goes on, or halts a little on its way, is one rise.
    private void Follow(KiB needed)
    {
        KiB last = turn ?? needed;
        bool turns = isRising ? IsClearlyAbove(last, needed) : IsClearlyAbove(needed, last);
        if (turns)
        {
            isRising = !isRising;
            if (isRising) rises++;
        }

        turn = turns ? needed : isRising ? KiB.Max(last, needed) : KiB.Min(last, needed);
    }

    private static bool IsClearlyAbove(KiB one, KiB other) => one.Value > other.Value * Clearly;
}
