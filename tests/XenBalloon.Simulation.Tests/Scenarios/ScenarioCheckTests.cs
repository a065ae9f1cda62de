using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Scenarios;

public sealed class ScenarioCheckTests
{
    private static readonly GuestDescription Valid = VirtualHost.Guest("web");

    private static IEnumerable<TestCaseData> Invalid =>
    [
        Case("invalid weight '0': expected 1 to 10000", Valid with { Weight = 0 }),
        Case("invalid weight '10001': expected 1 to 10000", Valid with { Weight = 10_001 }),
        Case(
            "minimum of 400 MiB exceeds the maximum of 300 MiB",
            Valid with { Minimum = KiB.FromMiB(400), Maximum = KiB.FromMiB(300) }),
        Case("minimum of 4096 MiB exceeds the static maximum of 2048 MiB", Valid with { Minimum = KiB.FromMiB(4096) }),
        Case("negative minimum or maximum", Valid with { Minimum = new KiB(-4) }),
        Case("negative overcommit", Valid with { Overcommit = -0.1 }),
        Case("negative patience", Valid with { Patience = TimeSpan.FromSeconds(-1) }),
        Case(
            "starts before the scenario begins: leave the start time out",
            Valid with { CreatedAt = TimeSpan.FromSeconds(-1) }),
        Case("negative build or boot time", Valid with { BootTime = TimeSpan.FromSeconds(-1) }),
        Case("negative build or boot time", Valid with { BuildTime = TimeSpan.FromSeconds(-1) }),
        Case("a PV guest cannot populate on demand", Valid with { PopulatesOnDemand = true }),
        Case(
            "the balloon's ceiling of 511 MiB is below the boot memory",
            With(new BalloonDescription { Ceiling = KiB.FromMiB(511) })),
        Case("negative floor of the balloon", With(new BalloonDescription { HiddenFloor = new KiB(-4) })),
        Case(
            "the balloon is stuck before the scenario begins",
            With(new BalloonDescription { StuckFrom = TimeSpan.FromSeconds(-1) })),
        Case(
            "the balloon moves again before it is stuck",
            With(BalloonDescription.Stuck with { StuckUntil = TimeSpan.FromSeconds(-1) })),
        Case("the balloon's stutter needs positive times", With(new BalloonDescription { StuckEvery = TimeSpan.Zero })),
        Case(
            "the balloon's stutter is longer than its period",
            With(new BalloonDescription { StuckEvery = TimeSpan.FromSeconds(5), StuckFor = TimeSpan.FromSeconds(6) })),
        Case(
            "reports stop before they start",
            With(new ReportingDescription { StartsAt = TimeSpan.FromSeconds(5), StopsAt = TimeSpan.FromSeconds(4) })),
        Case(
            "reports start or stop before the scenario begins",
            With(new ReportingDescription { StartsAt = TimeSpan.FromSeconds(-5) })),
        Case(
            "only XenServer's agent reports a fixed total: use xenserver",
            With(new ReportingDescription { Source = ReportSource.Agent, Habit = ReportHabit.FixedTotal })),
        Case("negative working set of the cache", With(new CacheDescription { WorkingSet = new KiB(-4) })),
        Case("negative number of cache lookups", With(new CacheDescription { LookupsPerSecond = -1 })),
        Case(Curve, With(new CacheDescription { Curve = new ExponentialMissCurve(1) })),
        Case(Curve, With(new CacheDescription { Curve = new LongTailMissCurve(0) })),
        Case(Curve, With(Table(new MissPoint(0.5, 0.2), new MissPoint(1, 0.3)))),
        Case(Curve, With(Table(new MissPoint(0.5, 0.2), new MissPoint(0.4, 0.1)))),
        Case("events are not in order of time", With(At(5, GuestEventKind.Pause), At(4, GuestEventKind.Unpause))),
        Case(
            "Pause at 5 s is before the guest's creation",
            With(At(5, GuestEventKind.Pause)) with { CreatedAt = TimeSpan.FromSeconds(6) }),
        Case("Pause at -1 s is before the guest's creation", With(At(-1, GuestEventKind.Pause))),
        Case("SetMaxMem at 5 s has no size", With(At(5, GuestEventKind.SetMaxMem))),
        Case("Restore at 5 s has no Save before it", With(At(5, GuestEventKind.Restore))),
        Case(
            "Restore at 7 s has no Save before it",
            With(At(5, GuestEventKind.Save), At(6, GuestEventKind.Restore), At(7, GuestEventKind.Restore))),
        Case("Resume at 5 s has no Suspend before it", With(At(4, GuestEventKind.Save), At(5, GuestEventKind.Resume))),
    ];

    private static string Curve => "the miss curve must fall from 1 and never rise";

    [TestCaseSource(nameof(Invalid))]
    public void Invalid_guest_gives_one_problem_with_its_name(string problem, GuestDescription guest) =>
        Assert.That(VirtualHost.Hosting(guest).Problems(), Is.EqualTo([$"guest web: {problem}"]));

    [Test]
    public void Valid_guest_gives_no_problem()
    {
        GuestDescription guest = Valid with
        {
            Kind = DomainKind.Hvm,
            Minimum = KiB.FromMiB(256),
            Maximum = KiB.FromMiB(2048),
            Weight = 10_000,
            Patience = TimeSpan.Zero,
            PopulatesOnDemand = true,
            CreatedAt = TimeSpan.FromSeconds(4),
            Balloon = new BalloonDescription
            {
                Ceiling = KiB.FromMiB(512),
                StuckEvery = TimeSpan.FromSeconds(5),
                StuckFor = TimeSpan.FromSeconds(5),
            },
            Cache = Table(new MissPoint(0.5, 0.2), new MissPoint(1, 0)),
            Events =
            [
                At(4, GuestEventKind.Suspend),
                At(5, GuestEventKind.Resume),
                At(6, GuestEventKind.Save),
                At(9, GuestEventKind.Restore),
                At(20, GuestEventKind.Save),
                At(30, GuestEventKind.Restore),
                At(40, GuestEventKind.MigrateAway),
            ],
        };
        Assert.That(VirtualHost.Hosting(guest).Problems(), Is.Empty);
    }

    private static CacheDescription Table(params MissPoint[] points) =>
        new() { Curve = new TableMissCurve([.. points]) };

    private static TestCaseData Case(string problem, GuestDescription guest) => new(problem, guest);

    private static GuestEvent At(double second, GuestEventKind kind) => new(TimeSpan.FromSeconds(second), kind);

    private static GuestDescription With(BalloonDescription balloon) => Valid with { Balloon = balloon };

    private static GuestDescription With(ReportingDescription reporting) => Valid with { Reporting = reporting };

    private static GuestDescription With(CacheDescription cache) => Valid with { Cache = cache };

    private static GuestDescription With(params GuestEvent[] events) => Valid with { Events = [.. events] };
}
