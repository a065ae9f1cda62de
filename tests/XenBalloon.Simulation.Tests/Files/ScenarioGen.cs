using System.Collections.Immutable;
using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Judging.PassLines;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Files;

/// <summary>Any scenario that is sound, with anything in it that can be described.</summary>
internal static class ScenarioGen
{
    private static readonly Gen<KiB> Pages = Gen.Long[1, 1 << 20].Select(pages => new KiB(4 * pages));
    private static readonly Gen<KiB> Size = Gen.Long[0, 1L << 32].Select(kib => new KiB(kib));
    private static readonly Gen<KiB> Rate = Gen.Long[1, 1L << 32].Select(kib => new KiB(kib));
    private static readonly Gen<TimeSpan> Time = Gen.OneOf(Gen.Long[0, 1L << 40].Select(TimeSpan.FromTicks), Gen.Int[0, 5000].Select(seconds => TimeSpan.FromSeconds(seconds)));
    private static readonly Gen<TimeSpan> Period = Time.Select(time => time + TimeSpan.FromTicks(1));
    private static readonly Gen<string> Name = Gen.String[Gen.Char["abcXYZ019-_. *+(]=#ä"], 1, 12].Where(name => name == name.Trim());

    private static readonly Gen<ImmutableArray<LoadPoint>> Points = Gen.Select(Time, Size).Array[1, 5]
        .Select(points => points.OrderBy(point => point.Item1).Select(point => new LoadPoint(point.Item1, point.Item2)).ToImmutableArray());

    private static readonly Gen<Load> SimpleLoad = Gen.OneOf(
        Size.Select(size => (Load)new ConstantLoad(size)),
        Points.Select(points => (Load)new StepLoad(points)),
        Points.Select(points => (Load)new RampLoad(points)),
        Gen.Select(Size, Size, Period, Gen.Double[-1, 1]).Select((mean, amplitude, period, phase) => (Load)new SineLoad(mean, amplitude, period, phase)),
        Gen.Select(Size, Time, Time, Period).Select((height, one, more, rest) => (Load)new BurstLoad(height, one + more + rest, one, one + more)));

    private static readonly Gen<Load> AnyLoad = Gen.Recursive<Load>((depth, inner) => depth > 3 ? SimpleLoad : Gen.OneOf(
        SimpleLoad,
        inner.Array[1, 3].Select(parts => (Load)new SumLoad([.. parts])),
        Gen.Select(inner, Period).Select((load, period) => load.Repeated(period)),
        Gen.Select(inner, Period).Select((load, upTo) => (Load)new ShiftedLoad(load, upTo)),
        Gen.Select(inner, Gen.Double[0, 1]).Select((load, by) => (Load)new VariedLoad(load, by))));

    private static readonly Gen<MissCurve> Curve = Gen.OneOf(
        Gen.Double[0.01, 10].Select(exponent => (MissCurve)new LongTailMissCurve(exponent)),
        Gen.Double[0.001, 0.999].Select(part => (MissCurve)new ExponentialMissCurve(part)),
        Gen.Const((MissCurve)new LoopMissCurve()),
        Gen.Double[0, 1].Array[1, 4].Select(misses => (MissCurve)new TableMissCurve(
            [.. misses.OrderDescending().Select((missing, number) => new MissPoint(0.25 * (number + 1), missing))])));

    private static readonly Gen<CacheDescription> Cache = Gen.Select(Size, Gen.Double[0, 1e6], Curve).Select((size, lookups, curve) =>
        new CacheDescription { WorkingSet = size, LookupsPerSecond = lookups, Curve = curve });

    private static readonly Gen<BalloonDescription> Balloon = Gen.Select(
        Gen.Select(Rate, Rate, Size, Size.Nullable()), Gen.Select(Time.Nullable(), Time.Nullable()), Gen.Select(Period, Period).Nullable()).Select((sizes, stuck, stutter) =>
        new BalloonDescription
        {
            ShrinkPerSecond = sizes.Item1,
            GrowPerSecond = sizes.Item2,
            HiddenFloor = sizes.Item3,
            Ceiling = sizes.Item4,
            StuckFrom = stuck.Item1,
            StuckUntil = stuck.Item1 + stuck.Item2,
            StuckEvery = stutter is { } periods ? periods.Item1 + periods.Item2 : null,
            StuckFor = stutter?.Item1 ?? TimeSpan.Zero,
        });

