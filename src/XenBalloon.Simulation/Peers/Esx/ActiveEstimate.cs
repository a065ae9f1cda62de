using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Esx;

/// <summary>
/// ESX's estimate of the active memory of one guest (Waldspurger, OSDI 2002, §5.3): of 100 random pages it counts those that are touched in 30 s, and takes
/// the greatest of a slow and a fast moving average and of what the period under way has shown so far, so that it rises fast and falls slowly.
/// </summary>
/// <param name="seed">Where chance comes from.</param>
internal sealed class ActiveEstimate(ulong seed)
{
    private const int Samples = 100;
    private const double SlowGain = 0.25;
    private const double FastGain = 0.75;

    private double? slow;
    private double fast;
    private double underWay;
    private ulong period;

    /// <summary>Whether a first period is over.</summary>
    public bool IsKnown => slow is not null;

    /// <summary>The part of its memory that is active, 0 to 1; all of it before the first period is over.</summary>
    public double Part => slow is { } known ? Math.Max(Math.Max(known, fast), underWay) : 1;

    /// <summary>Looks in the middle of a period.</summary>
    /// <param name="touched">The part of its memory that the guest touches in half a minute.</param>
    /// <param name="elapsed">How much of the period has passed, 0 to 1: no more of the sampled pages can have shown.</param>
    public void Look(double touched, double elapsed) => underWay = Sampled(touched) * elapsed;

    /// <summary>A period of 30 s is over.</summary>
    /// <param name="touched">The part of its memory that the guest touched.</param>
    public void EndPeriod(double touched)
    {
        double seen = Sampled(touched);
        (slow, fast) = slow is { } before ? (before + (SlowGain * (seen - before)), fast + (FastGain * (seen - fast))) : (seen, seen);
        underWay = 0;
        period++;
    }

    /// <summary>The active part of an amount.</summary>
    public KiB Of(KiB amount) => amount.Times(Part);

    private double Sampled(double touched)
    {
        int hits = 0;
        for (int page = 0; page < Samples; page++)
        {
            if (Noise.Fraction(seed, (period * Samples) + (ulong)page) < touched) hits++;
        }

        return hits / (double)Samples;
    }
}
