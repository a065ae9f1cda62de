using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Guests;

/// <summary>
/// A guest's agent. It reports at regular intervals; XenBalloon's agent also reports when the used amount changes or a
/// program waits for memory. A report arrives some time after its measurement.
/// </summary>
/// <param name="description">The interval, format and truth of the reports.</param>
/// <param name="seed">Sets the start within the interval: agents on one host do not report in step.</param>
internal sealed class GuestAgent(ReportingDescription description, ulong seed)
{
    // As in native/guest-agent/pace.c: the shortest time between two reports of growth or waiting, and between two
    // reports of shrinking.
    private static readonly TimeSpan LeastBetween = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LeastBetweenShrinking = TimeSpan.FromSeconds(1);

    // The number of early reports in a row, and the time after which one more is allowed.
    private const int MostInARow = 8;
    private static readonly TimeSpan TimePerReport = TimeSpan.FromSeconds(1);

    // The waiting time and the change of the used amount that cause an early report.
    private static readonly TimeSpan AlarmingWait = TimeSpan.FromMilliseconds(10);
    private static readonly KiB LeastStep = KiB.FromMiB(4);
    private static readonly KiB MostStep = KiB.FromMiB(64);
    private const double StepPart = 1.0 / 256;

    private readonly bool isOurs = description.Source == ReportSource.Agent;

    private readonly TimeSpan interval =
        description.Habit == ReportHabit.Flooding ? Tick.Length : description.Interval;

    private TimeSpan nextReport = TimeSpan.MaxValue;
    private TimeSpan lastReport;
    private TimeSpan arrives = TimeSpan.MaxValue;
    private AgentReport measured;
    private ulong reports;
    private KiB? firstTotal;
    private KiB usedAtLastReport;
    private TimeSpan waitedSinceReport;
    private int left = MostInARow;
    private TimeSpan countedFrom;
    private bool requested;

    /// <summary>Starts the agent when the guest has booted.</summary>
    public void Start(TimeSpan now)
    {
        if (description.Habit == ReportHabit.Silent) return;
        TimeSpan first = description.StartsAt is { } starts && starts > now ? starts : now;
        nextReport = first + (interval * Noise.Fraction(seed, 0));
    }

    /// <summary>Advances by one tick.</summary>
    /// <param name="now">The scenario time.</param>
    /// <param name="memory">The measured memory.</param>
    /// <param name="actual">The domain's memory.</param>
    /// <param name="arrived">The report that arrived in this tick.</param>
    /// <returns>Whether a report arrived.</returns>
    public bool Advance(TimeSpan now, GuestMemory memory, KiB actual, out AgentReport arrived)
    {
        bool any = Arrive(now, out arrived);
        if (now >= nextReport) Measure(now, memory, actual);
        if (isOurs) MeasureEarly(now, memory, actual);
        return any || Arrive(now, out arrived);
    }

    /// <summary>The host requests a report: XenBalloon's agent sends one at once.</summary>
    public void Request() => requested = true;

    private bool Arrive(TimeSpan now, out AgentReport arrived)
    {
        arrived = measured with { At = now };
        if (now < arrives) return false;
        arrives = TimeSpan.MaxValue;
        return true;
    }

    private void Measure(TimeSpan now, GuestMemory memory, KiB actual)
    {
        // Counted from the time when the report was due, so that an interval that is not a whole number of ticks holds
        // on average.
        nextReport += interval;
        if (nextReport <= now) nextReport = now + interval;
        if (now >= description.StopsAt)
        {
            nextReport = TimeSpan.MaxValue;
            return;
        }

        // The previous report has not arrived yet.
        if (arrives != TimeSpan.MaxValue) return;
        lastReport = now;
        (usedAtLastReport, waitedSinceReport, requested) = (Used(memory, actual), TimeSpan.Zero, false);
        measured = Compose(now, memory, actual);
        reports++;
        arrives = now + description.Delay;
    }

    private void MeasureEarly(TimeSpan now, GuestMemory memory, KiB actual)
    {
        CountEarlyReports(now);
        waitedSinceReport += memory.LastWait;
        if (!IsReporting(now) || arrives != TimeSpan.MaxValue || now == lastReport) return;
        KiB step = memory.Total(actual).Times(StepPart).Clamp(LeastStep, MostStep);
        KiB grown = Used(memory, actual) - usedAtLastReport;
        bool needs = waitedSinceReport > AlarmingWait || grown > step;
        bool matters = left > 0
            && now - lastReport >= (needs ? LeastBetween : LeastBetweenShrinking)
            && (needs || grown < -step);
        if (!requested && !matters) return;
        if (matters) left--;
        nextReport = now;
        Measure(now, memory, actual);
    }

    private void CountEarlyReports(TimeSpan now)
    {
        while (left < MostInARow && now - countedFrom >= TimePerReport)
        {
            left++;
            countedFrom += TimePerReport;
        }

        if (left == MostInARow) countedFrom = now;
    }