    private static readonly Gen<ReportingDescription> Reporting = Gen.Select(
        Gen.Enum<ReportHabit>(), Gen.Enum<ReportSource>(), Time, Time, Time.Nullable(), Time.Nullable()).Select((habit, source, delay, more, start, stop) =>
        new ReportingDescription
        {
            Habit = habit,
            Source = source,
            Interval = delay + more + TimeSpan.FromMilliseconds(100),
            Delay = delay,
            StartsAt = start,
            StopsAt = start is null ? stop : start + stop,
        });

    private static readonly Gen<GuestEvent> Event = Gen.Select(Time, Gen.Enum<GuestEventKind>(), Size).Select((at, kind, size) =>
        new GuestEvent(at, kind, kind is GuestEventKind.SetTarget or GuestEventKind.SetMaxMem ? size + KiB.Page : default));

    private static readonly Gen<GuestDescription> Guest = Gen.Select(
        Gen.Select(Name, Gen.Enum<DomainKind>(), Gen.Bool, Pages, Pages, Pages),
        Gen.Select(Size.Nullable(), Size.Nullable(), Gen.Int[1, 10_000], Gen.Double[0, 10]),
        Gen.Select(AnyLoad, AnyLoad, AnyLoad, AnyLoad),
        Gen.Select(Cache, Gen.Select(Size, Rate), Balloon, Reporting),
        Gen.Select(Time.Nullable(), Time.Nullable(), Time, Time),
        Event.Array[0, 4]).Select((self, bounds, loads, parts, life, events) => new GuestDescription
        {
            Name = self.Item1,
            Kind = self.Item2,
            PopulatesOnDemand = self.Item3 && self.Item2 != DomainKind.Pv,
            BootMemory = KiB.FromMiB(128) + self.Item4,
            StaticMax = KiB.FromMiB(128) + self.Item4 + self.Item5,
            Offset = self.Item6,
            KernelOverhead = KiB.FromMiB(40),
            Minimum = bounds.Item1 is { } minimum ? KiB.Min(minimum, KiB.FromMiB(128)) : null,
            Maximum = bounds.Item2 + KiB.FromMiB(128),
            Weight = bounds.Item3,
            Overcommit = bounds.Item4,
            Anonymous = loads.Item1,
            Files = loads.Item2,
            Cold = loads.Item3,
            Shared = loads.Item4,
            Cache = parts.Item1,
            Swap = new SwapDescription { Size = parts.Item2.Item1, PerSecond = parts.Item2.Item2 },
            Balloon = parts.Item3 with { Ceiling = parts.Item3.Ceiling + KiB.FromMiB(128) + self.Item4 + self.Item6 },
            Reporting = parts.Item4,
            CreatedAt = life.Item1,
            Patience = life.Item2,
            BuildTime = life.Item3,
            BootTime = life.Item4,
            Events = [.. SoundEvents.Of(events.OrderBy(happening => happening.At), life.Item1 ?? TimeSpan.Zero)],
        });

    private static readonly Gen<PassLine> Pass = Gen.OneOfConst("oom = 0", "squeezed slowdown.p99 <= 1.05",
        "slowdown.mean <= 0.7 * static", "oom <= peers + interval").Select(text =>
        PassLine.TryParse(text, out PassLine? line, out string? error) ? line : throw new InvalidOperationException(error));

    /// <summary>Any sound scenario.</summary>
    public static Gen<Scenario> Any { get; } = Gen.Select(Gen.Select(Name, Name, Size, Size), Gen.ULong, Period, Pass.Array[0, 3], Guest.Array[0, 4]).Select((self, seed, duration, pass, guests) =>
        new Scenario
        {
            Name = self.Item1,
            Summary = self.Item2,
            HostTotal = new KiB(1L << 36),
            Dom0Memory = self.Item3 + KiB.Page,
            Slack = self.Item4,
            Seed = seed,

            // Later than anything that happens.
            Duration = duration + TimeSpan.FromHours(200),
            PassLines = [.. pass],
            Guests = [.. guests.DistinctBy(guest => guest.Name)],
        });
}
