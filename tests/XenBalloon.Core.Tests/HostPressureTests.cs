using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>How urgent it is.</summary>
public sealed class HostPressureTests
{
    [Test]
    public void A_pool_that_is_nearly_gone_is_filled_as_if_somebody_lacked_memory()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(40);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(200) };
        Plan plan = host.Reports(1, 100).Decide();
        Assert.That(plan.Host.Pressure, Is.EqualTo(HostPressure.Tight));
        Assert.That(KiB.FromMiB(900) - Of(plan, 1).Target, Is.GreaterThan(KiB.FromMiB(90)));
    }

    [Test]
    public void A_host_at_the_edge_does_not_flutter()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024);
        Assert.That(host.WithFree(30).Decide().Host.Pressure, Is.EqualTo(HostPressure.Low));
        Assert.That(host.WithFree(34).Decide().Host.Pressure, Is.EqualTo(HostPressure.Low), "not clearly more");
        Assert.That(host.WithFree(41).Decide().Host.Pressure, Is.EqualTo(HostPressure.None));
        Assert.That(host.WithFree(34).Decide().Host.Pressure, Is.EqualTo(HostPressure.None));
    }

    [Test]
    public void Below_the_slack_a_domain_goes_to_its_floor_in_one_step()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 1024).WithFree(10);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(800) };
        DomainDecision one = Of(host.Reports(1, 400).Reports(2, 400).Decide(), 1);
        Assert.That(one.Target, Is.EqualTo(KiB.Max(one.Entitlement!.Value, one.Demand!.Value.Floor).CeilingToPage()));
        Assert.That(one.Target, Is.LessThan(KiB.FromMiB(600)));
    }

    [Test]
    public void The_whole_pool_is_for_need_whoever_has_more_than_a_share_already()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 4096).With(2, 900, 4096).WithFree(232);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(200) };
        host.Run(20, (1, 4000), (2, 300));
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(1016)), "more than its half");
        Assert.That(host.Free, Is.EqualTo(KiB.FromMiB(32)));
    }

    [Test]
    public void Three_hundredths_of_the_host_are_kept_free_where_the_operator_says_nothing()
    {
        HostBuilder host = new HostBuilder().With(1, 9900, 16384).WithFree(100);
        host.Settings = host.Settings with { KeepFree = null };
        Assert.That(host.Decide().Host.KeepFree, Is.EqualTo(KiB.FromMiB(300)));
    }
}
