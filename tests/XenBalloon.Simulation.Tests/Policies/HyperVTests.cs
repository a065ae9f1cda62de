using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class HyperVTests
{
    [TestCase(1000, 1200)]
    [TestCase(100, 512)]
    [TestCase(4000, 2048)]
    public void Wanted_size_is_demand_plus_a_fifth_within_the_range(int demand, int wanted) =>
        Assert.That(
            DynamicMemory.Wanted(KiB.FromMiB(demand), KiB.FromMiB(512), KiB.FromMiB(2048)),
            Is.EqualTo(KiB.FromMiB(wanted)));

    [TestCase(64, 40)]
    [TestCase(128, 72)]
    [TestCase(512, 168)]
    [TestCase(2048, 360)]
    [TestCase(8192, 744)]
    [TestCase(32768, 1512)]
    public void Driver_keeps_a_floor_available(int total, int floor) =>
        Assert.That(DynamicMemory.Floor(KiB.FromMiB(total)), Is.EqualTo(KiB.FromMiB(floor)));

    [TestCase(2000, 4096 - (1000 - 488), Description = "only what is available beyond the floor of 488 MiB")]
    [TestCase(4000, 4000)]
    public void Guest_does_not_shrink_below_the_floor(int requested, int expected) => Assert.That(
        DynamicMemory.Reduced(KiB.FromMiB(requested), KiB.FromMiB(4096), KiB.FromMiB(1000), KiB.FromMiB(4096)),
        Is.EqualTo(KiB.FromMiB(expected)));

    [Test]
    public void Short_memory_is_divided_by_weight()
    {
        KiB[] shares = DynamicMemory.Share(
            [(5000, KiB.FromMiB(100), KiB.FromMiB(1000)), (10_000, KiB.FromMiB(100), KiB.FromMiB(1000))],
            KiB.FromMiB(900));
        Assert.That(shares, Is.EqualTo(new[] { KiB.FromMiB(300), KiB.FromMiB(600) }));
    }

    [Test]
    public void Free_memory_meets_a_need_before_unneeded_memory_is_collected()
    {
        GuestDescription needy = PeerRun.Guest("needy") with { Anonymous = PeerRun.Rising(128, 900, 30) };
        GuestDescription idle =
            PeerRun.Guest("idle") with { BootMemory = KiB.FromMiB(1300), Minimum = KiB.FromMiB(256) };
        using var run = new PeerRun(PeerRun.Crowded(needy, idle), "hyper-v");
        run.Run(28);
        double before = run.ActualMiB("idle");
        run.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.EqualTo(1300));
            Assert.That(run.ActualMiB("idle"), Is.LessThan(1100));
            Assert.That(run.ActualMiB("needy"), Is.GreaterThan(1000));
            Assert.That(run.Report.Host.Violations, Is.Zero);
        });
    }

    [Test]
    public void Unneeded_memory_is_collected_after_five_minutes()
    {
        using var run = new PeerRun(
            PeerRun.Crowded(PeerRun.Guest("idle") with { BootMemory = KiB.FromMiB(1000), Minimum = KiB.FromMiB(256) }),
            "hyper-v");
        run.Run(299);
        double before = run.ActualMiB("idle");
        run.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.EqualTo(1000));
            Assert.That(run.ActualMiB("idle"), Is.LessThan(900));
        });
    }

    [Test]
    public void Start_gets_its_memory()
    {
        GuestDescription idle = PeerRun.Guest("idle") with { BootMemory = KiB.FromMiB(1800) };
        using var run = new PeerRun(PeerRun.Crowded(idle), "hyper-v");
        run.Waiting = [PeerRun.Start("second", 600)];
        run.Run(10);
        Assert.That(run.Now.Free, Is.GreaterThanOrEqualTo(KiB.FromMiB(600)));
    }
}
