using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Guests;

public sealed class BalloonDriverTests
{
    [Test]
    public void Balloon_moves_exactly_at_its_rate_until_it_reaches_the_target()
    {
        Gen<(long Shrink, long Grow, int MiB, int Tenths)> moves =
            Gen.Select(Gen.Long[10, 500_000], Gen.Long[10, 500_000], Gen.Int[260, 2000], Gen.Int[1, 50]);
        moves.Sample((shrink, grow, mib, tenths) =>
        {
            var balloon = new BalloonDescription { ShrinkPerSecond = new KiB(shrink), GrowPerSecond = new KiB(grow) };
            using var host = new VirtualHost(VirtualHost.Guest() with { Balloon = balloon });
            KiB before = host.Domain().Actual;
            host.Resize(mib);
            host.Run(tenths / 10.0);
            KiB moved = host.Domain().Actual - before;
            KiB gap = KiB.FromMiB(mib) - before;
            double due = Math.Min(Math.Abs(gap.Value), (gap > KiB.Zero ? grow : shrink) * tenths / 10.0);
            Assert.That(Math.Abs(moved.Value), Is.LessThanOrEqualTo(due).And.GreaterThan(due - KiB.PerPage - 1));
            Assert.That(moved.Value * gap.Value, Is.GreaterThanOrEqualTo(0));
        }, iter: 300);
    }

    [Test]
    public void Normal_balloon_shrinks_by_0_9_and_grows_by_2_3_GiB_per_second()
    {
        using var host =
            new VirtualHost(VirtualHost.Guest() with { BootMemory = KiB.FromMiB(2048), StaticMax = KiB.FromMiB(6144) });
        host.Resize(300);
        host.Run(1);
        KiB shrunk = host.Domain().Actual;
        host.Run(9);
        KiB low = host.Domain().Actual;
        host.Resize(6000);
        host.Run(1);
        Assert.Multiple(() =>
        {
            Assert.That((KiB.FromMiB(2048) - shrunk).Value / 1024.0, Is.EqualTo(0.9 * 1024).Within(1));
            Assert.That(low, Is.EqualTo(KiB.FromMiB(300)));
            Assert.That((host.Domain().Actual - low).Value / 1024.0, Is.EqualTo(2.3 * 1024).Within(1));
        });
    }

    [Test]
    public void Growth_stops_at_maxmem()
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        host.Order(HostCommandKind.SetMaxMem, 600);
        host.Order(HostCommandKind.SetTarget, 1000);
        host.Run(60);
        Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(600)));
    }

    [Test]
    public void Growth_stops_at_the_static_maximum()
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        host.Resize(3000);
        host.Run(60);
        Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(2048)));
    }

    [Test]
    public void Growth_stops_when_the_host_is_full_and_is_counted_as_refused()
    {
        using var host =
            new VirtualHost(VirtualHost.Hosting(VirtualHost.Guest()) with { HostTotal = KiB.FromMiB(512 + 512 + 100) });
        host.Resize(1000);
        host.Run(1);
        Assert.Multiple(() =>
        {
            Assert.That(host.Host.Observe().Free, Is.EqualTo(KiB.Zero));
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(612)));
            Assert.That(host.Host.Report().Host.RefusedGrowth, Is.Positive);
        });
    }

    [Test]
    public void Driver_gives_up_after_four_failures_until_the_target_changes()
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        host.Order(HostCommandKind.SetMaxMem, 600);
        host.Order(HostCommandKind.SetTarget, 1000);
        host.Run(60);
        host.Order(HostCommandKind.SetMaxMem, 2000);
        host.Run(60);
        KiB givenUp = host.Domain().Actual;
        host.Order(HostCommandKind.SetTarget, 1000);
        host.Run(60);
        KiB sameAgain = host.Domain().Actual;
        host.Order(HostCommandKind.SetTarget, 1001);
        host.Run(1);
        Assert.Multiple(() =>
        {
            Assert.That(givenUp, Is.EqualTo(KiB.FromMiB(600)));
            Assert.That(sameAgain, Is.EqualTo(KiB.FromMiB(600)));
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(1001)));
        });
    }

    [TestCase(1.9, 600)]
    [TestCase(2.2, 1000)]
    public void Driver_retries_two_seconds_after_its_first_failure(double seconds, int expectedMiB)
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        host.Resize(600);
        host.Run(10);
        host.Order(HostCommandKind.SetMaxMem, 600);
        host.Order(HostCommandKind.SetTarget, 1000);
        host.Run(0.1);
        host.Order(HostCommandKind.SetMaxMem, 2000);
        host.Run(seconds);
        Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(expectedMiB)));
    }

    [Test]
    public void Stuck_balloon_does_not_move_until_its_end_time()
    {
        var balloon = BalloonDescription.Stuck with { StuckUntil = TimeSpan.FromSeconds(100) };
        using var host = new VirtualHost(VirtualHost.Guest() with { Balloon = balloon });
        host.Resize(400);
        host.Run(99);
        KiB stuck = host.Domain().Actual;
        host.Run(2);
        Assert.Multiple(() =>
        {
            Assert.That(stuck, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(400)));
        });
    }

    [Test]
    public void Balloon_does_not_shrink_below_its_floor()
    {
        using var host = new VirtualHost(
            VirtualHost.Guest() with { Balloon = new BalloonDescription { HiddenFloor = KiB.FromMiB(450) } });
        host.Resize(300);
        host.Run(60);
        Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(450)));
    }

    [Test]
    public void Balloon_does_not_grow_above_its_ceiling_and_does_not_fail_there()
    {
        using var host = new VirtualHost(
            VirtualHost.Guest() with { Balloon = new BalloonDescription { Ceiling = KiB.FromMiB(700) } });
        host.Resize(1000);
        host.Run(60);
        KiB held = host.Domain().Actual;
        host.Resize(400);
        host.Run(1);
        Assert.Multiple(() =>
        {
            Assert.That(held, Is.EqualTo(KiB.FromMiB(700)));
            Assert.That(host.Host.Report().Host.RefusedGrowth, Is.Zero);
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(400)));
        });
    }

    [TestCase(0, false)]
    [TestCase(4, false)]
    [TestCase(5, true)]
    [TestCase(19, true)]
    [TestCase(20, false)]
    [TestCase(24, false)]
    [TestCase(25, true)]
    public void Stuttering_balloon_is_stuck_at_the_beginning_of_each_period(int second, bool moves)
    {
        var balloon =
            new BalloonDescription { StuckEvery = TimeSpan.FromSeconds(20), StuckFor = TimeSpan.FromSeconds(5) };
        using var host = new VirtualHost(VirtualHost.Guest() with { Balloon = balloon });
        host.Run(second);
        host.Resize(400);
        host.Run(0.5);
        Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(moves ? 400 : 512)));
    }

    [Test]
    public void HVM_guest_rests_at_its_offset_above_the_target()
    {
        using var host = new VirtualHost(VirtualHost.Guest() with { Kind = DomainKind.Hvm, Offset = new KiB(384) });
        KiB atStart = host.Domain().Actual - host.Domain().Target!.Value;
        host.Resize(700);
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(atStart, Is.EqualTo(new KiB(384)));
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(700) + new KiB(384)));
        });
    }
}
