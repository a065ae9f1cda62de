using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Demand;

/// <summary>What a guest's reports come to.</summary>
public sealed class DemandTests
{
    private static readonly GuestVitals Calm = new() { MemorySome = 0 };

    [TestCase(256, 100, 140 + 8)]
    [TestCase(4096, 2000, 2040 + 102)]
    public void The_floor_is_what_is_used_and_a_twentieth_and_at_least_8_MiB(long mib, long used, long floor) =>
        Assert.That(Floor(mib, used, Calm), Is.EqualTo(KiB.FromMiB(floor)));

    [TestCase(256, 100, 140 + 16)]
    [TestCase(4096, 2000, 2040 + 204)]
    public void The_floor_of_a_guest_that_says_nothing_of_waiting_is_a_tenth_above_what_is_used(
        long mib, long used, long floor) => Assert.That(Floor(mib, used, null), Is.EqualTo(KiB.FromMiB(floor)));

    [TestCase(256, 7, true)]
    [TestCase(256, 8, false)]
    [TestCase(4096, 122, true)]
    [TestCase(4096, 123, false)]
    public void A_guest_is_starved_with_less_than_three_hundredths_available_or_8_MiB(
        long mib, long available, bool starved) => Assert.That(IsStarved(mib, available, Calm), Is.EqualTo(starved));

