using System.Collections.Immutable;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>Cuts a guest's work into windows, and says of each how much longer it took than without waiting.</summary>
internal sealed class SlowdownWindows
{
    /// <summary>Nothing at all done in a window would be infinitely slow, and no mean could hold it.</summary>
    public const double Worst = 100;

    /// <summary>How much work a window holds.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    private readonly List<double> slowdowns = [];
    private TimeSpan workedBefore;
    private TimeSpan stalledBefore;

    /// <summary>Some time has gone by.</summary>
    public void OnTick(GuestOutcome outcome)
    {
        TimeSpan worked = outcome.Worked - workedBefore;
        if (worked < Length) return;
        slowdowns.Add(Slowdown(worked, outcome.Stalled - stalledBefore));
        (workedBefore, stalledBefore) = (outcome.Worked, outcome.Stalled);
    }

    /// <summary>The whole windows, in ascending order.</summary>
    public ImmutableArray<double> Sorted() => [.. slowdowns.Order()];

    /// <summary>How much longer work took than without waiting: 1 for not at all.</summary>
    public static double Slowdown(TimeSpan worked, TimeSpan stalled) => worked <= stalled * (Worst / (Worst - 1)) ? Worst : worked / (worked - stalled);
}
