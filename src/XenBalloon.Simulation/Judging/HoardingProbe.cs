using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>
/// Measures hoarding tick by tick: the shortage of guests while as much memory was idle elsewhere. Idle is memory that
/// is free on the host beyond the slack and the needs of waiting starts, or held by guests that do not use it.
/// </summary>
/// <param name="total">The host's memory.</param>
/// <param name="slack">The memory to keep free.</param>
internal sealed class HoardingProbe(KiB total, KiB slack)
{
    // Memory that moves from one guest to another is free for a moment.
    private readonly SlidingMinimum free = new((int)(ShortageProbe.Grace / Tick.Length));
    private double shortageKiBTicks;
    private double hoardedKiBTicks;
    private long ticks;

    /// <summary>Records a tick.</summary>
    /// <param name="freeNow">The free memory of the host.</param>
    /// <param name="reserved">The memory collected for waiting starts.</param>
    /// <param name="guests">The shortage and the idle memory of the guests.</param>
    public void OnTick(KiB freeNow, KiB reserved, IEnumerable<ShortageProbe> guests)
    {
        ticks++;
        KiB idle = new(free.Add(KiB.Max(KiB.Zero, freeNow - slack - reserved).Value) ?? 0);
        KiB shortage = KiB.Zero;
        foreach (ShortageProbe guest in guests)
        {
            shortageKiBTicks += guest.Shortage.Value;
            shortage += guest.LastingShortage;
            idle += guest.Idle;
        }

        hoardedKiBTicks += KiB.Min(idle, shortage).Value;
    }

    /// <summary>The result.</summary>
    public Hoarding Sum() => new(
        shortageKiBTicks / Tick.PerSecond,
        hoardedKiBTicks / Tick.PerSecond,
        (double)total.Value * ticks / Tick.PerSecond);
}

/// <summary>Shortage of guests, and the part of it for which idle memory existed.</summary>
/// <param name="ShortageKiBSeconds">The integral over time of the guests' shortage.</param>
/// <param name="HoardedKiBSeconds">
/// The integral over time of the shortage for which as much memory was idle elsewhere, for long enough to move it.
/// </param>
/// <param name="HostKiBSeconds">The host's memory times the time measured.</param>
public readonly record struct Hoarding(double ShortageKiBSeconds, double HoardedKiBSeconds, double HostKiBSeconds = 0)
{
    /// <summary>50 MiB for a minute: for a smaller shortage the fraction has no meaning.</summary>
    private const double LeastShortage = 50 * 1024 * 60;

    /// <summary>Likewise for a smaller fraction of the host's memory: over a day, that is noise.</summary>
    private const double LeastFraction = 1 / 2000.0;

    /// <summary>The hoarded part of the shortage; null if there was no shortage worth measuring.</summary>
    public double? Fraction =>
        ShortageKiBSeconds < Math.Max(LeastShortage, HostKiBSeconds * LeastFraction)
            ? null
            : HoardedKiBSeconds / ShortageKiBSeconds;
}

/// <summary>
/// A guest's shortage and idle memory, tick by tick, as far as a balancer can know and change them. It is measured only
/// while the guest runs, its agent reports honestly and its balloon moves, and within the administrator's range.
/// </summary>
/// <param name="guest">The guest.</param>
internal sealed class ShortageProbe(GuestDescription guest)
{
    /// <summary>
    /// The time that a balancing pass and the balloons need after the guest's next report has arrived.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>A smaller shortage is not counted: balancers do not move less.</summary>
    public static readonly KiB Noticeable = KiB.FromMiB(16);

    // A guest may hold this much more than it uses without counting as idle.
    private const double Margin = 0.1;
    private static readonly KiB LeastMargin = KiB.FromMiB(32);

    // A balancer cannot use what a balloon does not move within this time.
    private const int BalloonSeconds = 10;

    private readonly SlidingMinimum needs = new(Ticks(guest));
    private readonly SlidingMinimum uses = new(Ticks(guest));
    private double shortageKiBTicks;

    /// <summary>The current shortage.</summary>
    public KiB Shortage { get; private set; }

    /// <summary>The current shortage that has lasted long enough for a balancer to end it.</summary>
    public KiB LastingShortage { get; private set; }

