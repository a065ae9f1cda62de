using System.Collections.Immutable;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>How long something was so, each time, tick by tick.</summary>
internal sealed class Stretches
{
    private readonly List<TimeSpan> ended = [];
    private long ticks;

    /// <summary>A tick has gone by.</summary>
    /// <param name="isSo">Whether it was so in that tick.</param>
    public void OnTick(bool isSo)
    {
        if (isSo) ticks++;
        else End();
    }

    /// <summary>All of them, the last one perhaps still lasting, in ascending order of length.</summary>
    public ImmutableArray<TimeSpan> Sum()
    {
        End();
        return [.. ended.Order()];
    }

    private void End()
    {
        if (ticks > 0) ended.Add(Tick.Length * ticks);
        ticks = 0;
    }
}
