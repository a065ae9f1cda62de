using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Pacing;

/// <summary>The pressure with a slack of 100 MiB and a pool of 400 MiB.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class PressureGaugeTests
{
    private readonly PressureGauge gauge = new();

    [TestCase(99, false, HostPressure.Low)]
    [TestCase(100, false, HostPressure.Tight)]
    [TestCase(199, false, HostPressure.Tight)]
    [TestCase(200, false, HostPressure.None)]
    [TestCase(99, true, HostPressure.Low)]
    [TestCase(100, true, HostPressure.Demand)]
    [TestCase(9000, true, HostPressure.Demand)]
    public void Pressure_depends_on_free_memory_and_demand(long free, bool lack, HostPressure pressure) =>
        Assert.That(Read(free, lack), Is.EqualTo(pressure));

    [Test]
    public void Low_pressure_ends_clearly_above_the_slack()
    {
        Read(99);
        Assert.That(Read(124), Is.EqualTo(HostPressure.Low));
        Assert.That(Read(125), Is.EqualTo(HostPressure.Tight));
        Assert.That(Read(100), Is.EqualTo(HostPressure.Tight), "not low again before it is below");
    }

    [TestCase(99)]
    [TestCase(150)]
    public void Tight_pressure_ends_when_the_pool_is_half_full(long before)
    {
        Read(before);
        Assert.That(Read(299), Is.EqualTo(HostPressure.Tight));
        Assert.That(Read(300), Is.EqualTo(HostPressure.None));
        Assert.That(Read(299), Is.EqualTo(HostPressure.None));
    }

    [Test]
    public void Demand_pressure_ends_with_the_demand()
    {
        Read(250, lack: true);
        Assert.That(Read(250), Is.EqualTo(HostPressure.None));
    }

    private HostPressure Read(long free, bool lack = false) =>
        gauge.Read(KiB.FromMiB(free), KiB.FromMiB(100), KiB.FromMiB(400), lack);
}

/// <summary>The pressure on the host.</summary>
public sealed class HostPressureTests
{
    [Test]
    public void Nearly_empty_pool_is_refilled_as_under_demand()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(40);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(200) };
        Plan plan = host.Reports(1, 100).Decide();
        Assert.That(plan.Host.Pressure, Is.EqualTo(HostPressure.Tight));
        Assert.That(KiB.FromMiB(900) - Of(plan, 1).Target, Is.GreaterThan(KiB.FromMiB(90)));
    }

    [Test]
    public void Pressure_does_not_oscillate_at_a_threshold()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024);
        Assert.That(host.WithFree(30).Decide().Host.Pressure, Is.EqualTo(HostPressure.Low));
        Assert.That(host.WithFree(34).Decide().Host.Pressure, Is.EqualTo(HostPressure.Low), "not clearly more");
        Assert.That(host.WithFree(41).Decide().Host.Pressure, Is.EqualTo(HostPressure.None));
        Assert.That(host.WithFree(34).Decide().Host.Pressure, Is.EqualTo(HostPressure.None));
    }

    [Test]
    public void Domain_shrinks_to_its_floor_in_one_step_below_the_slack()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 1024).WithFree(10);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(800) };
        DomainDecision decision = Of(host.Reports(1, 400).Reports(2, 400).Decide(), 1);
        Assert.That(
            decision.Target,
            Is.EqualTo(KiB.Max(decision.Entitlement!.Value, decision.Demand!.Value.Floor).CeilingToPage()));
        Assert.That(decision.Target, Is.LessThan(KiB.FromMiB(600)));
    }

    [Test]
    public void Whole_pool_is_available_for_need()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 4096).With(2, 900, 4096).WithFree(232);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(200) };
        host.Run(20, (1, 4000), (2, 300));
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(1016)), "more than its half");
        Assert.That(host.Free, Is.EqualTo(KiB.FromMiB(32)));
    }

    [Test]
    public void Three_percent_of_the_host_are_kept_free_by_default()
    {
        HostBuilder host = new HostBuilder().With(1, 9900, 16384).WithFree(100);
        host.Settings = host.Settings with { KeepFree = null };
        Assert.That(host.Decide().Host.KeepFree, Is.EqualTo(KiB.FromMiB(300)));
    }
}
