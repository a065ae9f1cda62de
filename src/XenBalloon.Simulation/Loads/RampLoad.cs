using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Loads;

/// <summary>Goes from each point to the next in a straight line; the first and last amounts hold before and after.</summary>
/// <param name="Points">In ascending order of time; at least one.</param>
public sealed record RampLoad(ImmutableArray<LoadPoint> Points) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed)
    {
        int next = 0;
        while (next < Points.Length && Points[next].At <= time) next++;
        if (next == 0) return Points[0].Amount;
        LoadPoint from = Points[next - 1];
        if (next == Points.Length) return from.Amount;
        LoadPoint to = Points[next];
        return from.Amount + (to.Amount - from.Amount).Times((time - from.At) / (to.At - from.At));
    }
}
