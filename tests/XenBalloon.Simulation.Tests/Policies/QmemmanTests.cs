using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class QmemmanPolicyTests
{
    [Test]
    public void Memory_goes_to_the_domain_that_uses_it()
    {
        GuestDescription growing = PeerRun.Guest("growing") with { Anonymous = PeerRun.Rising(128, 800, 10) };
        using var run = new PeerRun(PeerRun.Crowded(growing, PeerRun.Guest("idle"), PeerRun.Guest("other")), "qmemman");
        run.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(run.ActualMiB("growing"), Is.GreaterThan(900));
            Assert.That(run.ActualMiB("idle"), Is.LessThan(500));
            Assert.That(run.Now.Free, Is.GreaterThan(KiB.FromMiB(40)));
        });
    }

    [Test]
    public void Balancing_stops_from_a_start_until_the_domain_is_up()
    {
        using var run = new PeerRun(PeerRun.Crowded(PeerRun.Guest("one"), PeerRun.Guest("other")), "qmemman");
        run.Run(20);
        Assert.That(run.Now.Free, Is.LessThan(KiB.FromMiB(150)), "all memory is assigned");
        run.Waiting = [PeerRun.Start("third", 700)];
        run.Run(5);
        KiB free = run.Now.Free;
        int written = run.Report.Guests.Sum(guest => guest.TargetsWritten);
        run.Run(30);
        Assert.Multiple(() =>
        {
            Assert.That(free, Is.GreaterThanOrEqualTo(KiB.FromMiB(700)));
            Assert.That(run.Report.Guests.Sum(guest => guest.TargetsWritten), Is.EqualTo(written));
        });
    }

    [Test]
    public void Unresponsive_domain_is_excluded_from_balancing()
    {
        GuestDescription stuck =
            PeerRun.Guest("stuck") with { BootMemory = KiB.FromMiB(700), Balloon = BalloonDescription.Stuck };
        GuestDescription needy = PeerRun.Guest("needy") with { Anonymous = PeerRun.Rising(128, 500, 10) };
        using var run = new PeerRun(PeerRun.Crowded(stuck, needy, PeerRun.Guest("idle")), "qmemman");
        run.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(run.ActualMiB("needy"), Is.GreaterThan(650));
            Assert.That(run.Host.Outcome("needy").OomKills, Is.Zero);
        });
    }

    [Test]
    public void Tmpfs_counts_as_cache_and_gets_no_memory()
    {
        var policy = new QmemmanPolicy(PeerRun.Crowded(PeerRun.Guest("eater"), PeerRun.Guest("idle")));
        Assert.That(WritesFor(policy, shared: 300, anonymous: 100), Is.Zero);
        var seeing = new QmemmanPolicy(PeerRun.Crowded(PeerRun.Guest("eater"), PeerRun.Guest("idle")));
        Assert.That(WritesFor(seeing, shared: 0, anonymous: 400), Is.Positive, "the same amount in programs is seen");
    }

    /// <summary>The targets for a guest of 480 MiB with 100 MiB in use, after 300 MiB more of one kind.</summary>
    private static int WritesFor(QmemmanPolicy policy, int shared, int anonymous)
    {
        HostSnapshot before = Host(TimeSpan.Zero, 0, 100), after = Host(TimeSpan.FromSeconds(1), shared, anonymous);
        policy.Decide(before, []);
        int written = 0;
        for (int tick = 0; tick < 20; tick++)
        {
            TimeSpan now = TimeSpan.FromSeconds(1 + (tick / 10.0));
            written += policy.Decide(after with { At = now }, []).Commands.Count(
                command => command.Kind == HostCommandKind.SetTarget);
        }

        return written;
    }

    private static HostSnapshot Host(TimeSpan at, int shared, int anonymous) => new()
    {
        At = at,
        Total = KiB.FromMiB(2304),
        Free = KiB.FromMiB(60),
        Domains = [
            PeerDomains.Domain(1, "eater", 480, 480, shared, anonymous, at),
            PeerDomains.Domain(2, "idle", 480, 480, 0, 100, at)],
    };
}

/// <summary>qmemman's results in MiB, with a static maximum of 4096.</summary>
public sealed class QmemmanVectorTests
{
    private static QmemmanDomain Domain(int id, int used, int actual = 0, int lastTarget = 0) =>
        new(id, KiB.FromMiB(used), KiB.FromMiB(actual), KiB.FromMiB(4096), KiB.FromMiB(lastTarget));

