using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

public sealed class ScenarioCheckTests
{
    private static readonly GuestDescription Sound = VirtualHost.Guest("web");

    private static IEnumerable<TestCaseData> Unsound =>
    [
        Case("invalid weight '0': expected 1 to 10000", Sound with { Weight = 0 }),
        Case("invalid weight '10001': expected 1 to 10000", Sound with { Weight = 10_001 }),
        Case("its minimum of 400 MiB is more than its maximum of 300 MiB", Sound with { Minimum = KiB.FromMiB(400), Maximum = KiB.FromMiB(300) }),
        Case("its minimum of 4096 MiB is more than its static maximum of 2048 MiB", Sound with { Minimum = KiB.FromMiB(4096) }),
        Case("its minimum or maximum is negative", Sound with { Minimum = new KiB(-4) }),
        Case("its overcommit is negative", Sound with { Overcommit = -0.1 }),
        Case("its patience is negative", Sound with { Patience = TimeSpan.FromSeconds(-1) }),
        Case("is created before the beginning: say nothing of it instead", Sound with { CreatedAt = TimeSpan.FromSeconds(-1) }),
        Case("takes a negative time to build or boot", Sound with { BootTime = TimeSpan.FromSeconds(-1) }),
        Case("takes a negative time to build or boot", Sound with { BuildTime = TimeSpan.FromSeconds(-1) }),
        Case("populates on demand, which PV guests cannot", Sound with { PopulatesOnDemand = true }),
        Case("its balloon's ceiling of 511 MiB is less than what it boots with", With(new BalloonDescription { Ceiling = KiB.FromMiB(511) })),
        Case("its balloon's hidden floor is negative", With(new BalloonDescription { HiddenFloor = new KiB(-4) })),
        Case("its balloon is stuck from before the beginning", With(new BalloonDescription { StuckFrom = TimeSpan.FromSeconds(-1) })),
        Case("its balloon is freed before it is stuck", With(BalloonDescription.Stuck with { StuckUntil = TimeSpan.FromSeconds(-1) })),
        Case("its balloon is stuck for or every negative or no time", With(new BalloonDescription { StuckEvery = TimeSpan.Zero })),
        Case(
            "its balloon is stuck for longer than until it is stuck again",
            With(new BalloonDescription { StuckEvery = TimeSpan.FromSeconds(5), StuckFor = TimeSpan.FromSeconds(6) })),
        Case("ceases to report before it begins", With(new ReportingDescription { StartsAt = TimeSpan.FromSeconds(5), StopsAt = TimeSpan.FromSeconds(4) })),
        Case("begins or ceases to report before the beginning", With(new ReportingDescription { StartsAt = TimeSpan.FromSeconds(-5) })),
        Case("its cache's working set is negative", With(new CacheDescription { WorkingSet = new KiB(-4) })),
        Case("its cache is looked up a negative number of times", With(new CacheDescription { LookupsPerSecond = -1 })),
        Case(Curve, With(new CacheDescription { Curve = new ExponentialMissCurve(1) })),
        Case(Curve, With(new CacheDescription { Curve = new LongTailMissCurve(0) })),
        Case(Curve, With(new CacheDescription { Curve = new TableMissCurve([new MissPoint(0.5, 0.2), new MissPoint(1, 0.3)]) })),
        Case(Curve, With(new CacheDescription { Curve = new TableMissCurve([new MissPoint(0.5, 0.2), new MissPoint(0.4, 0.1)]) })),
        Case("its events are not in order of time", With(At(5, GuestEventKind.Pause), At(4, GuestEventKind.Unpause))),
        Case("Pause at 5 s comes before it is created", With(At(5, GuestEventKind.Pause)) with { CreatedAt = TimeSpan.FromSeconds(6) }),
        Case("Pause at -1 s comes before it is created", With(At(-1, GuestEventKind.Pause))),
        Case("SetMaxMem at 5 s has no size", With(At(5, GuestEventKind.SetMaxMem))),
        Case("Restore at 5 s has no Save before it", With(At(5, GuestEventKind.Restore))),
        Case("Restore at 7 s has no Save before it", With(At(5, GuestEventKind.Save), At(6, GuestEventKind.Restore), At(7, GuestEventKind.Restore))),
        Case("Resume at 5 s has no Suspend before it", With(At(4, GuestEventKind.Save), At(5, GuestEventKind.Resume))),
    ];

    private static string Curve => "its miss curve must fall, from all lookups missing without a cache to none at the least";

    [TestCaseSource(nameof(Unsound))]
    public void What_cannot_be_meant_is_said_in_one_line_with_the_guests_name(string problem, GuestDescription guest) =>
        Assert.That(VirtualHost.Hosting(guest).Problems(), Is.EqualTo([$"guest web: {problem}"]));

    [Test]
    public void What_can_be_meant_is_not_complained_of()
    {
        GuestDescription guest = Sound with
        {
            Kind = DomainKind.Hvm,
            Minimum = KiB.FromMiB(256),
            Maximum = KiB.FromMiB(2048),
            Weight = 10_000,
            Patience = TimeSpan.Zero,
            PopulatesOnDemand = true,
            CreatedAt = TimeSpan.FromSeconds(4),
            Balloon = new BalloonDescription { Ceiling = KiB.FromMiB(512), StuckEvery = TimeSpan.FromSeconds(5), StuckFor = TimeSpan.FromSeconds(5) },
            Cache = new CacheDescription { Curve = new TableMissCurve([new MissPoint(0.5, 0.2), new MissPoint(1, 0)]) },
            Events =
            [
                At(4, GuestEventKind.Suspend), At(5, GuestEventKind.Resume), At(6, GuestEventKind.Save), At(9, GuestEventKind.Restore),
                At(20, GuestEventKind.Save), At(30, GuestEventKind.Restore), At(40, GuestEventKind.MigrateAway),
            ],
        };
        Assert.That(VirtualHost.Hosting(guest).Problems(), Is.Empty);
    }

    private static TestCaseData Case(string problem, GuestDescription guest) => new(problem, guest);

    private static GuestEvent At(double second, GuestEventKind kind) => new(TimeSpan.FromSeconds(second), kind);

    private static GuestDescription With(BalloonDescription balloon) => Sound with { Balloon = balloon };

    private static GuestDescription With(ReportingDescription reporting) => Sound with { Reporting = reporting };

    private static GuestDescription With(CacheDescription cache) => Sound with { Cache = cache };

    private static GuestDescription With(params GuestEvent[] events) => Sound with { Events = [.. events] };
}
