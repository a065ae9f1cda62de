using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Loads;

/// <summary>Several loads at once.</summary>
/// <param name="Parts">Those that are added up; each has chances of its own.</param>
public sealed record SumLoad(ImmutableArray<Load> Parts) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed)
    {
        KiB sum = KiB.Zero;
        for (int part = 0; part < Parts.Length; part++) sum += Parts[part].At(time, Noise.Bits(seed, (ulong)part));
        return sum;
    }
}
