using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>
/// A guest's agent: looks at regular intervals, our own also when another amount is used or somebody waits for
/// memory, and what it saw arrives some time later.
/// </summary>
/// <param name="description">How it reports.</param>
/// <param name="seed">Where in its interval it begins: agents on one host do not report in step.</param>
internal sealed class Reporter(ReportingDescription description, ulong seed)
{
    // As our agent (native/guest-agent/pace.c): how close together reports may be of what is needed and of what came free,
    // how many of them in a row, and how soon one more is earned.
    private static readonly TimeSpan LeastBetween = TimeSpan.FromMilliseconds(250), ReliefBetween = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EarnTime = TimeSpan.FromSeconds(1), WaitThatAlarms = TimeSpan.FromMilliseconds(10);
    private static readonly KiB LeastStep = KiB.FromMiB(4), MostStep = KiB.FromMiB(64);
    private const double StepPart = 1.0 / 256;
    private const int MostInARow = 8;

    private readonly bool adapts = description.Source == ReportSource.Agent;
    private readonly TimeSpan interval = description.Habit == ReportHabit.Flooding ? Machine.TickLength : description.Interval;
    private TimeSpan nextLook = TimeSpan.MaxValue;
    private TimeSpan lastLook;
    private TimeSpan arrives = TimeSpan.MaxValue;
    private ReceivedReport seen;
    private ulong reports;
    private KiB usedAtLastLook;
    private TimeSpan waitedSinceLook;
    private int left = MostInARow;
    private TimeSpan earnedAt;
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
        (usedAtLastLook, waitedSinceLook, asked) = (Used(memory, actual), TimeSpan.Zero, false);
        seen = See(now, memory, actual);
        reports++;
        arrives = now + description.Delay;
    }

    private void Watch(TimeSpan now, GuestMemory memory, KiB actual)
    {
        Earn(now);
        waitedSinceLook += memory.LastWait;
        if (!Speaks(now) || arrives != TimeSpan.MaxValue || now == lastLook) return;
        KiB step = memory.Total(actual).Times(StepPart).Clamp(LeastStep, MostStep), grown = Used(memory, actual) - usedAtLastLook;
        bool needs = waitedSinceLook > WaitThatAlarms || grown > step;
        bool matters = left > 0 && now - lastLook >= (needs ? LeastBetween : ReliefBetween) && (needs || grown < -step);
        if (!asked && !matters) return;
        if (matters) left--;
        nextLook = now;
        Look(now, memory, actual);
    }

    private void Earn(TimeSpan now)
    {
        while (left < MostInARow && now - earnedAt >= EarnTime)
        {
            left++;
            earnedAt += EarnTime;
        }

        if (left == MostInARow) earnedAt = now;
    }

    private static KiB Used(GuestMemory memory, KiB actual) => memory.Total(actual) - memory.Available(actual);

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
