using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Peers;

public sealed class SqueezedPolicyTests
{
    private static GuestDescription Ranged(string name, int min, int max) =>
        PeerRun.Guest(name) with { Minimum = KiB.FromMiB(min), Maximum = KiB.FromMiB(max) };

    [Test]
    public void Everybody_gets_the_same_part_of_his_range_whatever_he_needs()
    {
        GuestDescription busy = Ranged("busy", 256, 1280) with { Anonymous = new ConstantLoad(KiB.FromMiB(450)) };
        using var run = new PeerRun(PeerRun.Crowded(busy, Ranged("idle", 256, 1792)), "squeezed");
        run.Run(40);
        double ofBusy = (run.TargetMiB("busy") - 256) / 1024, ofIdle = (run.TargetMiB("idle") - 256) / 1536;
        Assert.Multiple(() =>
        {
            Assert.That(ofBusy, Is.EqualTo(ofIdle).Within(0.001));
            Assert.That(run.Now.Free.MiB(), Is.EqualTo(72).Within(1));
            Assert.That(run.Report.Host.Violations, Is.Zero);
        });
    }

    [Test]
    public void A_stuck_domain_makes_the_others_swing_for_ever()
    {
        using var run = new PeerRun(
            new Scenario
            {
                Name = "limit cycle",
                HostTotal = KiB.FromMiB(512 + 700 + 1200 + 1200 + 572),
                Guests =
                [
                    Ranged("capped", 512, 2048) with { BootMemory = KiB.FromMiB(700), Balloon = BalloonDescription.Stuck },
                    Ranged("one", 512, 2048) with { BootMemory = KiB.FromMiB(1200) },
                    Ranged("other", 512, 2048) with { BootMemory = KiB.FromMiB(1200) },
                ],
            },
            "squeezed");
        run.Run(600);
        KiB moved = run.Host.Outcome("one").Moved;
        int reversals = run.Host.Outcome("one").Reversals;
        run.Run(600);
        Assert.Multiple(() =>
        {
            Assert.That(run.Host.Outcome("one").Reversals - reversals, Is.GreaterThan(40));
            Assert.That(run.Host.Outcome("one").Moved - moved, Is.GreaterThan(KiB.FromMiB(4000)));
        });
    }

    [Test]
    public void A_start_gets_its_memory_from_all()
    {
        GuestDescription one = Ranged("one", 256, 1024) with { BootMemory = KiB.FromMiB(900) };
        using var run = new PeerRun(PeerRun.Crowded(one, one with { Name = "other" }), "squeezed");
        run.Waiting = [PeerRun.Start("third", 700)];
        run.Run(10);
        KiB free = run.Now.Free;
        run.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(free, Is.GreaterThanOrEqualTo(KiB.FromMiB(700)));
            Assert.That(run.Now.Free, Is.GreaterThanOrEqualTo(KiB.FromMiB(700)), "what is reserved is not given out again");
            Assert.That(run.TargetMiB("one"), Is.EqualTo(run.TargetMiB("other")).Within(1));
        });
    }

    [Test]
    public void A_trickler_holds_a_start_up_although_the_other_could_give_it_at_once_and_goes_on_when_nobody_waits_any_more()
    {
        using var run = new PeerRun(
            PeerRun.Crowded(
                Ranged("trickler", 256, 1024) with { BootMemory = KiB.FromMiB(900), Balloon = BalloonDescription.Slow },
                Ranged("quick", 256, 1024) with { BootMemory = KiB.FromMiB(900) }),
            "squeezed");
        run.Waiting = [PeerRun.Start("third", 700)];
        run.Run(60);
        KiB free = run.Now.Free;
        run.Waiting = [];
        run.Run(120);
        Assert.Multiple(() =>
        {
            Assert.That(free, Is.LessThan(KiB.FromMiB(700)), "the other gives its own part and no more");
            Assert.That(run.TargetMiB("quick"), Is.LessThan(700), "nothing is given back while the lock is held");
        });
    }
}
