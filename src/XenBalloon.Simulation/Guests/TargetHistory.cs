using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>The highest target that the balancer has taken from a guest lately, to tell whether it was the one who did harm.</summary>
internal sealed class TargetHistory
{
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(60);

    // Higher targets that were given up, each lower than the one before: of others the highest is never the highest again.
    private readonly List<(TimeSpan Until, KiB Target)> higher = [];
    private KiB? last;
    private KiB? ordered;

    /// <summary>The balancer has written a target.</summary>
    public void OnOrdered(KiB before, KiB target) => (last, ordered) = (last ?? before, target);

    /// <summary>Nothing of what was before counts: it is another domain now.</summary>
    public void Clear()
    {
        higher.Clear();
        (last, ordered) = (null, null);
    }

    /// <summary>Takes note of the target in a tick.</summary>
    public void Observe(TimeSpan now, KiB target)
    {
        if (last == target) return;

        // Where someone else has decided, whatever comes of it is not the balancer's doing.
        if (target != ordered) higher.Clear();
        else if (last is { } before) GiveUp(now, before, target);
        last = target;
    }

    /// <summary>The highest target of the last minute that the balancer has since lowered; null where it lowered none.</summary>
    /// <param name="now">The scenario's time.</param>
    public KiB? Highest(TimeSpan now)
    {
        foreach ((TimeSpan until, KiB target) in higher)
        {
            if (now - until <= Lately && target > last) return target;
        }

        return null;
    }

    private void GiveUp(TimeSpan now, KiB before, KiB target)
    {
        higher.RemoveAll(old => now - old.Until > Lately || old.Target <= before);
        if (before > target) higher.Add((now, before));
    }
}
