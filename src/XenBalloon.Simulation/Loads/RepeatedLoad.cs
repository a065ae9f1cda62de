using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Loads;

/// <summary>The beginning of another load, over and over.</summary>
/// <param name="Inner">What is repeated; its chances differ each time round.</param>
/// <param name="Period">How much of it.</param>
public sealed record RepeatedLoad(Load Inner, TimeSpan Period) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed)
    {
        long round = time.Ticks / Period.Ticks;
        return Inner.At(time - new TimeSpan(round * Period.Ticks), Noise.Bits(seed, (ulong)round));
    }
}
