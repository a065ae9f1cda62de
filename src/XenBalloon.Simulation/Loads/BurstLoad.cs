using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Loads;

/// <summary>Nothing, but for one burst in each span of time, which begins when chance will and lasts as long as chance will.</summary>
/// <param name="Height">How much it takes during a burst.</param>
/// <param name="Every">The span in which there is one burst.</param>
/// <param name="Shortest">The least time that a burst lasts.</param>
/// <param name="Longest">The most time that a burst lasts, no more than the span.</param>
public sealed record BurstLoad(KiB Height, TimeSpan Every, TimeSpan Shortest, TimeSpan Longest) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed)
    {
        long span = time.Ticks / Every.Ticks;
        long within = time.Ticks - (span * Every.Ticks);
        long length = Shortest.Ticks + (long)((Longest - Shortest).Ticks * Noise.Part(seed, 2 * (ulong)span));
        long begin = (long)((Every.Ticks - length) * Noise.Part(seed, (2 * (ulong)span) + 1));
        return within >= begin && within < begin + length ? Height : KiB.Zero;
    }
}
