using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>What the oracle knows about one guest of the scenario.</summary>
/// <param name="description">The guest.</param>
/// <param name="seed">The guest's own random seed.</param>
internal sealed class GuestForecast(GuestDescription description, ulong seed)
{
    // How far ahead to plan: what is needed now, and what is useful to have in advance if the memory has no other use.
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(60);

    // From the request of a reboot until its start is requested, with a margin.
    private static readonly TimeSpan Rebuilt = TimeSpan.FromSeconds(8);

    // Swap is never fully usable, and a plan is never exact to the page.
    private const double SwapOfUse = 0.9;
    private const double Margin = 0.05;

    private readonly LoadForecast future = new(description, seed);
    private readonly BalloonForecast balloon = new(description.Balloon);
    private readonly ImmutableArray<CachePiece> cache = CacheValue.Of(description.Cache);
    private readonly KiB kernel = description.Overhead + KernelReserve.Of(description.BootMemory);
    private DomainIdentity? identity;
    private TimeSpan createdAt;

    // The size after a restore, and after a reboot.
    private KiB heldLast;
    private KiB targetLast;

    // Memory that programs hold without using it, as far as it is swapped out: it stays there.
    private KiB swappedForGood;

    /// <summary>The guest.</summary>
    public GuestDescription Description => description;

    /// <summary>Records that the domain exists.</summary>
    public void Observe(DomainSnapshot domain, TimeSpan now)
    {
        heldLast = domain.Actual;
        targetLast = domain.Target ?? targetLast;
        if (domain.Identity == identity) return;
        bool first = identity is null;
        identity = domain.Identity;

        // A restored guest continues where it was.
        if (!first && description.Events.LastOrDefault(happening => happening.At <= now).Kind == GuestEventKind.Restore)
            return;
        createdAt = first && description.CreatedAt is null ? TimeSpan.Zero : now;
        swappedForGood = KiB.Zero;
    }

    /// <summary>
    /// What its start will need within some time from now; null if it will not be requested. Only for a guest that does
    /// not exist.
    /// </summary>
    public KiB? StartNeedWithin(TimeSpan now, TimeSpan ahead)
    {
        if (identity is null) return IsNear(description.CreatedAt) ? description.BootMemory + description.Offset : null;
        if (description.Events.Any(happening => happening.Kind == GuestEventKind.Restore && IsNear(happening.At)))
            return heldLast;
        GuestEvent last = description.Events.LastOrDefault(happening => happening.At <= now);
        return last.Kind == GuestEventKind.Reboot && now - last.At <= Rebuilt ? targetLast + description.Offset : null;

        bool IsNear(TimeSpan? start) => start > now && start <= now + ahead;
    }

    /// <summary>Whether its balloon can move now.</summary>
    public bool CanMove(TimeSpan now)
    {
        bool up = createdAt == TimeSpan.Zero || now >= createdAt + description.BuildTime + description.BootTime;
        return up && !balloon.IsStuck(now);
    }

    /// <summary>What its programs need now, in the unit of targets.</summary>
    public KiB Wanted(PeerGuest guest, TimeSpan now) =>
        kernel - guest.Offset + future.Peak(now - createdAt, Now).Programs;

    /// <summary>The input of the plan.</summary>
    public OracleGuest Plan(PeerGuest guest, TimeSpan now)
    {
        TimeSpan age = now - createdAt;
        LoadPeak current = future.Peak(age, Now);
        LoadPeak urgent = future.Peak(age, balloon.LeadTime(now));
        LoadPeak soon = future.Peak(age, Soon);
        LoadPeak later = future.Peak(age, Later);
        KiB fixedPart = kernel - guest.Offset;
        KiB alive = KiB.Max(LeastToRun(guest), fixedPart + urgent.Held - description.Swap.Size.Times(SwapOfUse));

        // Unused memory is swapped out before memory in use, and all cache before that: cache begins beyond it.
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
            SurplusLevels =
            [
                OracleLevel.Programs(unused + soon.Programs),
                OracleLevel.Files(unused + soon.Total),
                OracleLevel.Files(unused + later.Total),
                OracleLevel.Files(unused + later.Total + later.Total.Times(Margin)),
                OracleLevel.Files(guest.Target),
            ],
        };
    }

    private KiB LeastToRun(PeerGuest guest) =>
        kernel - guest.Offset + GuestDescription.EssentialMemory + GuestDescription.EssentialMemory;

    private KiB Least(PeerGuest guest)
    {
        KiB within = description.Balloon.ShrinkPerSecond.Times(Soon.TotalSeconds);
        return KiB.Max(
            guest.Settings.Minimum ?? LeastToRun(guest),
            KiB.Max(description.Balloon.HiddenFloor - guest.Offset, guest.Actual - within));
    }

    private KiB Most(PeerGuest guest)
    {
        KiB within = description.Balloon.GrowPerSecond.Times(Soon.TotalSeconds);
        KiB most = KiB.Min(guest.Settings.Maximum, guest.Actual + within);
        return description.Balloon.Ceiling is { } ceiling ? KiB.Min(most, ceiling - guest.Offset) : most;
    }

    /// <summary>Unused memory that programs hold and that is not swapped out.</summary>
    /// <param name="current">What is needed.</param>
    /// <param name="capacity">The memory available for it.</param>
    private KiB Unused(LoadPeak current, KiB capacity)
    {
        KiB unused = current.Held - current.Programs;
        KiB leftOver = KiB.Max(KiB.Zero, capacity - current.Programs);
        swappedForGood = KiB.Min(KiB.Min(unused, description.Swap.Size), KiB.Max(swappedForGood, unused - leftOver));
        return unused - swappedForGood;
    }
}