    /// <summary>Memory that has been unused for long enough for a balancer to take it.</summary>
    public KiB Idle { get; private set; }

    /// <summary>The integral over time of the shortage.</summary>
    public double ShortageKiBSeconds => shortageKiBTicks / Tick.PerSecond;

    /// <summary>Records a tick.</summary>
    /// <param name="now">The end of the tick.</param>
    /// <param name="actual">What the hypervisor holds for the guest.</param>
    /// <param name="needed">
    /// What its programs need to run without waiting, even while they are killed for lack of memory.
    /// </param>
    /// <param name="inUse">What it uses of what it holds.</param>
    public void OnTick(TimeSpan now, KiB actual, KiB needed, KiB inUse)
    {
        if (!Reports(now) || guest.Balloon.IsStuckAt(now))
        {
            OnIdle();
            return;
        }

        KiB most = (guest.Maximum ?? guest.StaticMax) + guest.Offset;
        KiB need = KiB.Min(needed, guest.Balloon.Ceiling is { } ceiling ? KiB.Min(most, ceiling) : most);
        long? lasting = needs.Add(need.Value);
        long? unused = uses.Add(-KiB.Max(needed, inUse).Value);
        Shortage = ShortageOf(need, actual);
        shortageKiBTicks += Shortage.Value;
        KiB lastingShortage = lasting is { } least ? ShortageOf(new KiB(least), actual) : KiB.Zero;
        LastingShortage = lastingShortage > Noticeable ? lastingShortage : KiB.Zero;
        Idle = unused is { } used && LastingShortage == KiB.Zero ? IdleAmount(new KiB(-used), actual) : KiB.Zero;
    }

    /// <summary>Records a tick in which the guest does not exist or does not run.</summary>
    public void OnIdle()
    {
        (Shortage, LastingShortage, Idle) = (KiB.Zero, KiB.Zero, KiB.Zero);
        needs.Clear();
        uses.Clear();
    }

    private static int Ticks(GuestDescription guest) =>
        Math.Max(1, (int)Math.Ceiling((guest.Reporting.Interval + guest.Reporting.Delay + Grace) / Tick.Length));

    private bool Reports(TimeSpan now) => guest.Reporting.Habit is ReportHabit.Honest or ReportHabit.Flooding
        && !(now < guest.Reporting.StartsAt) && !(now >= guest.Reporting.StopsAt);

    private KiB ShortageOf(KiB need, KiB actual) =>
        KiB.Max(KiB.Zero, KiB.Min(need - actual, guest.Balloon.GrowPerSecond.Times(BalloonSeconds)));

    private KiB IdleAmount(KiB used, KiB actual)
    {
        KiB kept = used + KiB.Max(LeastMargin, used.Times(Margin));
        kept = KiB.Max(kept, KiB.Max(guest.Minimum ?? KiB.Zero, guest.Balloon.HiddenFloor));

        // A guest without swap is killed if memory does not come back in time, so its boot memory is never idle.
        if (guest.Swap.Size == KiB.Zero) kept = KiB.Max(kept, guest.BootMemory);
        return KiB.Max(KiB.Zero, KiB.Min(actual - kept, guest.Balloon.ShrinkPerSecond.Times(BalloonSeconds)));
    }
}

/// <summary>The minimum of the last values, in constant time for each value.</summary>
/// <param name="length">The number of values, 1 or more.</param>
internal sealed class SlidingMinimum(int length)
{
    // Candidates for the minimum: each is less than all later ones, so the first is the minimum.
    private readonly (long Number, long Value)[] candidates = new (long, long)[length];
    private int first;
    private int count;
    private long added;

    /// <summary>Adds a value.</summary>
    /// <returns>The minimum of the last values; null until enough have been added.</returns>
    public long? Add(long value)
    {
        if (count > 0 && candidates[first].Number <= added - length) (first, count) = (Index(1), count - 1);
        while (count > 0 && candidates[Index(count - 1)].Value >= value) count--;
        candidates[Index(count++)] = (added++, value);
        return added >= length ? candidates[first].Value : null;
    }

    /// <summary>Removes all values.</summary>
    public void Clear() => (first, count, added) = (0, 0, 0);

    private int Index(int number) => (first + number) % length;
}
