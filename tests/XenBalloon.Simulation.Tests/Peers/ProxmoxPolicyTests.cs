using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Peers;

public sealed class ProxmoxPolicyTests
{
    [Test]
    public void Guests_grow_a_step_every_ten_seconds_until_80_percent_of_the_host_are_in_use()
    {
        using var run = new PeerRun(PeerRun.Crowded(PeerRun.Guest("one"), PeerRun.Guest("other")), "proxmox");
        run.Run(1);
        Assert.That(run.TargetMiB("one"), Is.EqualTo(612));
        run.Run(10);
        Assert.That(run.TargetMiB("one"), Is.EqualTo(712));
        run.Run(120);
        Assert.That(run.Now.Free.Value / (double)run.Now.Total.Value, Is.EqualTo(0.2).Within(0.005));
    }

    [Test]
    public void On_a_full_host_a_starving_guest_gets_nothing_from_its_idle_neighbours()
    {
        GuestDescription starving = PeerRun.Guest("starving") with { Minimum = KiB.FromMiB(512), Anonymous = PeerRun.Rising(128, 700, 20) };
        GuestDescription idle = PeerRun.Guest("idle", 64) with { BootMemory = KiB.FromMiB(1400), Minimum = KiB.FromMiB(1400) };
        using var run = new PeerRun(PeerRun.Crowded(starving, idle), "proxmox");
        run.Run(300);
        Assert.Multiple(() =>
        {
            Assert.That(run.Host.Outcome("starving").MostActual, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(run.Host.Outcome("starving").Stalled, Is.GreaterThan(TimeSpan.FromSeconds(60)));
            Assert.That(run.Host.Outcome("idle").LeastActual, Is.EqualTo(KiB.FromMiB(1400)));
        });
    }
}
