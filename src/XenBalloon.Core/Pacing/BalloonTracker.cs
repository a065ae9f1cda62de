using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>Is it answering? Watches a domain's actual size follow its target.</summary>
public static class BalloonTracker
{
    /// <summary>Closer to its target than this, a domain has arrived: grants and foreign maps move a few MiB.</summary>
    private static readonly KiB Arrived = KiB.FromMiB(2);

    /// <summary>A rest further off than this is no constant of the guest but a balloon that gave up.</summary>
    private static readonly KiB GreatestOffset = KiB.FromMiB(16);

    /// <summary>How long both must be still before their difference is taken for the offset.</summary>
    private static readonly TimeSpan StillForOffset = TimeSpan.FromSeconds(10);

    /// <summary>The Linux driver backs off 2, 4 and 8 s and then gives up until its target changes: no movement for longer than that is an answer.</summary>
    private static readonly TimeSpan StillForStuck = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan FirstPeace = TimeSpan.FromMinutes(1), LongestPeace = TimeSpan.FromHours(1);

    /// <summary>Takes one more look at a domain.</summary>
    /// <param name="before">What was remembered.</param>
    /// <param name="domain">The domain now.</param>
    /// <param name="now">The snapshot's time.</param>
    public static BalloonState Update(BalloonState before, DomainSnapshot domain, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (domain.Target is not { } target) return before with { Target = null, RestingSince = null };

        bool first = before.Target is null;
        bool moved = !first && domain.Actual != before.Actual;
        bool retargeted = target != before.Target;
        BalloonState state = before with
        {
            Target = target,
            Actual = domain.Actual,
            Offset = first ? domain.VideoRam : before.Offset,
            StillSince = first || moved || retargeted ? now : before.StillSince,
            RestingSince = retargeted ? null : before.RestingSince,
        };
        state = WithOffset(state, domain, now);
        KiB distance = state.Actual - target - state.Offset;
        return distance <= Arrived && distance >= -Arrived ? AtRest(state, moved && !retargeted, now) : UnderWay(state, now);
    }

    private static BalloonState WithOffset(BalloonState state, DomainSnapshot domain, TimeSpan now)
    {
        KiB difference = state.Actual - state.Target!.Value;
        KiB unexplained = difference - domain.VideoRam;
        bool constant = now - state.StillSince >= StillForOffset && unexplained <= GreatestOffset && unexplained >= -GreatestOffset;
        return constant ? state with { Offset = difference } : state;
    }

    private static BalloonState AtRest(BalloonState state, bool byMoving, TimeSpan now)
    {
        BalloonState resting = state with { RestingSince = state.RestingSince ?? now };

        // A stuck balloon whose target was set to what it holds has arrived without answering: it stays in peace. One that came here by itself is well.
        bool peace = now < state.StuckUntil && !(byMoving && state.RestingSince is null);
        if (peace) return resting with { Health = BalloonHealth.Stuck };
        bool answered = byMoving && state.RestingSince is null;
        return resting with { Health = BalloonHealth.Cooperative, StuckUntil = null, StuckFor = answered ? TimeSpan.Zero : state.StuckFor };
    }

    private static BalloonState UnderWay(BalloonState state, TimeSpan now)
    {
        BalloonState moving = state with { RestingSince = null };
        if (now < state.StuckUntil) return moving with { Health = BalloonHealth.Stuck };
        if (now - state.StillSince < StillForStuck) return moving;
        TimeSpan peace = state.StuckFor == TimeSpan.Zero ? FirstPeace : TimeSpan.FromTicks(Math.Min(LongestPeace.Ticks, state.StuckFor.Ticks * 2));
        return moving with { Health = BalloonHealth.Stuck, StuckUntil = now + peace, StuckFor = peace };
    }
}
