using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Peers.Qmemman;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Peers;

public sealed class QmemmanPolicyTests
{
    [Test]
    public void Memory_goes_to_who_uses_it()
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
    public void A_start_gets_its_memory_and_nothing_else_is_balanced_until_the_domain_is_up()
    {
        using var run = new PeerRun(PeerRun.Crowded(PeerRun.Guest("one"), PeerRun.Guest("other")), "qmemman");
        run.Run(20);
        Assert.That(run.Now.Free, Is.LessThan(KiB.FromMiB(150)), "all is given out");
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
    public void A_domain_that_does_not_give_is_left_out_and_the_others_are_balanced_without_it()
    {
        GuestDescription stuck = PeerRun.Guest("stuck") with { BootMemory = KiB.FromMiB(700), Balloon = BalloonDescription.Stuck };
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
    public void Files_in_tmpfs_count_as_cache_and_so_nothing_is_done_for_them()
    {
        var policy = new QmemmanPolicy(PeerRun.Crowded(PeerRun.Guest("eater"), PeerRun.Guest("idle")));
        Assert.That(WritesFor(policy, shared: 300, anonymous: 100), Is.Zero);
        var seeing = new QmemmanPolicy(PeerRun.Crowded(PeerRun.Guest("eater"), PeerRun.Guest("idle")));
        Assert.That(WritesFor(seeing, shared: 0, anonymous: 400), Is.Positive, "the same amount in programs is seen");
    }

    /// <summary>Targets written for a guest of 480 MiB that had 100 in use, when it has 300 more of some kind.</summary>
    private static int WritesFor(QmemmanPolicy policy, int shared, int anonymous)
    {
        HostSnapshot before = Host(TimeSpan.Zero, 0, 100), after = Host(TimeSpan.FromSeconds(1), shared, anonymous);
        policy.Decide(before, []);
        int written = 0;
        for (int tick = 0; tick < 20; tick++)
        {
            TimeSpan now = TimeSpan.FromSeconds(1 + (tick / 10.0));
            written += policy.Decide(after with { At = now }, []).Commands.Count(command => command.Kind == HostCommandKind.SetTarget);
        }

        return written;
    }

    private static HostSnapshot Host(TimeSpan at, int shared, int anonymous) => new()
    {
        At = at,
        Total = KiB.FromMiB(2304),
        Free = KiB.FromMiB(60),
        Domains = [PeerDomains.Domain(1, "eater", 480, 480, shared, anonymous, at), PeerDomains.Domain(2, "idle", 480, 480, 0, 100, at)],
    };
}
