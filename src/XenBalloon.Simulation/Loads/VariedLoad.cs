using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Loads;

/// <summary>Another load, larger or smaller than described by a factor that chance sets, so that guests alike are not the same.</summary>
/// <param name="Inner">What is made larger or smaller. Inside a <see cref="RepeatedLoad"/> each round has a factor of its own.</param>
/// <param name="By">The most by which it differs, as a part of it, from 0 to 1.</param>
public sealed record VariedLoad(Load Inner, double By) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed) => Inner.At(time, Noise.Bits(seed, 0)).Times(1 + (By * ((2 * Noise.Part(seed, 1)) - 1)));
}
