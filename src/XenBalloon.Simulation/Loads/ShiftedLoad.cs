using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Loads;

/// <summary>Another load that has been going on for some time already, so that guests alike are not in step.</summary>
/// <param name="Inner">What has been going on; it should repeat itself, for its beginning is never seen again.</param>
/// <param name="UpTo">It has been going on for as long as chance will, up to this.</param>
public sealed record ShiftedLoad(Load Inner, TimeSpan UpTo) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed) => Inner.At(time + (UpTo * Noise.Part(seed, 1)), Noise.Bits(seed, 0));
}
