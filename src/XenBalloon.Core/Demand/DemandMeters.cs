using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Demand;

/// <summary>
/// Measures the fraction of time that a guest stalls on memory. If its kernel has counters, their difference between
/// two reports shows the last second better than the kernel's average over ten.
/// </summary>
internal sealed class StallMeter
{
    /// <summary>A page read back from swap stalls a task for about this long (one read from an SSD).</summary>
    private static readonly TimeSpan StallPerSwapIn = TimeSpan.FromMicroseconds(100);

    /// <summary>Over a shorter time, a short stall would look like a long one.</summary>
    private const double MinSeconds = 0.5;

    /// <summary>Over a longer time, a long stall would look like none, and the kernel's average shows more.</summary>
    private const double MaxSeconds = 10;

    private GuestVitals? previous;
    private TimeSpan previousAt;

    /// <summary>Reads a new report.</summary>
    /// <returns>The fraction, 0 to 1; null if the guest does not report it.</returns>
    internal double? Read(GuestReport report)
    {
        GuestVitals? last = previous;
        double seconds = (report.ReceivedAt - previousAt).TotalSeconds;
        (previous, previousAt) = (report.Vitals, report.ReceivedAt);
        if (report.Vitals is not { } vitals) return null;
        double? stalled = vitals.MemorySome, swapped = null;
        if (last is not null && seconds > 0)
        {
            double period = Math.Max(seconds, MinSeconds);
            if (vitals.MemorySomeTotal - last.MemorySomeTotal is { } counted)
            {
                double fraction = counted.TotalSeconds / period;
                stalled = seconds > MaxSeconds ? Math.Max(fraction, stalled ?? 0) : fraction;
            }

            if (vitals.SwapIns - last.SwapIns is { } pages) swapped = pages * StallPerSwapIn.TotalSeconds / period;
        }

        return stalled is null && swapped is null ? null : Math.Clamp(Math.Max(stalled ?? 0, swapped ?? 0), 0, 1);
    }
}

/// <summary>
/// Measures how fast a guest grows. One jump does not predict growth, so only growth in two periods in a row is
/// expected to go on. A guest without swap gets no second chance, and much happens between reports that come rarely:
/// for these one period counts.
/// </summary>
internal sealed class GrowthMeter
{
    /// <summary>How fast the expectation of more growth decays.</summary>
    private static readonly TimeSpan Decay = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The shortest period to measure: less than a second, because a report each second may come early.
    /// </summary>
    private static readonly TimeSpan MinPeriod = TimeSpan.FromSeconds(0.75);

    private TimeSpan? since;
    private KiB usedThen;
    private double lastRate;
    private double lastSecond;

    /// <summary>KiB/s that are expected to go on.</summary>
    internal double PerSecond { get; private set; }

    /// <summary>KiB/s in the last second alone.</summary>
    internal double LastSecond { get; private set; }

    /// <summary>Reads a new report.</summary>
    /// <param name="used">Memory in use.</param>
    /// <param name="at">When the report arrived.</param>
    /// <param name="onceCounts">Whether growth in one period is expected to go on.</param>
    /// <param name="reportsAtOnce">
    /// Whether the guest reports as soon as its use rises, as our agent does: then growth after a long pause happened
    /// within the last second, not gradually since the previous report.
    /// </param>
    internal void Read(KiB used, TimeSpan at, bool onceCounts, bool reportsAtOnce)
    {
        TimeSpan period = at - (since ?? at);
        if (period > ReportTiming.LongestInterval || period <= TimeSpan.Zero)
        {
            (PerSecond, lastRate, lastSecond, LastSecond, since, usedThen) = (0, 0, 0, 0, at, used);
            return;
        }

        // A burst within less than a second does not show how a guest goes on, so the rate is that of a whole second:
        // this period, and for the rest of the second the previous period.
        bool isShort = period < MinPeriod;
        double grown = Math.Max(0, (used - usedThen).Value), rate = grown / (isShort ? 1 : period.TotalSeconds);
        LastSecond = isShort ? rate + (lastSecond * (1 - period.TotalSeconds))
            : reportsAtOnce && period >= ReportTiming.RareInterval ? grown
            : rate;
        if (isShort) return;
        double confirmed = onceCounts || period >= ReportTiming.RareInterval ? rate : Math.Min(rate, lastRate);
        PerSecond = confirmed >= PerSecond
            ? confirmed
            : confirmed + ((PerSecond - confirmed) * Math.Exp(-period / Decay));
        (lastRate, lastSecond, since, usedThen) = (rate, LastSecond, at, used);
    }
}

