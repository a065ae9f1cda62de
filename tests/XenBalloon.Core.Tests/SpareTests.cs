using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>What becomes of memory that nobody needs.</summary>
public sealed class SpareTests
{
    [Test]
    public void What_nobody_needs_is_collected_little_by_little_from_a_guest_whose_kernel_tells_when_it_waits()
    {
        HostBuilder host = Host(SpareUse.Keep);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(300) };
        Run(host, new GuestVitals { MemorySome = 0, SwapTotal = KiB.FromMiB(512) });
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(400)));
    }

    [Test]
    public void What_nobody_needs_is_not_collected_below_what_the_guest_booted_with()
    {
        HostBuilder host = Host(SpareUse.Keep);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(700) };
        Run(host, new GuestVitals { MemorySome = 0, SwapTotal = KiB.FromMiB(512) });
        Assert.That(host[1].Target, Is.InRange(KiB.FromMiB(700), KiB.FromMiB(710)));
    }

    [Test]
    public void A_guest_without_swap_keeps_what_it_booted_with_until_somebody_needs_it()
    {
        HostBuilder host = Host(SpareUse.Keep);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(700) };
        Run(host, new GuestVitals { MemorySome = 0, SwapTotal = KiB.Zero });
        Assert.That(host[1].Target, Is.InRange(KiB.FromMiB(700), KiB.FromMiB(710)));
    }

    [Test]
    public void A_guest_that_does_not_say_whether_it_has_swap_is_taken_for_one_without()
    {
        HostBuilder host = Host(SpareUse.Keep);
        Run(host, new GuestVitals { MemorySome = 0 });
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void A_guest_whose_kernel_tells_nothing_keeps_what_it_has_until_somebody_needs_it()
    {
        HostBuilder host = Host(SpareUse.Keep);
        Run(host, null);
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void A_guest_that_begins_to_wait_is_left_the_cache_that_it_has()
    {
        HostBuilder host = Host(SpareUse.Keep);
        Run(host, new GuestVitals { MemorySome = 0.004 });
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void Without_a_pace_everything_is_left_until_somebody_needs_it()
    {
        HostBuilder host = Host(SpareUse.Keep);
        host.Settings = host.Settings with { Pace = 0 };
        Run(host, new GuestVitals { MemorySome = 0 });
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void What_nobody_needs_is_lent_out_where_the_operator_wants_that()
    {
        HostBuilder host = Host(SpareUse.Lend);
        Run(host, null);
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(1000)));
    }

    private static HostBuilder Host(SpareUse spare)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 2048).WithFree(500);
        host.Settings = host.Settings with { Spare = spare };
        return host;
    }

    private static void Run(HostBuilder host, GuestVitals? vitals)
    {
        for (int i = 0; i < 300; i++) host.Passes(1).Reports(1, 200, vitals).Act();
    }
}
