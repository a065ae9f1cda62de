using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Senpai;

/// <summary>
/// Meta's Senpai (facebookincubator/senpai; Weiner et al., "TMO", ASPLOS 2022): takes memory a little at a time until the programs just begin to wait for
/// it, and gives it back the faster, the longer they have waited.
/// </summary>
internal static class SenpaiRule
{
    private const double MostProbe = 0.01;
    private const double PressureThreshold = 0.001;
    private const double BackOffCoefficient = 20;
    private static readonly TimeSpan TargetStall = TimeSpan.FromMilliseconds(10);

    /// <summary>What to take: size × 1 % × max(0, 1 − PSI / 0.1 %).</summary>
    /// <param name="size">What the guest has.</param>
    /// <param name="pressure">The part of time in which some task waited for memory or for a disk, 0 to 1.</param>
    public static KiB Probe(KiB size, double pressure) => size.Times(MostProbe * Math.Max(0, 1 - (pressure / PressureThreshold)));

    /// <summary>What to give back; zero while the wait is below the 10 ms that it aims at.</summary>
    /// <param name="size">What the guest has.</param>
    /// <param name="stalled">How long some task has waited for memory since the last change.</param>
    public static KiB BackOff(KiB size, TimeSpan stalled)
    {
        if (stalled <= TargetStall) return KiB.Zero;
        double factor = stalled / TargetStall / BackOffCoefficient;
        return size.Times(Math.Min(1, factor * factor));
    }
}
