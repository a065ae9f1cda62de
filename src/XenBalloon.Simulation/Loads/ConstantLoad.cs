using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Loads;

/// <summary>Always the same.</summary>
/// <param name="Amount">How much.</param>
public sealed record ConstantLoad(KiB Amount) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed) => Amount;
}