    [TestCase(0, 1024, 1681.2)]
    [TestCase(1, 1024, 1331.2)]
    [TestCase(1, 5000, 4096)]
    [TestCase(1, 100, 200)]
    public void Preference_is_memory_in_use_plus_30_percent(int id, int used, double preferred) =>
        Assert.That(Domain(id, used).Preferred.Value / 1024.0, Is.EqualTo(preferred).Within(0.001));

    [TestCase(1024, 307.2)]
    [TestCase(2024, -692.8)]
    public void Need_is_preference_minus_actual(int actual, double needed) =>
        Assert.That(Domain(1, 1024, actual).Needed.Value / 1024.0, Is.EqualTo(needed).Within(0.001));

    [Test]
    public void Surplus_is_divided_in_proportion_to_preferences_with_donors_first()
    {
        IReadOnlyList<QmemmanRequest> requests =
            QmemmanBalance.Requests(KiB.FromMiB(1000), [Domain(1, 200, 260), Domain(2, 400, 1500)]);
        Assert.Multiple(() =>
        {
            Assert.That(requests.Select(request => request.Id), Is.EqualTo(new[] { 1, 2 }));
            Assert.That(requests[0].Size.Value / 1024.0, Is.EqualTo(0.999 * 2760 / 3).Within(0.01));
            Assert.That(requests[1].Size.Value / 1024.0, Is.EqualTo(0.999 * 2760 * 2 / 3).Within(0.01));
        });
        IReadOnlyList<QmemmanRequest> turned =
            QmemmanBalance.Requests(KiB.Zero, [Domain(1, 200, 260), Domain(2, 400, 3000)]);
        Assert.That(turned.Select(request => request.Id), Is.EqualTo(new[] { 2, 1 }));
    }

    [Test]
    public void Receivers_wait_when_memory_is_short()
    {
        QmemmanDomain[] domains = [Domain(1, 200, 760), Domain(2, 2000, 1000)];
        IReadOnlyList<QmemmanRequest> first = QmemmanBalance.Requests(KiB.FromMiB(100), domains);
        Assert.That(
            first.Select(request => request.Id), Is.EqualTo(new[] { 1 }),
            "500 MiB that come are taken from the 100 MiB that are there");
        IReadOnlyList<QmemmanRequest> second =
            QmemmanBalance.Requests(KiB.FromMiB(600), [Domain(1, 200, 265), domains[1]]);
        Assert.That(second.Single(), Is.EqualTo(new QmemmanRequest(2, KiB.FromMiB(1600).Times(0.999))));
    }

    [TestCase(
        50, 1000, 1100, 1016, true, TestName = "A domain below its preference that gains more than 15 MiB is worth it")]
    [TestCase(
        50, 1000, 1100, 1014, false,
        TestName = "A domain below its preference with less than 15 MiB to gain is not worth it")]
    [TestCase(30, 1000, 900, 1000, true, TestName = "Less than 35 MiB for Xen is worth it")]
    [TestCase(50, 1000, 900, 1151, true, TestName = "Moving more than 150 MiB in total is worth it")]
    [TestCase(50, 1000, 900, 1149, false, TestName = "Moving less than 150 MiB in total is not worth it")]
    public void Insignificant_balancing_is_skipped(int free, int lastTarget, int preferred, int size, bool met)
    {
        var domain = new QmemmanDomain(
            1, KiB.FromMiB(preferred).Times(1 / 1.3), KiB.FromMiB(lastTarget), KiB.FromMiB(4096),
            KiB.FromMiB(lastTarget));
        var domains = new Dictionary<int, QmemmanDomain> { [1] = domain };
        Assert.That(
            QmemmanThresholds.AreMet([new QmemmanRequest(1, KiB.FromMiB(size))], domains, KiB.FromMiB(free)),
            Is.EqualTo(met));
    }

    [Test]
    public void Start_is_refused_if_all_domains_have_too_little_to_give()
    {
        QmemmanDomain[] domains = [Domain(1, 200, 460), Domain(2, 200, 360)];
        Assert.Multiple(() =>
        {
            Assert.That(QmemmanRelease.Requests(KiB.FromMiB(301), domains), Is.Empty);
            Assert.That(
                QmemmanRelease.Requests(KiB.FromMiB(150), domains).Select(
                    request => Math.Round(request.Size.Value / 1024.0, 1)),
                Is.EqualTo(new[] { 460 - 105, 360 - 52.5 }).Within(0.1));
        });
    }
}

