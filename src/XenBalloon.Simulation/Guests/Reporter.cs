using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>A guest's agent: looks at regular intervals, our own also when pressure begins, and what it saw arrives some time later.</summary>
/// <param name="description">How it reports.</param>
/// <param name="seed">Where in its interval it begins: agents on one host do not report in step.</param>
internal sealed class Reporter(ReportingDescription description, ulong seed)
{
    // As the smallest window that a PSI trigger can have tells of pressure: once in 500 ms (WINDOW_MIN_US in kernel/sched/psi.c).
    private static readonly TimeSpan LeastBetween = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WaitThatAlarms = Machine.TickLength / 10;
    private const double PartThatAlarms = 0.03;

    private readonly bool adapts = description.Source == ReportSource.Agent;
    private readonly TimeSpan interval = description.Habit == ReportHabit.Flooding ? Machine.TickLength : description.Interval;
    private TimeSpan nextLook = TimeSpan.MaxValue;
    private TimeSpan lastLook;
    private TimeSpan arrives = TimeSpan.MaxValue;
    private ReceivedReport seen;
    private ulong reports;
    private bool wasLow;
    private bool asked;

    /// <summary>The guest has booted.</summary>
    public void Start(TimeSpan now)
    {
        if (description.Habit == ReportHabit.Silent) return;
        TimeSpan speaks = description.StartsAt is { } starts && starts > now ? starts : now;
        nextLook = speaks + (interval * Noise.Part(seed, 0));
    }

    /// <summary>Lives through one tick.</summary>
    /// <param name="now">The scenario's time.</param>
    /// <param name="memory">What it looks at.</param>
    /// <param name="actual">What the hypervisor holds for the guest.</param>
    /// <param name="arrived">What has arrived.</param>
    /// <returns>Whether anything has.</returns>
    public bool Advance(TimeSpan now, GuestMemory memory, KiB actual, out ReceivedReport arrived)
    {
        bool any = Arrive(now, out arrived);
        if (now >= nextLook) Look(now, memory, actual);
        if (adapts) Watch(now, memory, actual);
        return any || Arrive(now, out arrived);
    }

    /// <summary>The host asks for a report: our own agent gives one at once.</summary>
    public void Ask() => asked = true;

    private bool Arrive(TimeSpan now, out ReceivedReport arrived)
    {
        arrived = seen with { At = now };
        if (now < arrives) return false;
        arrives = TimeSpan.MaxValue;
        return true;
    }

    private void Look(TimeSpan now, GuestMemory memory, KiB actual)
    {
        // From the time when it was due, so that intervals that are no whole number of ticks hold on average.
        nextLook += interval;
        if (nextLook <= now) nextLook = now + interval;
        if (now >= description.StopsAt)
        {
            nextLook = TimeSpan.MaxValue;
            return;
        }

        // What it saw last is still on its way.
        if (arrives != TimeSpan.MaxValue) return;
        lastLook = now;
        seen = See(now, memory, actual);
        reports++;
        arrives = now + description.Delay;
    }

    // Waits alarm it for as long as they last, as a PSI trigger does; little available memory only when it begins: that may well be how a guest lives.
    private void Watch(TimeSpan now, GuestMemory memory, KiB actual)
    {
        bool low = memory.Available(actual) < memory.Total(actual).Times(PartThatAlarms);
        bool alarmed = asked || memory.LastWait > WaitThatAlarms || (low && !wasLow);
        (wasLow, asked) = (low, false);
        if (!alarmed || !Speaks(now)) return;
        TimeSpan soonest = lastLook + LeastBetween;
        TimeSpan look = soonest > now ? soonest : now + Machine.TickLength;
        if (look < nextLook) nextLook = look;
    }

    private bool Speaks(TimeSpan now) => nextLook != TimeSpan.MaxValue && !(now < description.StartsAt);

    private ReceivedReport See(TimeSpan now, GuestMemory memory, KiB actual)
    {
        KiB total = memory.Total(actual);
        switch (description.Habit)
        {
            case ReportHabit.ClaimsAllUsed:
                return new ReceivedReport(total, total, adapts ? Claims.OfNeed(now, total) : null, now);
            case ReportHabit.ClaimsNothingUsed:
                return new ReceivedReport(KiB.Zero, total, adapts ? Claims.OfPlenty(total) : null, now);
            case ReportHabit.Junk:
                KiB junk = Claims.JunkTotal(seed, reports);
                return new ReceivedReport(Claims.JunkUsed(seed, reports, junk), junk, adapts ? Claims.Junk(seed, reports) : null, now);
            default:
                return new ReceivedReport(total - memory.Available(actual), total, adapts ? memory.Vitals(actual) : null, now);
        }
    }
}
