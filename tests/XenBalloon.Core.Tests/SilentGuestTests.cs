using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>What becomes of guests that say nothing, or nothing any more.</summary>
public sealed class SilentGuestTests
{
    [Test]
    public void A_silent_guest_keeps_what_it_has()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(40);
        host.Run(30, (2, 250));
        Assert.That(host[1].Actual, Is.EqualTo(KiB.FromMiB(900)));
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Silent));
    }

    [Test]
    public void A_guest_that_falls_silent_gets_back_to_its_boot_memory()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(40);
        host.Run(120, (1, 100), (2, 800));
        Assert.That(host[1].Actual, Is.LessThan(KiB.FromMiB(600)), "lent out");
        host.Run(600, (2, 100));
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(890)), "given back, to within the dead band");
    }

    [Test]
    public void A_boot_memory_that_was_written_down_holds_against_what_is_seen_first()
    {
        HostBuilder host = new HostBuilder().With(1, 300, 1024).WithFree(1000);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(600) };
        host.Run(200);
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(600)));
    }

    [Test]
    public void A_guest_that_spoke_every_second_is_missed_within_a_minute([Values(1, 40)] int secondsBetween)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(40);
        for (int i = 0; i < 10; i++) host.Passes(secondsBetween).Reports(1, 300).Act();
        Assert.That(Verdict(host, 59), Is.EqualTo(ReportVerdict.Fresh));
        Assert.That(Verdict(host, 2), Is.EqualTo(secondsBetween == 1 ? ReportVerdict.Stale : ReportVerdict.Fresh), "three times what is usual");
        Assert.That(Verdict(host, 60), Is.EqualTo(ReportVerdict.Stale));
    }

    [Test]
    public void An_agent_that_has_nothing_to_say_is_not_missed_before_its_heartbeat_has_failed_twice()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(40);
        for (int i = 0; i < 10; i++) host.Passes(1).Reports(1, 300, new GuestVitals()).Act();
        Assert.That(Verdict(host, 149), Is.EqualTo(ReportVerdict.Fresh));
        Assert.That(Verdict(host, 2), Is.EqualTo(ReportVerdict.Stale));
    }

    private static ReportVerdict Verdict(HostBuilder host, int secondsLater) => Of(host.Passes(secondsLater).Decide(), 1).Demand!.Value.Verdict;

    [Test]
    public void Guests_that_were_not_heard_yet_move_nothing_after_a_start()
    {
        HostBuilder host = new HostBuilder().With(1, 300, 1024).With(2, 800, 1024).WithFree(500);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(600) };
        host.Run(60, (2, 700));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(300)));
        host.Run(150, (2, 700));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(600)));
    }
}
