using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Peers.Common;

namespace XenBalloon.Simulation.Peers.Oracle;

/// <summary>What the oracle knows of one guest of the scenario.</summary>
/// <param name="description">The guest.</param>
/// <param name="seed">Its own source of chance.</param>
internal sealed class GuestOutlook(GuestDescription description, ulong seed)
{
    // How far ahead: what is wanted now, what a fast balloon can just bring, what a usual host can bring, what slow ones need.
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Urgent = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(60);

    // Swap is never all of use, and a plan is never exact to the page.
    private const double SwapOfUse = 0.9;
    private const double Margin = 0.05;

    private readonly GuestFuture future = new(description, seed);
    private readonly KiB kernel = description.Overhead + KernelReserve.Of(description.BootMemory);
    private DomainIdentity? identity;
    private TimeSpan createdAt;

    /// <summary>The guest.</summary>
    public GuestDescription Description => description;

    /// <summary>The domain is there.</summary>
    public void OnSeen(DomainIdentity domain, TimeSpan now)
    {
        if (domain == identity) return;
        createdAt = identity is null && description.CreatedAt is null ? TimeSpan.Zero : now;
        identity = domain;
    }

    /// <summary>Whether its balloon moves now.</summary>
    public bool CanMove(TimeSpan now)
    {
        bool up = createdAt == TimeSpan.Zero || now >= createdAt + description.BuildTime + description.BootTime;
        bool stuck = now >= description.Balloon.StuckFrom && !(now >= description.Balloon.StuckUntil);
        return up && !stuck;
    }

    /// <summary>What its programs want now, in the unit of targets.</summary>
    public KiB Wanted(PeerGuest guest, TimeSpan now) => kernel - guest.Offset + future.Peak(now - createdAt, Now).Anonymous;

    /// <summary>What is to be planned for it.</summary>
    public OracleGuest Plan(PeerGuest guest, TimeSpan now)
    {
        TimeSpan age = now - createdAt;
        GuestNeed current = future.Peak(age, Now);
        GuestNeed urgent = future.Peak(age, Urgent);
        GuestNeed soon = future.Peak(age, Soon);
        GuestNeed later = future.Peak(age, Later);
        KiB fixedPart = kernel - guest.Offset;
        KiB bare = fixedPart + GuestMemory.Essential + GuestMemory.Essential;
        KiB alive = KiB.Max(bare, fixedPart + urgent.Anonymous - description.Swap.Size.Times(SwapOfUse));
        KiB within = description.Balloon.ShrinkPerSecond.Times(Soon.TotalSeconds);
        KiB least = KiB.Max(guest.Terms.Minimum ?? bare, KiB.Max(description.Balloon.HiddenFloor - guest.Offset, guest.Actual - within));
        KiB most = KiB.Min(guest.Terms.Maximum, guest.Actual + description.Balloon.GrowPerSecond.Times(Soon.TotalSeconds));
        return new OracleGuest(least, KiB.Max(least, most),
        [
            OracleLevel.Programs(alive),
            OracleLevel.Programs(fixedPart + current.Anonymous),
            OracleLevel.Files(fixedPart + current.Total),
            OracleLevel.Programs(fixedPart + urgent.Anonymous),
            OracleLevel.Files(fixedPart + urgent.Total),
            OracleLevel.Programs(fixedPart + soon.Anonymous),
            OracleLevel.Files(fixedPart + soon.Total),
            OracleLevel.Files(fixedPart + later.Total),
            OracleLevel.Files(fixedPart + later.Total + later.Total.Times(Margin)),
            OracleLevel.Files(guest.Target),
        ]);
    }
}