    [TestCase(100, 15, true)]
    [TestCase(100, 16, false)]
    [TestCase(4096, 327, true)]
    [TestCase(4096, 328, false)]
    public void A_guest_that_says_nothing_of_waiting_is_starved_with_less_than_eight_hundredths_available(
        long mib, long available, bool starved) => Assert.That(IsStarved(mib, available, null), Is.EqualTo(starved));

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
        Assert.That(Demanded(host).Need, Is.EqualTo(KiB.FromMiB(1024) + KiB.FromMiB(1024).Times(0.1)));
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
        Assert.That(Demanded(host).InUse, Is.EqualTo(KiB.FromMiB(240)));
        host.Passes(1);
        host[1] = host[1] with { Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(200), KiB.FromMiB(1024 - 60), host.Now) };
        Assert.That(Demanded(host).InUse, Is.EqualTo(KiB.FromMiB(260)));
    }

    [Test]
    public void Growth_is_by_the_second_however_far_apart_the_reports_are()
    {
        DomainDemand demand = Grown(every: 4, 300, 400, 500);
        Assert.That(demand.Want - demand.Floor, Is.EqualTo(KiB.FromMiB(25 * (4 + 3))), "until the next report and for 3 s");
    }

    [Test]
    public void Growth_told_of_four_times_a_second_is_as_fast_as_told_of_once()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        for (int i = 0; i < 12; i++) host.Passes(0.25).Reports(1, 800 + (25 * i)).Decide();
        DomainDemand demand = Demanded(host);
        Assert.That(demand.Forecast - demand.Floor, Is.EqualTo(KiB.FromMiB(100 * (1 + 3))));
    }

    [Test]
    public void What_is_allocated_within_a_moment_is_no_more_growth_than_within_a_second()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        host.Passes(1).Reports(1, 400).Decide();
        host.Passes(1).Reports(1, 400).Decide();
        DomainDemand demand = Demanded(host.Passes(0.25).Reports(1, 440));
        Assert.That(demand.Forecast - demand.Floor, Is.EqualTo(KiB.FromMiB(40 * (1 + 3))));
    }

    [TestCase(9, 0)]
    [TestCase(10, 260)]
    public void What_seldom_reports_show_once_is_growth(int every, long growth)
    {
        DomainDemand demand = Grown(every, 500, 500, 700);
        KiB most = KiB.Max(demand.Floor + KiB.FromMiB(growth), demand.InUse.Times(1.2));
        Assert.That(demand.Want, Is.EqualTo(most), "20 MiB a second, until the next report and for 3 s");
    }

    [TestCase(180, true)]
    [TestCase(181, false)]
    public void Reports_that_come_more_rarely_than_every_three_minutes_say_nothing_of_growth(int every, bool grows)
    {
        DomainDemand demand = Grown(every, 300, 500, 700);
        Assert.That(demand.Want, grows ? Is.GreaterThan(demand.InUse.Times(1.2)) : Is.EqualTo(demand.InUse.Times(1.2)));
        Assert.That(demand.Need, Is.EqualTo(demand.Floor));
    }

    [Test]
    public void A_jump_is_expected_to_go_on_and_is_no_more_than_what_is_coming()
    {
        DomainDemand demand = Grown(every: 1, 300, 300, 340), doubled = Grown(every: 1, 300, 300, 600);
        Assert.That(demand.Forecast - demand.Floor, Is.EqualTo(KiB.FromMiB(40 * (1 + 3))), "until the next report and for 3 s");
        Assert.That(doubled.Forecast - doubled.Floor, Is.EqualTo(doubled.InUse), "no more than it has");
        Assert.That(demand.Want, Is.EqualTo(demand.InUse.Times(1.2)));
        Assert.That(demand.Need, Is.EqualTo(demand.Floor));
    }

    [TestCase(5, 250)]
    [TestCase(6, 0)]
    public void Of_what_came_free_within_five_seconds_half_is_not_taken_yet(int every, long left)
    {
        DomainDemand demand = Grown(every, 800, 300);
        Assert.That(demand.InUse, Is.EqualTo(KiB.FromMiB(340)), "what the newest report says");
        Assert.That(demand.NotYetTaken, Is.EqualTo(KiB.FromMiB(left)));
    }

    [Test]
    public void What_came_free_in_a_guest_that_tells_of_waiting_may_be_taken()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        foreach (int used in (int[])[800, 300]) host.Passes(1).Reports(1, used, Calm).Decide();
        Assert.That(Demanded(host).NotYetTaken, Is.EqualTo(KiB.Zero));
    }

    [Test]
    public void What_the_report_before_the_last_showed_is_in_use_no_more() =>
        Assert.That(Grown(1, 800, 300, 300).InUse, Is.EqualTo(KiB.FromMiB(340)));

    [Test]
    public void A_growth_that_is_over_is_forgotten_in_seconds()
    {
        DomainDemand soon = Grown(every: 1, [400, 420, 440, .. Enumerable.Repeat(440L, 2)]);
        Assert.That((soon.Want - soon.Floor).Value / 1024.0, Is.EqualTo(20 * 4 * Math.Exp(-0.4)).Within(1));
        DomainDemand later = Grown(every: 1, [400, 600, 800, .. Enumerable.Repeat(800L, 30)]);
        Assert.That(later.Want - later.InUse, Is.EqualTo(later.InUse.Times(0.2)));
    }

    [TestCase(9, 1.1)]
    [TestCase(10, 1.7)]
    [TestCase(40, 3.2)]
    [TestCase(60, 4)]
    public void A_guest_that_reports_seldom_has_room_in_advance_for_as_long_as_nothing_is_heard(int every, double times)
    {
        DomainDemand demand = Grown(every, 200, 200);
        Assert.That(demand.Forecast, Is.EqualTo(demand.InUse.Times(times)));
        Assert.That(demand.Kept, Is.EqualTo(KiB.Max(demand.Forecast, demand.InUse.Times(1.2))));
    }

    [Test]
    public void Room_in_advance_that_is_more_than_it_booted_with_is_kept_only_while_nobody_wants_it()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(512) };
        for (int i = 0; i < 3; i++) host.Passes(60).Reports(1, 200).Decide();
        DomainDemand demand = Demanded(host);
        Assert.That((demand.Forecast, demand.Kept), Is.EqualTo((KiB.FromMiB(512), demand.InUse.Times(4))));
    }

    [Test]
    public void What_a_guest_that_reports_seldom_used_lately_it_may_need_before_it_is_heard_again()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(512) };
        foreach (int used in (int[])[100, 760, 100]) host.Passes(60).Reports(1, used).Decide();
        Assert.That(Demanded(host).Forecast, Is.EqualTo(KiB.FromMiB(800).Times(1.1)));
    }

    [Test]
    public void What_it_was_given_when_it_lacked_memory_counts_as_used_lately()
    {
        HostBuilder host = new HostBuilder().With(1, 400, 4096).WithFree(3000);
        foreach (int used in (int[])[100, 350, 100]) host.Passes(60).Reports(1, used).Act();
        Assert.That(Demanded(host).Forecast, Is.GreaterThan(KiB.FromMiB(500)).And.LessThanOrEqualTo(host[1].Target!.Value));
    }

    [Test]
    public void Who_reported_often_and_is_silent_for_a_while_does_not_report_seldom()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        host.Run(3, (1, 200));
        DomainDemand soon = Demanded(host.Passes(9)), later = Demanded(host.Passes(11));
        Assert.That(later, Is.EqualTo(soon));
    }

    [Test]
    public void Who_has_reported_only_once_keeps_room_that_nobody_wants_and_is_given_none()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        DomainDemand demand = Demanded(host.Passes(1).Reports(1, 200).Passes(20));
        Assert.That((demand.Forecast, demand.Kept), Is.EqualTo((demand.Floor, demand.InUse.Times(2.2))));
    }

    [Test]
    public void Our_agent_speaks_when_something_changes_and_needs_no_room_in_advance()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        for (int i = 0; i < 3; i++) host.Passes(40).Reports(1, 200, Calm).Decide();
        DomainDemand demand = Demanded(host.Passes(40));
        Assert.That(demand.Forecast, Is.EqualTo(demand.Need));
    }

    [TestCase(899, true)]
    [TestCase(1801, false)]
    public void The_recent_peak_is_kept_for_fifteen_minutes_and_forgotten_after_thirty(int seconds, bool kept)
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        host.Decide();
        host.Passes(1).Reports(1, 900, Calm).Decide();
        for (int i = 0; i < seconds; i++) host.Passes(1).Reports(1, 100, Calm).Decide();
        DomainDemand demand = Demanded(host);
        KiB peak = kept ? KiB.FromMiB(940) : KiB.FromMiB(140);
        Assert.That(demand.RecentPeak, Is.EqualTo(peak));
        Assert.That(demand.Kept, kept ? Is.EqualTo(peak + peak.Times(0.05)) : Is.EqualTo(demand.InUse.Times(1.2)));
    }

    private static DomainDemand Grown(double every, params long[] used)
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        host.Decide();
        foreach (long mib in used) host.Passes(every).Reports(1, mib).Decide();
        return Demanded(host);
    }

    private static KiB Floor(long mib, long used, GuestVitals? vitals)
    {
        HostBuilder host = new HostBuilder().With(1, mib, 8192).WithFree(1000);
        host.Decide();
        return Demanded(host.Passes(1).Reports(1, used, vitals)).Floor;
    }

    private static bool IsStarved(long mib, long available, GuestVitals? vitals) =>
        Demanded(new HostBuilder().With(1, mib, 8192).WithFree(1000).Reports(1, mib - 40 - available, vitals)).Starved;

    private static DomainDemand Demanded(HostBuilder host) => Of(host.Decide(), 1).Demand!.Value;
}