/// <summary>What the oracle knows about a guest's balloon.</summary>
/// <param name="description">The balloon's speed and when it is stuck.</param>
internal sealed class BalloonForecast(BalloonDescription description)
{
    // The lead time of a balloon of normal speed.
    private static readonly TimeSpan NormalLead = TimeSpan.FromSeconds(2);

    // A slower balloon brings nothing in time and must start long before.
    private static readonly KiB SlowPerSecond = KiB.FromMiB(100);
    private static readonly TimeSpan SlowLead = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Unbounded = TimeSpan.FromHours(1);

    /// <summary>Whether it is stuck now.</summary>
    public bool IsStuck(TimeSpan now) =>
        (now >= description.StuckFrom && !(now >= description.StuckUntil))
        || (description.StuckEvery is { } period && now.Ticks % period.Ticks < description.StuckFor.Ticks);

    /// <summary>
    /// How long the guest's current memory must suffice until its balloon brings more; longer before the balloon gets
    /// stuck.
    /// </summary>
    public TimeSpan LeadTime(TimeSpan now)
    {
        TimeSpan reach = KiB.Min(description.GrowPerSecond, description.ShrinkPerSecond) < SlowPerSecond
            ? SlowLead
            : NormalLead;
        TimeSpan end = now + reach;
        if (description.StuckFrom > now && description.StuckFrom <= end)
            end = (description.StuckUntil ?? now + Unbounded) + reach;
        if (description.StuckEvery is { } period)
        {
            TimeSpan next = period * ((now.Ticks / period.Ticks) + 1);
            if (next <= end) end = TimeSpan.FromTicks(Math.Max(end.Ticks, (next + description.StuckFor + reach).Ticks));
        }

        return end - now;
    }
}

/// <summary>
/// What a guest will need, computed from the scenario's loads. Each moment is computed once and cached.
/// </summary>
/// <param name="description">The guest.</param>
/// <param name="seed">The guest's own random seed.</param>
internal sealed class LoadForecast(GuestDescription description, ulong seed)
{
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(0.5);

    private readonly List<LoadPeak> moments = [];

    /// <summary>The peak within a span of time.</summary>
    /// <param name="from">The beginning, since the guest's creation.</param>
    /// <param name="length">The length.</param>
    public LoadPeak Peak(TimeSpan from, TimeSpan length)
    {
        int first = (int)Math.Max(0, from.Ticks / Grain.Ticks);
        int last = (int)((from + length).Ticks / Grain.Ticks) + 1;
        LoadPeak peak = default;
        for (int moment = first; moment <= last; moment++) peak = LoadPeak.Max(peak, At(moment));
        return peak;
    }

    private LoadPeak At(int moment)
    {
        while (moments.Count <= moment)
        {
            TimeSpan time = Grain * moments.Count;
            KiB wanted = description.Anonymous.At(time, seed);
            KiB anonymous = KiB.Max(GuestDescription.EssentialMemory, wanted).CeilingToPage();
            KiB programs = anonymous + description.Shared.At(time, seed).CeilingToPage();
            KiB held = programs + description.Cold.At(time, seed).CeilingToPage();
            moments.Add(new LoadPeak(programs, held, programs + description.Files.At(time, seed).CeilingToPage()));
        }

        return moments[moment];
    }
}

/// <summary>The peak need of a guest's programs within some time.</summary>
/// <param name="Programs">Anonymous and shared memory that they use.</param>
/// <param name="Held">That and unused memory that they hold: all that must be in memory or in swap.</param>
/// <param name="Total">
/// <paramref name="Programs"/> and the files that they read, at the moment of their common peak.
/// </param>
internal readonly record struct LoadPeak(KiB Programs, KiB Held, KiB Total)
{
    /// <summary>The greater of each.</summary>
    public static LoadPeak Max(LoadPeak left, LoadPeak right) =>
        new(KiB.Max(left.Programs, right.Programs), KiB.Max(left.Held, right.Held), KiB.Max(left.Total, right.Total));
}
