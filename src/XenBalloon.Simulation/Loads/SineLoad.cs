using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Loads;

/// <summary>Swings around a mean, as days and nights do.</summary>
/// <param name="Mean">The middle.</param>
/// <param name="Amplitude">How far to either side; what would be below zero is cut off.</param>
/// <param name="Period">How long one swing takes.</param>
/// <param name="Phase">Where in the swing it begins, as a part of a period: 0 in the middle and rising, 0.25 at the top.</param>
public sealed record SineLoad(KiB Mean, KiB Amplitude, TimeSpan Period, double Phase = 0) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed) => KiB.Max(KiB.Zero, Mean + Amplitude.Times(Math.Sin(Math.Tau * ((time / Period) + Phase))));
}