/// <summary>
/// Estimates how much memory a guest lacks if its reports show only that it lacks some. The request grows step by step,
/// each time after the previous request was granted. The size that ended the shortage is remembered and forgotten
/// slowly, because the guest would need that memory again as soon as it was taken back.
/// </summary>
internal sealed class ShortageMeter
{
    private static readonly KiB MinStep = KiB.FromMiB(32), Tolerance = KiB.FromMiB(4);

    /// <summary>
    /// A step as a fraction of the guest's size, for a guest that reports every second or so. A guest that reports
    /// stalls shows within moments whether the step was enough, so its steps are smaller.
    /// </summary>
    private const double StepFraction = 0.1, BlindStepFraction = 0.25, StepGrowth = 1.5;

    /// <summary>A guest that reports rarely gets larger steps, because it waits longer for the next.</summary>
    private static readonly TimeSpan IntervalPerStep = TimeSpan.FromSeconds(5);

    private const double MostSteps = 2;

    /// <summary>How fast the size that ended a shortage is forgotten; each relapse doubles the time.</summary>
    private static readonly TimeSpan FirstDecay = TimeSpan.FromMinutes(5), LongestDecay = TimeSpan.FromHours(2);

    private KiB step;
    private bool hidden;
    private TimeSpan decay = FirstDecay;

    /// <summary>The size that it requests; zero while it lacks nothing.</summary>
    internal KiB RequestedSize { get; private set; }

    /// <summary>The size that last ended a shortage; decays with time.</summary>
    internal KiB ReliefSize { get; private set; }

    /// <summary>Reads a report of a guest that lacks memory.</summary>
    /// <param name="actual">The domain's size.</param>
    /// <param name="seen">The shortage as far as it shows (in swap, and read back); zero if it does not.</param>
    /// <param name="interval">The time since the previous report; null if there was none.</param>
    /// <param name="hidesStalls">Whether the guest does not report stalls.</param>
    /// <param name="hidden">
    /// Whether the guest stalls although it has memory available: what it lacks will not show as used later.
    /// </param>
    internal void OnShortage(KiB actual, KiB seen, TimeSpan? interval, bool hidesStalls, bool hidden)
    {
        this.hidden = hidden;
        if (actual < RequestedSize - Tolerance) return;
        bool isRelapse = RequestedSize == KiB.Zero && ReliefSize > KiB.Zero;
        if (isRelapse) decay = TimeSpan.FromTicks(Math.Min(LongestDecay.Ticks, decay.Ticks * 2));
        double steps = interval is { } known ? Math.Clamp(known / IntervalPerStep, 1, MostSteps) : 1;
        KiB usual = actual.Times((hidesStalls ? BlindStepFraction : StepFraction) * steps);
        step = KiB.Max(KiB.Max(KiB.Max(MinStep, seen), usual), step.Times(StepGrowth));
        RequestedSize = actual + step;
    }

    /// <summary>
    /// Reads a report of a guest that begins to stall now and then: it keeps what it has and requests no more.
    /// </summary>
    /// <param name="actual">The domain's size.</param>
    internal void OnEarlyStall(KiB actual)
    {
        (RequestedSize, step) = (KiB.Zero, KiB.Zero);
        ReliefSize = KiB.Max(ReliefSize, actual);
    }

    /// <summary>Reads a report of a guest that lacks nothing.</summary>
    /// <param name="actual">The domain's size.</param>
    /// <param name="used">Memory in use: the size that ended the shortage cannot be less.</param>
    /// <param name="interval">The time since the previous report; null if there was none.</param>
    internal void OnEnough(KiB actual, KiB used, TimeSpan? interval)
    {
        if (RequestedSize > KiB.Zero && hidden) ReliefSize = KiB.Min(RequestedSize, actual);
        (RequestedSize, step) = (KiB.Zero, KiB.Zero);
        if (ReliefSize == KiB.Zero || interval is not { } elapsed) return;
        ReliefSize = used + (ReliefSize - used).Times(Math.Exp(-elapsed / decay));
        if (ReliefSize <= used + MinStep) (ReliefSize, decay) = (KiB.Zero, FirstDecay);
    }
}

