using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

/// <summary>A guest that rests far above its target, as in a PV shim, beside one that needs its idle memory.</summary>
public sealed class LargeOffsetTests
{
    [Test]
    public void Neighbour_gets_the_memory_of_an_idle_guest_whatever_the_offset(
        [Values(68, 300, 700, 1400, 2048)] int offset,
        [Values(ReportSource.Agent, ReportSource.XenServer, ReportSource.Qubes)] ReportSource source,
        [Values] bool hasSwap)
    {
        GuestDescription shim = VirtualHost.Guest("shim") with
        {
            BootMemory = KiB.FromMiB(2048),
            Offset = KiB.FromMiB(offset),
            Anonymous = new ConstantLoad(KiB.FromMiB(200)),
            Reporting = new ReportingDescription
            {
                Source = source,
                Interval = TimeSpan.FromSeconds(1),
                Delay = TimeSpan.FromMilliseconds(100),
            },
            Swap = new SwapDescription { Size = KiB.FromMiB(1024) },
        };
        GuestDescription busy = shim with
        {
            Name = "busy",
            BootMemory = KiB.FromMiB(512),
            StaticMax = KiB.FromMiB(3072),
            Offset = KiB.Zero,
            Anonymous = new RampLoad([At(60, 300), At(120, 2400)]),
            Swap = new SwapDescription { Size = KiB.FromMiB(hasSwap ? 1024 : 0) },
        };
        using var host = new VirtualHost(new Scenario
        {
            Name = "shim",
            HostTotal = KiB.FromMiB(offset > 300 ? 4096 + offset : 4096),
            Dom0Memory = KiB.FromMiB(512),
            Guests = [shim, busy],
        });
        BalancedHost.Balance(host, TimeSpan.FromMinutes(4));
        Assert.Multiple(() =>
        {
            Assert.That(host.Host.Report().Guests.Sum(guest => guest.OomKills + guest.Panics), Is.Zero);
            Assert.That(host.Domain("busy").Actual, Is.GreaterThan(KiB.FromMiB(2500)));
        });
    }

    private static LoadPoint At(double seconds, int mib) => new(TimeSpan.FromSeconds(seconds), KiB.FromMiB(mib));
}
