using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Judging;

/// <summary>
/// Adds up, tick by tick, what guests lacked while as much lay idle elsewhere: free on the host beyond the slack and
/// beyond what waiting starts need, or held by guests that do not use it.
/// </summary>
/// <param name="total">The host's memory.</param>
/// <param name="slack">What is to be kept free always.</param>
internal sealed class HoardingProbe(KiB total, KiB slack)
{
    // Memory on its way from one guest to another is free for a moment.
    private readonly SlidingMinimum free = new((int)(LackProbe.Grace / Machine.TickLength));
    private double shortageKiBTicks;
    private double hoardedKiBTicks;
    private long ticks;

    /// <summary>A tick has gone by.</summary>
    /// <param name="freeNow">What no domain holds.</param>
    /// <param name="reserved">What is gathered for domains that wait to start.</param>
    /// <param name="guests">What the guests lack and have idle.</param>
    public void OnTick(KiB freeNow, KiB reserved, IEnumerable<LackProbe> guests)
    {
        ticks++;
        KiB idle = new(free.Add(KiB.Max(KiB.Zero, freeNow - slack - reserved).Value) ?? 0);
        KiB lacking = KiB.Zero;
        foreach (LackProbe guest in guests)
        {
            shortageKiBTicks += guest.Shortage.Value;
            lacking += guest.LastingShortage;
            idle += guest.Idle;
        }

        hoardedKiBTicks += KiB.Min(idle, lacking).Value;
    }

    /// <summary>What it all came to.</summary>
    public Hoarding Sum() => new(
        shortageKiBTicks / Machine.TicksPerSecond,
        hoardedKiBTicks / Machine.TicksPerSecond,
        (double)total.Value * ticks / Machine.TicksPerSecond);
}

/// <summary>Memory that lay idle on the host while a guest lacked memory.</summary>
/// <param name="ShortageKiBSeconds">The sum over time of what guests lacked.</param>
/// <param name="HoardedKiBSeconds">The sum over time of what they lacked although as much was idle elsewhere, and long
/// enough to have been brought to them.</param>
/// <param name="HostKiBSeconds">The host's memory, times how long it was looked at.</param>
public readonly record struct Hoarding(double ShortageKiBSeconds, double HoardedKiBSeconds, double HostKiBSeconds = 0)
{
    /// <summary>50 MiB lacked for a minute in all: of less, no part is worth telling.</summary>
    private const double LeastShortage = 50 * 1024 * 60;

    /// <summary>Nor of less than this part of the host's memory: over a day, that much is noise.</summary>
    private const double LeastPart = 1 / 2000.0;

    /// <summary>What was hoarded, as a part of the shortage; null where there was none.</summary>
    public double? Part => ShortageKiBSeconds < Math.Max(LeastShortage, HostKiBSeconds * LeastPart) ? null : HoardedKiBSeconds / ShortageKiBSeconds;
}

/// <summary>
/// What a guest lacks, and what lies idle in it, tick by tick, as far as a balancer can know of it and do something
/// about it. So it is measured only while the guest works, and its agent reports honestly; and only as far as its
/// balloon can move and its administrator lets it.
/// </summary>
/// <param name="guest">The guest.</param>
internal sealed class LackProbe(GuestDescription guest)
{
    /// <summary>
    /// Besides the time until the guest's next report has arrived: what a step of the balancer and the balloons need.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Less than this is no lack worth telling of: balancers do not move less.</summary>
    public static readonly KiB Noticeable = KiB.FromMiB(16);

    // What a guest may have beyond what it uses without being called idle.
    private const double Margin = 0.1;
    private static readonly KiB LeastMargin = KiB.FromMiB(32);

    // What a balloon does not move in this time, nobody can move for it.
    private const int BalloonSeconds = 10;

    private readonly SlidingMinimum needs = new(Ticks(guest));
    private readonly SlidingMinimum uses = new(Ticks(guest));
    private double shortageKiBTicks;

    /// <summary>What it lacks now.</summary>
    public KiB Shortage { get; private set; }

    /// <summary>What it has needed for so long that a balancer could have given it, and lacks now.</summary>
    public KiB LastingShortage { get; private set; }