/// <summary>qmemman on hand-made hosts on which no balloon moves.</summary>
public sealed class QmemmanLockTests
{
    private static readonly DomainSnapshot Starting = new()
    {
        Identity = new DomainIdentity(9, Guid.NewGuid()),
        Name = "third",
        Lifecycle = DomainLifecycle.Building,
        Actual = KiB.FromMiB(10),
        MaxMem = KiB.FromMiB(11),
    };

    private static HostSnapshot Host(double second, int needyUses, int freeMiB = 60) => new()
    {
        At = TimeSpan.FromSeconds(second),
        Total = KiB.FromMiB(2304),
        Free = KiB.FromMiB(freeMiB),
        Domains =
        [
            PeerDomains.Domain(1, "stuck", 700, 680, 0, 100, TimeSpan.FromSeconds(second)),
            PeerDomains.Domain(2, "needy", 600, 580, 0, needyUses, TimeSpan.FromSeconds(second)),
        ],
    };

    private static int[] Retargeted(PolicyDecision decision) =>
        [
            .. decision.Commands
                .Where(command => command.Kind == HostCommandKind.SetTarget)
                .Select(command => command.Domain.Domid),
        ];

    [Test]
    public void Domain_without_response_in_half_a_second_is_excluded_next_time()
    {
        var policy = new QmemmanPolicy(PeerRun.Crowded());
        PolicyDecision first = policy.Decide(Host(0, 400), []);
        for (int tick = 1; tick < 10; tick++) policy.Decide(Host(tick / 10.0, 400), []);
        PolicyDecision next = policy.Decide(Host(1, 500), []);
        Assert.Multiple(() =>
        {
            Assert.That(Retargeted(first), Does.Contain(1));
            Assert.That(Retargeted(next), Does.Not.Contain(1));
        });
    }

    [Test]
    public void Start_is_refused_at_once_if_donors_do_not_respond()
    {
        var policy = new QmemmanPolicy(PeerRun.Crowded());
        StartRequest start = PeerRun.Start("third", 300);
        policy.Decide(Host(0, 400), []);
        for (int tick = 1; tick < 20; tick++) policy.Decide(Host(tick / 10.0, 400), []);
        PolicyDecision starting = policy.Decide(Host(2, 400), [start]);
        PolicyDecision refused = policy.Decide(Host(2.1, 400), [start]);
        Assert.Multiple(() =>
        {
            Assert.That(Retargeted(starting), Does.Contain(1));
            Assert.That((refused.NextPassAfter, refused.WakeOnChange), Is.EqualTo((TimeSpan.FromSeconds(1), true)));
        });
    }

    [Test]
    public void Lock_is_held_until_the_domain_is_up()
    {
        var policy = new QmemmanPolicy(PeerRun.Crowded());
        policy.Decide(Host(0, 100, 90), [PeerRun.Start("third", 10)]);
        HostSnapshot building = Host(1, 500, 90);
        PolicyDecision held = policy.Decide(building with { Domains = building.Domains.Add(Starting) }, []);
        PolicyDecision released = policy.Decide(Host(2, 500, 90), []);
        Assert.Multiple(() =>
        {
            Assert.That(held.Commands, Is.Empty);
            Assert.That(released.Commands, Is.Not.Empty);
        });
    }

    [TestCase(20, false)]
    [TestCase(31, true)]
    public void Agent_writes_only_changes_of_30_MB(int change, bool written)
    {
        var writer = new MeminfoWriter();
        bool first = writer.Read(Vitals(0, 100));
        bool again = writer.Read(Vitals(0, 100));
        bool changed = writer.Read(Vitals(1, 100 + change));
        Assert.That((first, again, changed), Is.EqualTo((true, false, written)));
    }

    [Test]
    public void Agent_of_a_guest_that_fills_up_writes_at_half_of_that()
    {
        var writer = new MeminfoWriter();
        writer.Read(Vitals(0, 400));
        Assert.That(writer.Read(Vitals(1, 420)), Is.True);
    }

    private static ReportedVitals Vitals(int second, int used) =>
        new(PeerDomains.Domain(1, "guest", 500, 480, 0, used, TimeSpan.FromSeconds(second)).Report!, KiB.FromMiB(480));
}
