using System.Collections.Immutable;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>Finds the stretches in which memory is on the move.</summary>
internal sealed class MovementProbe
{
    /// <summary>After so long without a move, all balloons are at rest.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private readonly List<TimeSpan> stretches = [];
    private TimeSpan? began;
    private TimeSpan lastMove;

    /// <summary>A tick has gone by.</summary>
    /// <param name="now">Its end.</param>
    /// <param name="moved">Whether any balloon has moved in it.</param>
    public void OnTick(TimeSpan now, bool moved)
    {
        if (moved)
        {
            began ??= now - Tick.Length;
            lastMove = now;
        }
        else if (now - lastMove >= Rest)
        {
            End();
        }
    }

    /// <summary>The stretches so far, in ascending order of length; the last may not have ended.</summary>
    public ImmutableArray<TimeSpan> Sum()
    {
        End();
        return [.. stretches.Order()];
    }

    private void End()
    {
        if (began is { } start) stretches.Add(lastMove - start);
        began = null;
    }
}
