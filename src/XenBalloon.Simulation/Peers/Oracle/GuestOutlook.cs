using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Oracle;

/// <summary>What the oracle knows of one guest of the scenario.</summary>
/// <param name="description">The guest.</param>
/// <param name="seed">Its own source of chance.</param>
internal sealed class GuestOutlook(GuestDescription description, ulong seed)
{
    // How far ahead: what is wanted now, and what is as well had before it is wanted where nobody has a use for it meanwhile.
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(60);

    // From the reboot until it is asked for again, with some time to spare.
    private static readonly TimeSpan Rebuilt = TimeSpan.FromSeconds(3);

    // Swap is never all of use, and a plan is never exact to the page.
    private const double SwapOfUse = 0.9;
    private const double Margin = 0.05;

    private readonly GuestFuture future = new(description, seed);
    private readonly BalloonOutlook balloon = new(description.Balloon);
    private readonly ImmutableArray<CachePiece> cache = CacheWorth.Of(description.Cache);
    private readonly KiB kernel = description.Overhead + KernelReserve.Of(description.BootMemory);
    private DomainIdentity? identity;
    private TimeSpan createdAt;

    // What it comes back with: after it was saved, and after a reboot.
    private KiB heldLast;
    private KiB targetLast;

    // What programs hold and do not use, as far as it lies in swap: there it stays.
    private KiB swappedForGood;

    /// <summary>The guest.</summary>
    public GuestDescription Description => description;

    /// <summary>The domain is there.</summary>
    public void OnSeen(DomainSnapshot domain, TimeSpan now)
    {
        heldLast = domain.Actual;
        targetLast = domain.Target ?? targetLast;
        if (domain.Identity == identity) return;
        bool first = identity is null;
        identity = domain.Identity;

        // What is restored goes on where it was.
        if (!first && description.Events.LastOrDefault(happening => happening.At <= now).Kind == GuestEventKind.Restore) return;
        createdAt = first && description.CreatedAt is null ? TimeSpan.Zero : now;
        swappedForGood = KiB.Zero;
    }

    /// <summary>What creating it will take within some time from now; null where nobody will ask for it. Only for one that is not there.</summary>
    public KiB? StartsWithin(TimeSpan now, TimeSpan ahead)
    {
        if (identity is null) return IsNear(description.CreatedAt) ? description.BootMemory + description.Offset : null;
        if (description.Events.Any(happening => happening.Kind == GuestEventKind.Restore && IsNear(happening.At))) return heldLast;
        GuestEvent last = description.Events.LastOrDefault(happening => happening.At <= now);
        return last.Kind == GuestEventKind.Reboot && now - last.At <= Rebuilt ? targetLast + description.Offset : null;

        bool IsNear(TimeSpan? start) => start > now && start <= now + ahead;
    }

    /// <summary>Whether its balloon moves now.</summary>
    public bool CanMove(TimeSpan now)
    {
        bool up = createdAt == TimeSpan.Zero || now >= createdAt + description.BuildTime + description.BootTime;
        return up && !balloon.IsStuck(now);
    }

    /// <summary>What its programs want now, in the unit of targets.</summary>
    public KiB Wanted(PeerGuest guest, TimeSpan now) => kernel - guest.Offset + future.Peak(now - createdAt, Now).Programs;

    /// <summary>What is to be planned for it.</summary>
    public OracleGuest Plan(PeerGuest guest, TimeSpan now)
    {
        TimeSpan age = now - createdAt;
        GuestNeed current = future.Peak(age, Now);
        GuestNeed urgent = future.Peak(age, balloon.Reach(now));
        GuestNeed soon = future.Peak(age, Soon);
        GuestNeed later = future.Peak(age, Later);
        KiB fixedPart = kernel - guest.Offset;
        KiB alive = KiB.Max(Bare(guest), fixedPart + urgent.Held - description.Swap.Size.Times(SwapOfUse));

        // What is held without use goes to swap before anything that is used, and before that all cache: cache begins beyond it.
        KiB unused = fixedPart + Unused(current, guest.Actual - fixedPart);
        KiB cacheFrom = unused + urgent.Total;
        return new OracleGuest(Least(guest), KiB.Max(Least(guest), Most(guest)),
        [
            OracleLevel.Programs(alive),
            OracleLevel.Programs(fixedPart + current.Programs),
            OracleLevel.Programs(fixedPart + urgent.Programs),
            OracleLevel.Files(unused + current.Total),
            OracleLevel.Files(cacheFrom),
        ])
        {
            CacheFrom = cacheFrom,
            Cache = cache,
            Has = guest.Target,
            Spare =
            [
                OracleLevel.Programs(unused + soon.Programs),
                OracleLevel.Files(unused + soon.Total),
                OracleLevel.Files(unused + later.Total),
                OracleLevel.Files(unused + later.Total + later.Total.Times(Margin)),
                OracleLevel.Files(guest.Target),
            ],
        };
    }

    private KiB Bare(PeerGuest guest) => kernel - guest.Offset + GuestDescription.EssentialMemory + GuestDescription.EssentialMemory;

    private KiB Least(PeerGuest guest)
    {
        KiB within = description.Balloon.ShrinkPerSecond.Times(Soon.TotalSeconds);
        return KiB.Max(guest.Terms.Minimum ?? Bare(guest), KiB.Max(description.Balloon.HiddenFloor - guest.Offset, guest.Actual - within));
    }

    private KiB Most(PeerGuest guest)
    {
        KiB within = description.Balloon.GrowPerSecond.Times(Soon.TotalSeconds);
        KiB most = KiB.Min(guest.Terms.Maximum, guest.Actual + within);
        return description.Balloon.Ceiling is { } ceiling ? KiB.Min(most, ceiling - guest.Offset) : most;
    }

    /// <summary>What is held without use, as far as it is in memory.</summary>
    /// <param name="current">What is wanted.</param>
    /// <param name="room">What there is for that.</param>
    private KiB Unused(GuestNeed current, KiB room)
    {
        KiB unused = current.Held - current.Programs;
        KiB leftOver = KiB.Max(KiB.Zero, room - current.Programs);
        swappedForGood = KiB.Min(KiB.Min(unused, description.Swap.Size), KiB.Max(swappedForGood, unused - leftOver));
        return unused - swappedForGood;
    }
}
