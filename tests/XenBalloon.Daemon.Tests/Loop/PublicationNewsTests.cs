using XenBalloon.Core;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Loop;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Loop;

internal sealed class PublicationNewsTests
{
    private static readonly Publication Before = Canned.Host;

    private static IEnumerable<TestCaseData<DomainDecision>> Numbers =>
    [
        Case("report", Canned.Web with
        {
            Domain = Canned.Web.Domain with
            {
                Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(100), null, Canned.At),
            },
        }),
        Case("demand", Canned.Web with { Demand = Canned.Db.Demand }),
        Case("entitlement", Canned.Web with { Entitlement = KiB.FromMiB(7), GuaranteedShare = KiB.FromMiB(7) }),
    ];

    private static IEnumerable<TestCaseData<DomainDecision>> Changes =>
    [
        Case("target", Canned.Web with { Target = KiB.FromMiB(7) }),
        Case("size", Canned.Web with { Domain = Canned.Web.Domain with { Actual = KiB.FromMiB(7) } }),
        Case("lifecycle", Canned.Web with { Domain = Canned.Web.Domain with { Lifecycle = DomainLifecycle.Paused } }),
        Case("name", Canned.Web with { Domain = Canned.Web.Domain with { Name = "other" } }),
        Case("source of reports", Canned.Web with
        {
            Domain = Canned.Web.Domain with
            {
                Report = new GuestReport(ReportSource.Qubes, KiB.FromMiB(100), null, Canned.At),
            },
        }),
        Case("state of reports", Canned.Web with
        {
            Demand = Canned.Web.Demand!.Value with { Verdict = ReportVerdict.Stale },
        }),
        Case("health", Canned.Web with { Health = BalloonHealth.Stuck }),
        Case("override", Canned.Web with { Override = KiB.FromMiB(7) }),
        Case("cap", Canned.Web with { CapBound = KiB.FromMiB(7) }),
        Case("pin", Canned.Web with { Pin = KiB.FromMiB(7) }),
        Case("minimum", Canned.Web with { Minimum = KiB.FromMiB(7) }),
        Case("maximum", Canned.Web with { Maximum = KiB.FromMiB(7) }),
        Case("boot memory", Canned.Web with { BootMemory = KiB.FromMiB(7) }),
        Case("management", Canned.Web with { Managed = false }),
        Case("conflict", Canned.Web with { Conflict = default(SettingConflict) }),
        Case("weight", Canned.Web with { Weight = 7 }),
        Case("cause", Canned.Web with { Kind = ReasonKind.Balanced }),
    ];

    [TestCaseSource(nameof(Numbers))]
    public void Number_that_follows_from_reports_is_not_news(DomainDecision web) =>
        Assert.That(With(web).IsNews(Before), Is.False);

    [TestCaseSource(nameof(Changes))]
    public void Any_other_change_of_a_domain_is_news(DomainDecision web) =>
        Assert.That(With(web).IsNews(Before), Is.True);

    [Test]
    public void Change_of_the_set_of_domains_is_news() =>
        Assert.That(With(Before.Plan with { Domains = Before.Plan.Domains[..2] }).IsNews(Before), Is.True);

    [Test]
    public void Free_memory_is_not_news_and_pressure_is()
    {
        HostDecision host = Before.Plan.Host;
        Assert.That(With(Before.Plan with { Host = host with { Free = KiB.FromMiB(7) } }).IsNews(Before), Is.False);
        Assert.That(
            With(Before.Plan with { Host = host with { Pressure = HostPressure.None } }).IsNews(Before), Is.True);
    }

    [Test]
    public void Everything_is_news_while_memory_moves() =>
        Assert.That(With(Before.Plan with { IsMoving = true }).IsNews(Before), Is.True);

    [Test]
    public void Mode_settings_and_reservations_are_news()
    {
        Assert.That((Before with { Mode = BalancerMode.Paused }).IsNews(Before), Is.True);
        Assert.That((Before with { Settings = new BalancerSettings() }).IsNews(Before), Is.True);
        Publication reserved = Before with { Reservations = [Canned.Reservation(1)] };
        Assert.That(reserved.IsNews(Before), Is.True);
        Assert.That(Before.IsNews(reserved), Is.True);
    }

    private static TestCaseData<DomainDecision> Case(string name, DomainDecision web) =>
        new TestCaseData<DomainDecision>(web).SetArgDisplayNames(name);

    private static Publication With(DomainDecision web) => With(Before.Plan with
    {
        Domains = [Before.Plan.Domains[0], web, Before.Plan.Domains[2]],
    });

    private static Publication With(Plan plan) => Before with { Plan = plan };
}
