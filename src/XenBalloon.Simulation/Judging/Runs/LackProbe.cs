using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.Runs;

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
    public double ShortageKiBSeconds => shortageKiBTicks / Tick.PerSecond;

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
        Math.Max(1, (int)Math.Ceiling((guest.Reporting.Interval + guest.Reporting.Delay + Grace) / Tick.Length));

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
