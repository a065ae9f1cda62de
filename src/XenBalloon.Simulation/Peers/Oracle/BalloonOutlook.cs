using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Oracle;

/// <summary>What the oracle knows of a guest's balloon.</summary>
/// <param name="description">How fast it is, and when it is stuck.</param>
internal sealed class BalloonOutlook(BalloonDescription description)
{
    // What a balloon that keeps up with others can bring before it is wanted.
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(2);

    // One that is slower than this brings nothing in time, and must have it long before.
    private static readonly KiB SlowPerSecond = KiB.FromMiB(100);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Whether it does not move now.</summary>
    public bool IsStuck(TimeSpan now) =>
        (now >= description.StuckFrom && !(now >= description.StuckUntil))
        || (description.StuckEvery is { } period && now.Ticks % period.Ticks < description.StuckFor.Ticks);

    /// <summary>How long what the guest has must do: until its balloon brings more. Longer before it is stuck.</summary>
    public TimeSpan Reach(TimeSpan now)
    {
        TimeSpan reach = KiB.Min(description.GrowPerSecond, description.ShrinkPerSecond) < SlowPerSecond ? Slow : Usual;
        TimeSpan end = now + reach;
        if (description.StuckFrom > now && description.StuckFrom <= end) end = (description.StuckUntil ?? now + Longest) + reach;
        if (description.StuckEvery is { } period)
        {
            TimeSpan next = period * ((now.Ticks / period.Ticks) + 1);
            if (next <= end) end = TimeSpan.FromTicks(Math.Max(end.Ticks, (next + description.StuckFor + reach).Ticks));
        }

        return end - now;
    }
}
