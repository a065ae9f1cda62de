using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Demand;

/// <summary>What a guest's reports come to.</summary>
public sealed class DemandTests
{
    [TestCase(256, 100, 140 + 16)]
    [TestCase(4096, 2000, 2040 + 102)]
    public void The_floor_is_what_is_used_and_a_twentieth_and_at_least_16_MiB(long mib, long used, long floor)
    {
        HostBuilder host = new HostBuilder().With(1, mib, 8192).WithFree(1000);
        host.Decide();
        host.Passes(1).Reports(1, used);
        Assert.That(Demanded(host).Floor, Is.EqualTo(KiB.FromMiB(floor)));
    }

    [TestCase(256, 15, true)]
    [TestCase(256, 16, false)]
    [TestCase(4096, 122, true)]
    [TestCase(4096, 123, false)]
    public void A_guest_is_starved_with_less_than_three_hundredths_available_or_16_MiB(long mib, long available, bool starved)
    {
        HostBuilder host = new HostBuilder().With(1, mib, 8192).WithFree(1000).Reports(1, mib - 40 - available);
        Assert.That(Demanded(host).Starved, Is.EqualTo(starved));
    }

    [TestCase(900, true)]
    [TestCase(500, false)]
    public void A_guest_that_says_only_what_it_uses_is_starved_where_that_is_nearly_all_that_it_holds(long used, bool starved)
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 2048).WithFree(1000);
        host[1] = host[1] with { Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(used), null, host.Now) };
        Assert.That(Demanded(host).Starved, Is.EqualTo(starved));
    }

    [Test]
    public void What_is_in_swap_is_not_asked_for_by_a_starved_guest_that_does_not_wait()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 4096).WithFree(3000);
        host.Reports(1, 980, new GuestVitals { MemorySome = 0, SwapUsed = KiB.FromMiB(900) });
        Assert.That(Demanded(host).Need, Is.EqualTo(KiB.FromMiB(1024 + 128)));
    }

    [Test]
    public void A_guest_that_was_heard_once_is_stale_and_not_starved_when_it_falls_silent()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).WithFree(1000);
        Assert.That(Demanded(host).Verdict, Is.EqualTo(ReportVerdict.Silent));
        host.Reports(1, 470).Decide();
        DomainDemand demand = Demanded(host.Passes(151));
        Assert.That((demand.Verdict, demand.Starved), Is.EqualTo((ReportVerdict.Stale, false)));
    }

    [Test]
    public void The_kernels_part_is_measured_again_with_each_report_at_rest()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 2048).WithFree(1000);
        host.Decide();
        host.Passes(1).Reports(1, 200).Decide();
        Assert.That(Demanded(host).Hot, Is.EqualTo(KiB.FromMiB(240)));
        host.Passes(1);
        host[1] = host[1] with { Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(200), KiB.FromMiB(1024 - 60), host.Now) };
        Assert.That(Demanded(host).Hot, Is.EqualTo(KiB.FromMiB(260)));
    }

    [Test]
    public void Growth_is_by_the_second_however_far_apart_the_reports_are()
    {
        DomainDemand demand = Grown(every: 4, 300, 500, 700);
        Assert.That(demand.Want - demand.Hot, Is.EqualTo(KiB.FromMiB(50 * (4 + 1))), "for a report and a step");
    }

    [Test]
    public void Reports_that_come_rarely_say_nothing_of_growth()
    {
        DomainDemand demand = Grown(every: 11, 300, 500, 700);
        Assert.That(demand.Want - demand.Hot, Is.EqualTo(demand.Hot.Times(0.2)));
    }

    [Test]
    public void A_growth_that_is_over_is_forgotten_in_seconds()
    {
        DomainDemand soon = Grown(every: 1, [400, 600, 800, .. Enumerable.Repeat(800L, 2)]);
        Assert.That((soon.Want - soon.Hot).Value / 1024.0, Is.EqualTo(400 * Math.Exp(-0.2)).Within(1));
        DomainDemand later = Grown(every: 1, [400, 600, 800, .. Enumerable.Repeat(800L, 30)]);
        Assert.That(later.Want - later.Hot, Is.EqualTo(later.Hot.Times(0.2)));
    }

    private static DomainDemand Grown(double every, params long[] used)
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        host.Decide();
        foreach (long mib in used) host.Passes(every).Reports(1, mib).Decide();
        return Demanded(host);
    }

    private static DomainDemand Demanded(HostBuilder host) => Of(host.Decide(), 1).Demand!.Value;
}
