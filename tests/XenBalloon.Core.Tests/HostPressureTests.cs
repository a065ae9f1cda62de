using XenBalloon.Core.Memory;
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
    public void A_part_of_the_pool_is_kept_for_those_who_lack_their_guaranteed_share()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 4096).With(2, 900, 4096).WithFree(232);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(200) };
        host.Run(20, (1, 4000), (2, 300));
        Assert.That(host.Free, Is.GreaterThanOrEqualTo(KiB.FromMiB(82)), "the first has more than its half by now");
    }
}