    private static KiB Used(GuestMemory memory, KiB actual) => memory.Total(actual) - memory.Available(actual);

    private bool IsReporting(TimeSpan now) => nextReport != TimeSpan.MaxValue && !(now < description.StartsAt);

    private AgentReport Compose(TimeSpan now, GuestMemory memory, KiB actual)
    {
        KiB total = memory.Total(actual);
        switch (description.Habit)
        {
            case ReportHabit.ClaimsAllUsed:
                return new AgentReport(total, total, isOurs ? FalseReports.AllUsed(now, total) : null, now);
            case ReportHabit.ClaimsNothingUsed:
                return new AgentReport(KiB.Zero, total, isOurs ? FalseReports.NothingUsed(total) : null, now);
            case ReportHabit.Junk:
                KiB junk = FalseReports.JunkTotal(seed, reports);
                KiB used = FalseReports.JunkUsed(seed, reports, junk);
                return new AgentReport(used, junk, isOurs ? FalseReports.Junk(seed, reports) : null, now);
            case ReportHabit.FixedTotal:
                KiB first = firstTotal ??= total, free = KiB.Min(first, memory.Available(actual));
                return new AgentReport(first - free, first, isOurs ? memory.Vitals(actual) : null, now);
            default:
                KiB available = memory.Available(actual);
                return new AgentReport(total - available, total, isOurs ? memory.Vitals(actual) : null, now);
        }
    }
}

/// <summary>A report of an agent.</summary>
/// <param name="Used">The reported used memory.</param>
/// <param name="Total">The reported total.</param>
/// <param name="Vitals">The reported kernel statistics; null for other agents than XenBalloon's.</param>
/// <param name="At">The time of arrival.</param>
internal readonly record struct AgentReport(KiB Used, KiB Total, GuestVitals? Vitals, TimeSpan At);

/// <summary>The reports of agents that lie.</summary>
internal static class FalseReports
{
    private const ulong NumbersPerReport = 16;

    /// <summary>The largest random amount: 1 PiB.</summary>
    private static readonly KiB Most = new(1L << 40);

    /// <summary>Kernel statistics of the worst possible shortage.</summary>
    /// <param name="now">The reported stall time.</param>
    /// <param name="total">MemTotal.</param>
    public static GuestVitals AllUsed(TimeSpan now, KiB total) => new()
    {
        Free = KiB.Zero,
        Anonymous = total,
        FileCache = KiB.Zero,
        Shared = KiB.Zero,
        SwapTotal = total,
        SwapUsed = total,
        Committed = Most,
        SwapIns = now.Ticks,
        OomKills = now.Ticks,
        MemorySomeTotal = now,
        MemorySome = 1,
        IoSome = 1,
    };

    /// <summary>Kernel statistics of a guest that uses nothing.</summary>
    /// <param name="total">MemTotal.</param>
    public static GuestVitals NothingUsed(KiB total) => new()
    {
        Free = total,
        Anonymous = KiB.Zero,
        FileCache = KiB.Zero,
        Shared = KiB.Zero,
        SwapTotal = KiB.Zero,
        SwapUsed = KiB.Zero,
        Committed = KiB.Zero,
        SwapIns = 0,
        OomKills = 0,
        MemorySomeTotal = TimeSpan.Zero,
        MemorySome = 0,
        IoSome = 0,
    };

    /// <summary>A random MemTotal.</summary>
    public static KiB JunkTotal(ulong seed, ulong report) => Size(seed, report, 0);

    /// <summary>A random used amount, at most the total: a host rejects reports of more than that.</summary>
    public static KiB JunkUsed(ulong seed, ulong report, KiB total) => total.Times(Fraction(seed, report, 1));

    /// <summary>Random kernel statistics. Even counters can fall from report to report.</summary>
    public static GuestVitals Junk(ulong seed, ulong report) => new()
    {
        Free = Size(seed, report, 2),
        Anonymous = Size(seed, report, 3),
        FileCache = Size(seed, report, 4),
        Shared = Size(seed, report, 5),
        SwapTotal = Size(seed, report, 6),
        SwapUsed = Size(seed, report, 7),
        Committed = Size(seed, report, 8),
        SwapIns = Size(seed, report, 10).Value,
        OomKills = Size(seed, report, 9).Value,
        MemorySomeTotal = TimeSpan.FromMilliseconds(Size(seed, report, 12).Value),
        MemorySome = Fraction(seed, report, 13),
        IoSome = Fraction(seed, report, 15),
    };

    private static KiB Size(ulong seed, ulong report, ulong number) => Most.Times(Fraction(seed, report, number));

    // The first numbers of the seed are left to the start within the interval.
    private static double Fraction(ulong seed, ulong report, ulong number) =>
        Noise.Fraction(seed, ((report + 1) * NumbersPerReport) + number);
}