    /// <summary>What it has not used for so long that a balancer could have taken it.</summary>
    public KiB Idle { get; private set; }

    /// <summary>The sum over time of what it lacked.</summary>
    public double ShortageKiBSeconds => shortageKiBTicks / Machine.TicksPerSecond;

    /// <summary>A tick has gone by.</summary>
    /// <param name="now">Its end.</param>
    /// <param name="actual">What the hypervisor holds for the guest.</param>
    /// <param name="needed">What its programs need so as not to wait, also while they are dead for want of it.</param>
    /// <param name="inUse">What it uses of what it has.</param>
    public void OnTick(TimeSpan now, KiB actual, KiB needed, KiB inUse)
    {
        if (!IsHeard(now) || guest.Balloon.IsStuckAt(now))
        {
            OnIdle();
            return;
        }

        KiB most = (guest.Maximum ?? guest.StaticMax) + guest.Offset;
        KiB need = KiB.Min(needed, guest.Balloon.Ceiling is { } ceiling ? KiB.Min(most, ceiling) : most);
        long? lasting = needs.Add(need.Value);
        long? unused = uses.Add(-KiB.Max(needed, inUse).Value);
        Shortage = Lack(need, actual);
        shortageKiBTicks += Shortage.Value;
        LastingShortage = lasting is { } least && Lack(new KiB(least),
            actual) is var lack && lack > Noticeable ? lack : KiB.Zero;
        Idle = unused is { } used && LastingShortage == KiB.Zero ? Spare(new KiB(-used), actual) : KiB.Zero;
    }

    /// <summary>It is not there, or does not work, so it lacks nothing and can give nothing.</summary>
    public void OnIdle()
    {
        (Shortage, LastingShortage, Idle) = (KiB.Zero, KiB.Zero, KiB.Zero);
        needs.Clear();
        uses.Clear();
    }

    private static int Ticks(GuestDescription guest) =>
        Math.Max(1, (int)Math.Ceiling((guest.Reporting.Interval + guest.Reporting.Delay + Grace) / Machine.TickLength));

    private bool IsHeard(TimeSpan now) => guest.Reporting.Habit is ReportHabit.Honest or ReportHabit.Flooding
        && !(now < guest.Reporting.StartsAt) && !(now >= guest.Reporting.StopsAt);

    private KiB Lack(KiB need, KiB actual) =>
        KiB.Max(KiB.Zero, KiB.Min(need - actual, guest.Balloon.GrowPerSecond.Times(BalloonSeconds)));

    private KiB Spare(KiB used, KiB actual)
    {
        KiB kept = used + KiB.Max(LeastMargin, used.Times(Margin));
        kept = KiB.Max(kept, KiB.Max(guest.Minimum ?? KiB.Zero, guest.Balloon.HiddenFloor));

        // Without swap it dies of what does not come back in time, so what it booted with is its own.
        if (guest.Swap.Size == KiB.Zero) kept = KiB.Max(kept, guest.BootMemory);
        return KiB.Max(KiB.Zero, KiB.Min(actual - kept, guest.Balloon.ShrinkPerSecond.Times(BalloonSeconds)));
    }
}

/// <summary>The least of the last so many values, in constant time for each.</summary>
/// <param name="length">How many, 1 or more.</param>
internal sealed class SlidingMinimum(int length)
{
    // Those that may yet be the least: each is less than all that came after it, so the first is the least.
    private readonly (long Number, long Value)[] candidates = new (long, long)[length];
    private int first;
    private int count;
    private long added;

    /// <summary>Adds a value.</summary>
    /// <returns>The least of the last so many; null where fewer have been added.</returns>
    public long? Add(long value)
    {
        if (count > 0 && candidates[first].Number <= added - length) (first, count) = (Index(1), count - 1);
        while (count > 0 && candidates[Index(count - 1)].Value >= value) count--;
        candidates[Index(count++)] = (added++, value);
        return added >= length ? candidates[first].Value : null;
    }

    /// <summary>Forgets all values.</summary>
    public void Clear() => (first, count, added) = (0, 0, 0);

    private int Index(int number) => (first + number) % length;
}
