using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Loads;

/// <summary>Jumps to each point's amount at its time and stays there until the next; the first amount also holds before its time.</summary>
/// <param name="Points">In ascending order of time; at least one.</param>
public sealed record StepLoad(ImmutableArray<LoadPoint> Points) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed)
    {
        int point = Points.Length - 1;
        while (point > 0 && Points[point].At > time) point--;
        return Points[point].Amount;
    }
}