/// <summary>
/// Searches for memory that a guest counts as used and does not use: takes a little while no task stalls on memory or
/// disks, as Senpai does (facebookincubator/senpai: at most 1 % in 6 s, below 0.1 % pressure), and gives it back at the
/// first stall.
/// </summary>
internal sealed class WorkingSetProbe
{
    private const double StepFraction = 0.01, QuietPressure = 0.001;

    /// <summary>
    /// The margin above what a guest uses, plus one step. Swapped-out memory no longer counts as used, so the amount in
    /// use sinks with the probe.
    /// </summary>
    private const double LargestFraction = 0.07;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(6), PauseAfterStall = TimeSpan.FromMinutes(10);

    private TimeSpan notBefore;

    /// <summary>Memory that counts as unused although the guest counts it as used.</summary>
    internal KiB Taken { get; private set; }

    /// <summary>The most that one step may take now.</summary>
    internal KiB Allowance { get; private set; }

    /// <summary>Reads a report.</summary>
    /// <param name="actual">The domain's size.</param>
    /// <param name="report">The report.</param>
    /// <param name="allowed">Whether probing is enabled and the guest does not stall.</param>
    internal void Read(KiB actual, GuestReport report, bool allowed)
    {
        Allowance = KiB.Zero;
        bool quiet = report.Vitals is { MemorySome: < QuietPressure, IoSome: < QuietPressure } vitals
            && vitals.SwapHeadroom >= KiB.Zero;
        if (!allowed)
        {
            if (Taken > KiB.Zero) notBefore = report.ReceivedAt + PauseAfterStall;
            Taken = KiB.Zero;
        }
        else if (quiet && report.ReceivedAt >= notBefore)
        {
            Allowance = actual.Times(StepFraction);
            Taken = KiB.Min(Taken + Allowance, actual.Times(LargestFraction));
            notBefore = report.ReceivedAt + Period;
        }
    }
}

/// <summary>
/// Reads the kernel's count of programs that it killed for lack of memory. The programs start again within moments or
/// minutes, and need what they had; until then the guest looks idle.
/// </summary>
internal sealed class KillMeter
{
    private static readonly TimeSpan RestartTime = TimeSpan.FromMinutes(5);

    private long? counted;
    private TimeSpan? killedAt;

    /// <summary>Reads a new report. The first count is only compared with: its kills may be long past.</summary>
    internal void Read(GuestReport report)
    {
        if (report.Vitals?.OomKills is not { } kills) return;
        if (kills > counted) killedAt = report.ReceivedAt;
        counted = kills;
    }

    /// <summary>Whether killed programs may be starting again.</summary>
    internal bool IsRestarting(TimeSpan now) => now - killedAt < RestartTime;
}

/// <summary>
/// Finds guests that stay full whatever they get. Linux before 3.14 has no MemAvailable, so agents report MemFree: all
/// page cache looks used, and the cache takes whatever comes. Such reports look like those of a program that grows. So
/// the guest keeps its claim to its guaranteed share, and beyond that gets what no other domain needs or wants.
/// </summary>
internal sealed class FullnessMeter
{
    /// <summary>After growth by this factor, more of the same will show nothing new.</summary>
    private const double GrowthFactor = 1.5;

    /// <summary>
    /// A cache takes moments to fill what it was given; a program that has enough shows it for longer.
    /// </summary>
    private static readonly TimeSpan EnoughTime = TimeSpan.FromMinutes(5);

    private KiB? firstFullAt;
    private TimeSpan lastFull;

    /// <summary>Whether it was full again and again while it grew.</summary>
    internal bool StaysFull { get; private set; }

    /// <summary>Reads a report.</summary>
    /// <param name="actual">The domain's size.</param>
    /// <param name="isFull">Whether it reports neither swap nor stalls, and almost nothing available.</param>
    /// <param name="at">When the report arrived.</param>
    internal void Read(KiB actual, bool isFull, TimeSpan at)
    {
        if (isFull)
        {
            firstFullAt = KiB.Min(firstFullAt ?? actual, actual);
            StaysFull |= actual >= firstFullAt.Value.Times(GrowthFactor);
            lastFull = at;
        }
        else if (at - lastFull >= EnoughTime)
        {
            (firstFullAt, StaysFull) = (null, false);
        }
    }
}
