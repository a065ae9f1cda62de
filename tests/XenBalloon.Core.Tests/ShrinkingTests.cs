using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>How memory is taken back.</summary>
public sealed class ShrinkingTests
{
    [Test]
    public void One_report_carries_one_step_down()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100).Reports(2, 216);
        host.Act();
        KiB after = host[1].Actual;
        Assert.That(after, Is.LessThan(KiB.FromMiB(900)));
        for (int i = 0; i < 5; i++) host.Passes(1).Reports(2, 900).Act();
        Assert.That(host[1].Actual, Is.EqualTo(after), "no second step on the same report");
        host.Reports(1, 100).Act();
        Assert.That(host[1].Actual, Is.LessThan(after));
    }

    [Test]
    public void No_step_down_while_the_balloon_is_still_on_its_way()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 600, 1024).WithFree(32).Reports(1, 100).Reports(2, 560);
        host[1] = host[1] with { Target = KiB.FromMiB(800) };
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Settling));
    }

    [Test]
    public void An_urgent_step_down_takes_half_of_what_the_guest_has_available_where_that_is_more_than_half_of_the_way()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100).Reports(2, 216);
        DomainDecision decision = Of(host.Decide(), 1);
        KiB available = host[1].Report!.Available!.Value - KiB.FromMiB(16);
        Assert.That(decision.Target, Is.EqualTo(KiB.Max(decision.Entitlement!.Value, KiB.FromMiB(900) - available.Times(0.5)).CeilingToPage()));
    }

    [Test]
    public void Without_need_a_step_down_is_gentle()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 1024).WithFree(32);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(300) };
        host.Settings = host.Settings with { IdleTax = 0 };
        host.Reports(1, 100).Reports(2, 100).Passes(1).Decide();
        Plan plan = host.Passes(9).Reports(1, 100).Reports(2, 100).Decide();
        Assert.That(plan.Host.Pressure, Is.EqualTo(HostPressure.None));
        Assert.That((KiB.FromMiB(900) - Of(plan, 1).Target!.Value).Value, Is.EqualTo(KiB.FromMiB(45).Value).Within(KiB.FromMiB(6).Value));
    }

    [Test]
    public void A_report_from_before_the_need_carries_no_step_down()
    {
        var calm = new GuestVitals { MemorySome = 0 };
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100, calm).Reports(2, 100);
        host.Decide();
        host.Passes(60).Reports(2, 216);
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Settling), "it may use far more by now");
        Assert.That(Of(host.Passes(1).Reports(1, 100, calm).Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Shrinking));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_guest_that_reports_seldom_gives_half_of_what_it_called_available_before_its_next_report(bool lacks)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 900, 4096).WithFree(32);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(200) };
        host.Settings = host.Settings with { KeepFree = lacks ? KiB.Zero : KiB.FromMiB(600) };
        host.Decide();
        host.Passes(60).Reports(1, 100).Reports(2, 100).Decide();
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
        host.Passes(6);
        for (int i = 0; i < 50; i++) host.Passes(1).Reports(2, lacks ? 2000 : 100).Act();
        KiB least = KiB.FromMiB(900 - (760 / 2));
        Assert.That(host[1].Target, lacks ? Is.InRange(least, least + KiB.FromMiB(12)) : Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void A_step_down_leaves_what_the_guest_itself_says_it_needs_even_where_the_overhead_is_wrong()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(2, 216);
        host[1] = host[1] with { Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(100), KiB.FromMiB(160), host.Now) };
        host[1] = host[1] with { Actual = KiB.FromMiB(899) };
        Assert.That(KiB.FromMiB(900) - Of(host.Decide(), 1).Target!.Value, Is.LessThanOrEqualTo(KiB.FromMiB(60 - 16)));
    }

    [Test]
    public void The_kernels_part_is_not_measured_while_the_balloon_moves()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host[1] = host[1] with { Target = KiB.FromMiB(500) };
        host.Decide();
        host.Passes(1);
        host[1] = host[1] with { Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(100), KiB.FromMiB(890), host.Now), Actual = KiB.FromMiB(880) };
        Assert.That(Of(host.Decide(), 1).Demand!.Value.InUse, Is.EqualTo(KiB.FromMiB(100 + 64 + 16)), "assumed, not 880 − 890");
    }
}
