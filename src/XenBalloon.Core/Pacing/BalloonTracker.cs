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
        bool first = before == default;
        bool moved = first || domain.Actual != before.Actual;
        bool retargeted = domain.Target != before.Target;
        bool still = !moved && !retargeted;
        BalloonState state = before with
        {
            Target = domain.Target,
            Actual = domain.Actual,
            MaxMem = domain.MaxMem,
            Offset = before.Target is null ? domain.VideoRam : before.Offset,
            StillSince = still ? before.StillSince : now,
            CapStillSince = still && domain.MaxMem == before.MaxMem ? before.CapStillSince : now,
            RestingSince = retargeted ? null : before.RestingSince,
        };
        if (domain.Target is not { } target) return state;

        state = WithOffset(state, target, domain.VideoRam, now);
        KiB distance = state.Actual - target - state.Offset, step = domain.Actual - before.Actual;
        bool answered = moved && (!retargeted || step > Arrived || step < -Arrived);
        return distance <= Arrived && distance >= -Arrived ? AtRest(state, answered, now) : UnderWay(state, now);
    }

    /// <summary>
    /// Linux rests a small constant above its target whatever its video memory, Windows rests its video memory above it: both are seen for what they are.
    /// </summary>
    private static BalloonState WithOffset(BalloonState state, KiB target, KiB videoRam, TimeSpan now)
    {
        KiB difference = state.Actual - target;
        bool constant = now - state.StillSince >= StillForOffset && difference >= -GreatestOffset && difference <= videoRam + GreatestOffset;
        return constant ? state with { Offset = difference } : state;
    }

    private static BalloonState AtRest(BalloonState state, bool byMoving, TimeSpan now)
    {
        // A stuck balloon whose target was set to what it holds has arrived without answering: it stays in peace. One that came here by itself is well.
        bool answered = byMoving && state.RestingSince is null;
        BalloonState resting = state with { RestingSince = state.RestingSince ?? now, GrewFrom = null };
        if (now < state.StuckUntil && !answered) return resting with { Health = BalloonHealth.Stuck };
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
