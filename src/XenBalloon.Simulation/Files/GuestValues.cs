using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>Parsers of the parts of a guest: cache, swap, balloon, agent and events.</summary>
internal static class GuestValues
{
    private const double MostLookups = 1e9;

    private static readonly ValueParser<double> Exponent = SimpleValues.Number(0.01, 10);
    private static readonly ValueParser<double> AtWorkingSet = SimpleValues.Number(0.000001, 0.999999);
    private static readonly ValueParser<double> Fill = SimpleValues.Number(0, 1000);
    private static readonly ValueParser<double> Misses = SimpleValues.Number(0, 1);

    private static readonly ValueParser<ValueParser<MissCurve>> CurveKind = SimpleValues.Choice<ValueParser<MissCurve>>(
        ("long-tail", value => new LongTailMissCurve(Exponent(value))),
        ("exponential", value => new ExponentialMissCurve(AtWorkingSet(value))),
        ("loop", _ => new LoopMissCurve()),
        ("table", TableCurve));

    private static readonly ValueParser<GuestEventKind> EventKind = SimpleValues.Choice(
        ("pause", GuestEventKind.Pause),
        ("unpause", GuestEventKind.Unpause),
        ("mem-set", GuestEventKind.SetTarget),
        ("mem-max", GuestEventKind.SetMaxMem),
        ("suspend", GuestEventKind.Suspend),
        ("resume", GuestEventKind.Resume),
        ("save", GuestEventKind.Save),
        ("restore", GuestEventKind.Restore),
        ("reboot", GuestEventKind.Reboot),
        ("migrate", GuestEventKind.MigrateAway),
        ("crash", GuestEventKind.Crash),
        ("destroy", GuestEventKind.Destroy));

    /// <summary>For example <c>working-set 800m lookups 2000 curve long-tail 2</c>, or <c>none</c>.</summary>
    public static ValueParser<CacheDescription> Cache { get; } = new KeywordTable<CacheDescription>
    {
        { "none", _ => CacheDescription.None },
        { "working-set", SimpleValues.Size, (cache, size) => cache with { WorkingSet = size } },
        { "lookups", SimpleValues.Number(0, MostLookups), (cache, rate) => cache with { LookupsPerSecond = rate } },
        { "curve", value => CurveKind(value)(value), (cache, curve) => cache with { Curve = curve } },
    }.AsValue(CacheDescription.None);

    /// <summary>For example <c>size 512m speed 100m/s</c>, or <c>none</c>.</summary>
    public static ValueParser<SwapDescription> Swap { get; } = new KeywordTable<SwapDescription>
    {
        { "none", swap => swap with { Size = SwapDescription.None.Size } },
        { "size", SimpleValues.Size, (swap, size) => swap with { Size = size } },
        { "speed", SimpleValues.Rate, (swap, rate) => swap with { PerSecond = rate } },
    }.AsValue(new SwapDescription());

    /// <summary>
    /// For example <c>shrink 40k/s floor 300m</c>, <c>stuck from 10s until 60s</c>, or <c>stutter 10s every 30s</c>.
    /// </summary>
    public static ValueParser<BalloonDescription> Balloon { get; } = new KeywordTable<BalloonDescription>
    {
        {
            "slow",
            balloon => balloon with
            {
                ShrinkPerSecond = BalloonDescription.Slow.ShrinkPerSecond,
                GrowPerSecond = BalloonDescription.Slow.GrowPerSecond,
            }
        },
        { "shrink", SimpleValues.Rate, (balloon, rate) => balloon with { ShrinkPerSecond = rate } },
        { "grow", SimpleValues.Rate, (balloon, rate) => balloon with { GrowPerSecond = rate } },
        { "floor", SimpleValues.Size, (balloon, size) => balloon with { HiddenFloor = size } },
        { "ceiling", SimpleValues.Size, (balloon, size) => balloon with { Ceiling = size } },
        {
            "stuck",
            Stuck,
            (balloon, stuck) => balloon with { StuckFrom = stuck.From, StuckUntil = stuck.Until }
        },
        {
            "stutter",
            Stutter,
            (balloon, stutter) => balloon with { StuckFor = stutter.For, StuckEvery = stutter.Every }
        },
    }.AsValue(BalloonDescription.Normal);

    /// <summary>For example <c>agent every 1s delay 100ms</c>, or <c>silent</c>.</summary>
    public static ValueParser<ReportingDescription> Report { get; } = new KeywordTable<ReportingDescription>
    {
        { "xenserver", report => report with { Source = ReportSource.XenServer } },
        { "agent", report => report with { Source = ReportSource.Agent } },
        { "qubes", report => report with { Source = ReportSource.Qubes } },
        { "honest", report => report with { Habit = ReportHabit.Honest } },
        { "silent", report => report with { Habit = ReportHabit.Silent } },
        { "claims-all", report => report with { Habit = ReportHabit.ClaimsAllUsed } },
        { "claims-nothing", report => report with { Habit = ReportHabit.ClaimsNothingUsed } },
        { "junk", report => report with { Habit = ReportHabit.Junk } },
        { "flood", report => report with { Habit = ReportHabit.Flooding } },
        { "fixed-total", report => report with { Habit = ReportHabit.FixedTotal } },
        { "every", SimpleValues.Period, (report, interval) => report with { Interval = interval } },
        { "delay", SimpleValues.Time, (report, delay) => report with { Delay = delay } },
        { "from", SimpleValues.Time, (report, start) => report with { StartsAt = start } },
        { "until", SimpleValues.Time, (report, stop) => report with { StopsAt = stop } },
    }.AsValue(ReportingDescription.Default);

    /// <summary>For example <c>40s mem-set 300m</c>.</summary>
    public static GuestEvent Event(ValueReader value)
    {
        TimeSpan at = SimpleValues.Time(value);
        GuestEventKind kind = EventKind(value);
        bool hasSize = kind is GuestEventKind.SetTarget or GuestEventKind.SetMaxMem;
        return new GuestEvent(at, kind, hasSize ? SimpleValues.Size(value) : default);
    }

    private static (TimeSpan From, TimeSpan? Until) Stuck(ValueReader value) => (
        value.TryTake("from") ? SimpleValues.Time(value) : TimeSpan.Zero,
        value.TryTake("until") ? SimpleValues.Time(value) : null);

    private static (TimeSpan For, TimeSpan Every) Stutter(ValueReader value)
    {
        TimeSpan length = SimpleValues.Period(value);
        value.Expect("every");
        TimeSpan every = SimpleValues.Period(value);
        if (length > every)
        {
            string lengths = $"{DurationText.Write(length)} is longer than its period of {DurationText.Write(every)}";
            value.FailAtLast($"stutter of {lengths}");
        }

        return (length, every);
    }

    private static TableMissCurve TableCurve(ValueReader value)
    {
        ImmutableArray<MissPoint>.Builder points = ImmutableArray.CreateBuilder<MissPoint>();
        var last = new MissPoint(0, 1);
        do
        {
            double fill = Fill(value);
            if (fill <= last.Fill) value.FailAtLast("points out of order: sort them by size, from more than 0");
            double misses = Misses(value);
            if (misses > last.Misses) value.FailAtLast("misses rise: a larger cache cannot miss more");
            points.Add(last = new MissPoint(fill, misses));
        }
        while (value.TryTake(","));

        return new TableMissCurve(points.DrainToImmutable());
    }
}
