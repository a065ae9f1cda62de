using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>
/// Adds up, tick by tick, what guests lacked while as much lay idle elsewhere: free on the host beyond the slack and
/// beyond what waiting starts need, or held by guests that do not use it.
/// </summary>
/// <param name="total">The host's memory.</param>
/// <param name="slack">What is to be kept free always.</param>
internal sealed class HoardingProbe(KiB total, KiB slack)
{
    // Memory on its way from one guest to another is free for a moment.
    private readonly SlidingMinimum free = new((int)(LackProbe.Grace / Tick.Length));
    private double shortageKiBTicks;
    private double hoardedKiBTicks;
    private long ticks;

    /// <summary>A tick has gone by.</summary>
    /// <param name="freeNow">What no domain holds.</param>
    /// <param name="reserved">What is gathered for domains that wait to start.</param>
    /// <param name="guests">What the guests lack and have idle.</param>
    public void OnTick(KiB freeNow, KiB reserved, IEnumerable<LackProbe> guests)
    {
        ticks++;
        KiB idle = new(free.Add(KiB.Max(KiB.Zero, freeNow - slack - reserved).Value) ?? 0);
        KiB lacking = KiB.Zero;
        foreach (LackProbe guest in guests)
        {
            shortageKiBTicks += guest.Shortage.Value;
            lacking += guest.LastingShortage;
            idle += guest.Idle;
        }

        hoardedKiBTicks += KiB.Min(idle, lacking).Value;
    }

    /// <summary>What it all came to.</summary>
    public Hoarding Sum() => new(
        shortageKiBTicks / Tick.PerSecond,
        hoardedKiBTicks / Tick.PerSecond,
        (double)total.Value * ticks / Tick.PerSecond);
}
