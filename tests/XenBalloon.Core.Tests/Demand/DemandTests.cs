using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Demand;

/// <summary>The demand that a guest's reports show.</summary>
public sealed class DemandTests
{
    private static readonly GuestVitals Calm = new() { MemorySome = 0 };

    [TestCase(256, 100, 140 + 8)]
    [TestCase(4096, 2000, 2040 + 102)]
    public void Floor_is_memory_in_use_plus_a_twentieth_or_at_least_8_MiB(long mib, long used, long floor) =>
        Assert.That(Floor(mib, used, Calm), Is.EqualTo(KiB.FromMiB(floor)));

    [TestCase(256, 100, 140 + 16)]
    [TestCase(4096, 2000, 2040 + 204)]
    public void Floor_without_stall_reports_is_memory_in_use_plus_a_tenth(
        long mib, long used, long floor) => Assert.That(Floor(mib, used, null), Is.EqualTo(KiB.FromMiB(floor)));

    [TestCase(256, 7, true)]
    [TestCase(256, 8, false)]
    [TestCase(4096, 122, true)]
    [TestCase(4096, 123, false)]
    public void Guest_is_short_of_memory_below_three_percent_available_or_8_MiB(
        long mib, long available, bool isShort) => Assert.That(IsShort(mib, available, Calm), Is.EqualTo(isShort));

    [TestCase(100, 15, true)]
    [TestCase(100, 16, false)]
    [TestCase(4096, 327, true)]
    [TestCase(4096, 328, false)]
    public void Guest_without_stall_reports_is_short_of_memory_below_eight_percent_available(
        long mib, long available, bool isShort) => Assert.That(IsShort(mib, available, null), Is.EqualTo(isShort));

    [TestCase(900, true)]
    [TestCase(500, false)]
    public void Guest_that_reports_only_its_use_is_short_of_memory_if_it_uses_nearly_all_it_holds(
        long used, bool isShort)
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 2048).WithFree(1000);
        host[1] = host[1] with { Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(used), null, host.Now) };
        Assert.That(Demanded(host).IsShortOfMemory, Is.EqualTo(isShort));
    }

    [Test]
    public void Swapped_memory_is_not_part_of_the_need_without_stalls()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 4096).WithFree(3000);
        host.Reports(1, 980, new GuestVitals { MemorySome = 0, SwapUsed = KiB.FromMiB(900) });
        Assert.That(Demanded(host).Need, Is.EqualTo(KiB.FromMiB(1024) + KiB.FromMiB(1024).Times(0.1)));
    }

    [Test]
    public void Guest_that_falls_silent_is_stale_and_not_short_of_memory()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).WithFree(1000);
        Assert.That(Demanded(host).Verdict, Is.EqualTo(ReportVerdict.Silent));
        host.Reports(1, 470).Decide();
        DomainDemand demand = Demanded(host.Passes(151));
        Assert.That((demand.Verdict, demand.IsShortOfMemory), Is.EqualTo((ReportVerdict.Stale, false)));
    }

    [Test]
    public void Kernel_overhead_is_measured_with_each_report_at_rest()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 2048).WithFree(1000);
        host.Decide();
        host.Passes(1).Reports(1, 200).Decide();
        Assert.That(Demanded(host).InUse, Is.EqualTo(KiB.FromMiB(240)));
        host.Passes(1);
        host[1] = host[1] with
        {
            Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(200), KiB.FromMiB(1024 - 60), host.Now),
        };
        Assert.That(Demanded(host).InUse, Is.EqualTo(KiB.FromMiB(260)));
    }

    [Test]
    public void Growth_rate_does_not_depend_on_the_report_interval()
    {
        DomainDemand demand = Grown(every: 4, 300, 400, 500);
        Assert.That(
            demand.Want - demand.Floor, Is.EqualTo(KiB.FromMiB(25 * (4 + 3))), "until the next report and for 3 s");
    }

    [Test]
    public void Growth_rate_is_the_same_with_four_reports_per_second()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        for (int i = 0; i < 12; i++) host.Passes(0.25).Reports(1, 800 + (25 * i)).Decide();
        DomainDemand demand = Demanded(host);
        Assert.That(demand.Forecast - demand.Floor, Is.EqualTo(KiB.FromMiB(100 * (1 + 3))));
    }

    [Test]
    public void Burst_within_a_moment_counts_as_growth_within_a_second()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        host.Passes(1).Reports(1, 400).Decide();
        host.Passes(1).Reports(1, 400).Decide();
        DomainDemand demand = Demanded(host.Passes(0.25).Reports(1, 440));
        Assert.That(demand.Forecast - demand.Floor, Is.EqualTo(KiB.FromMiB(40 * (1 + 3))));
    }

    [TestCase(9, 0)]
    [TestCase(10, 260)]
    public void Growth_in_one_rare_report_counts_at_once(int every, long growth)
    {
        DomainDemand demand = Grown(every, 500, 500, 700);
        KiB most = KiB.Max(demand.Floor + KiB.FromMiB(growth), demand.InUse.Times(1.2));
        Assert.That(demand.Want, Is.EqualTo(most), "20 MiB a second, until the next report and for 3 s");
    }

    [TestCase(180, true)]
    [TestCase(181, false)]
    public void Reports_more_than_three_minutes_apart_show_no_growth(int every, bool grows)
    {
        DomainDemand demand = Grown(every, 300, 500, 700);
        Assert.That(demand.Want, grows ? Is.GreaterThan(demand.InUse.Times(1.2)) : Is.EqualTo(demand.InUse.Times(1.2)));
        Assert.That(demand.Need, Is.EqualTo(demand.Floor));
    }

    [Test]
    public void Jump_raises_the_forecast_only()
    {
        DomainDemand demand = Grown(every: 1, 300, 300, 340), doubled = Grown(every: 1, 300, 300, 600);
        Assert.That(
            demand.Forecast - demand.Floor, Is.EqualTo(KiB.FromMiB(40 * (1 + 3))), "until the next report and for 3 s");
        Assert.That(doubled.Forecast - doubled.Floor, Is.EqualTo(doubled.InUse), "no more than it has");
        Assert.That(demand.Want, Is.EqualTo(demand.InUse.Times(1.2)));
        Assert.That(demand.Need, Is.EqualTo(demand.Floor));
    }

    [TestCase(5, 250)]
    [TestCase(6, 0)]
    public void Half_of_what_became_free_within_five_seconds_is_not_taken_yet(int every, long left)
    {
        DomainDemand demand = Grown(every, 800, 300);
        Assert.That(demand.InUse, Is.EqualTo(KiB.FromMiB(340)), "the newest report");
        Assert.That(demand.NotYetTaken, Is.EqualTo(KiB.FromMiB(left)));
    }

    [Test]
    public void Freed_memory_of_a_guest_that_reports_stalls_may_be_taken()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        foreach (int used in (int[])[800, 300]) host.Passes(1).Reports(1, used, Calm).Decide();
        Assert.That(Demanded(host).NotYetTaken, Is.EqualTo(KiB.Zero));
    }

    [Test]
    public void Only_the_newest_report_shows_memory_in_use() =>
        Assert.That(Grown(1, 800, 300, 300).InUse, Is.EqualTo(KiB.FromMiB(340)));

    [Test]
    public void Growth_that_ended_is_forgotten_in_seconds()
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
    public void Memory_in_advance_grows_with_the_silence_of_a_guest_that_reports_rarely(int every, double times)
    {
        DomainDemand demand = Grown(every, 200, 200);
        Assert.That(demand.Forecast, Is.EqualTo(demand.InUse.Times(times)));
        Assert.That(demand.Kept, Is.EqualTo(KiB.Max(demand.Forecast, demand.InUse.Times(1.2))));
    }

    [Test]
    public void Memory_in_advance_beyond_boot_memory_is_kept_but_not_forecast()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(512) };
        for (int i = 0; i < 3; i++) host.Passes(60).Reports(1, 200).Decide();
        DomainDemand demand = Demanded(host);
        Assert.That((demand.Forecast, demand.Kept), Is.EqualTo((KiB.FromMiB(512), demand.InUse.Times(4))));
    }

    [Test]
    public void Forecast_of_a_guest_that_reports_rarely_includes_its_recent_peak()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(512) };
        foreach (int used in (int[])[100, 760, 100]) host.Passes(60).Reports(1, used).Decide();
        Assert.That(Demanded(host).Forecast, Is.EqualTo(KiB.FromMiB(800).Times(1.1)));
    }

    [Test]
    public void Size_that_ended_a_shortage_counts_as_recent_use()
    {
        HostBuilder host = new HostBuilder().With(1, 400, 4096).WithFree(3000);
        foreach (int used in (int[])[100, 350, 100]) host.Passes(60).Reports(1, used).Act();
        Assert.That(
            Demanded(host).Forecast, Is.GreaterThan(KiB.FromMiB(500)).And.LessThanOrEqualTo(host[1].Target!.Value));
    }

    [Test]
    public void Guest_that_reported_often_and_pauses_does_not_report_rarely()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        host.Run(3, (1, 200));
        DomainDemand soon = Demanded(host.Passes(9)), later = Demanded(host.Passes(11));
        Assert.That(later, Is.EqualTo(soon));
    }

    [Test]
    public void First_report_gives_memory_in_advance_to_keep_but_no_forecast()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        DomainDemand demand = Demanded(host.Passes(1).Reports(1, 200).Passes(20));
        Assert.That((demand.Forecast, demand.Kept), Is.EqualTo((demand.Floor, demand.InUse.Times(2.2))));
    }

    [Test]
    public void Our_agent_reports_changes_and_needs_no_memory_in_advance()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 4096).WithFree(3000);
        for (int i = 0; i < 3; i++) host.Passes(40).Reports(1, 200, Calm).Decide();
        DomainDemand demand = Demanded(host.Passes(40));
        Assert.That(demand.Forecast, Is.EqualTo(demand.Need));
    }

    [TestCase(899, true)]
    [TestCase(1801, false)]
    public void Recent_peak_is_kept_for_fifteen_minutes_and_forgotten_after_thirty(int seconds, bool kept)
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

    private static bool IsShort(long mib, long available, GuestVitals? vitals) =>
        Demanded(new HostBuilder().With(1, mib, 8192).WithFree(1000).Reports(1, mib - 40 - available, vitals))
            .IsShortOfMemory;

    private static DomainDemand Demanded(HostBuilder host) => Of(host.Decide(), 1).Demand!.Value;
}

/// <summary>Guests whose kernels report stalls on memory.</summary>
public sealed class StalledGuestTests
{
    [Test]
    public void Stalled_guest_needs_more_although_it_has_memory_available()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(1000);
        Plan plan = host.Reports(1, 200, new GuestVitals { MemorySome = 0.2 }).Decide();
        Assert.That(Of(plan, 1).Demand!.Value.IsShortOfMemory, Is.True);
        Assert.That(Of(plan, 1).Target, Is.GreaterThan(KiB.FromMiB(560)));
    }

    [Test]
    public void Stall_is_measured_between_two_reports()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(1000);
        host.Reports(1, 200, new GuestVitals { MemorySome = 0, MemorySomeTotal = TimeSpan.FromSeconds(10) }).Decide();
        Plan plan = host.Passes(2)
            .Reports(1, 200, new GuestVitals { MemorySome = 0, MemorySomeTotal = TimeSpan.FromSeconds(10.5) }).Decide();
        Assert.That(Of(plan, 1).Demand!.Value.StallFraction, Is.EqualTo(0.25).Within(1e-9));
    }

    [Test]
    public void Swap_ins_count_as_stall()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(1000);
        host.Reports(1, 200, new GuestVitals { SwapIns = 1000, SwapUsed = KiB.FromMiB(300) }).Decide();
        Plan plan = host.Passes(1).Reports(1, 200, new GuestVitals { SwapIns = 3000, SwapUsed = KiB.FromMiB(300) })
            .Decide();
        Assert.That(Of(plan, 1).Demand!.Value.StallFraction, Is.EqualTo(0.2).Within(1e-9));
        Assert.That(
            Of(plan, 1).Demand!.Value.Want, Is.EqualTo(KiB.FromMiB(812)), "swapped memory is requested at once");
    }

    [TestCase(258, false)]
    [TestCase(265, true)]
    public void Guest_that_swaps_in_with_enough_memory_available_needs_no_more(int inSwap, bool asks)
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(1000);
        host.Reports(1, 200, new GuestVitals { SwapIns = 1000, SwapUsed = KiB.FromMiB(inSwap) }).Decide();
        host.Passes(1).Reports(1, 200, new GuestVitals { SwapIns = 3000, SwapUsed = KiB.FromMiB(inSwap) });
        DomainDemand demand = Of(host.Decide(), 1).Demand!.Value;
        Assert.That(
            (demand.IsStalled, demand.IsShortOfMemory),
            Is.EqualTo((true, asks)),
            "272 MiB are available, 12 are a margin");
    }

    [Test]
    public void Idle_swapped_memory_is_not_part_of_the_need()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(40);
        for (int i = 0; i < 5; i++)
        {
            host.Passes(1).Reports(1, 200, new GuestVitals { SwapIns = 1000, SwapUsed = KiB.FromMiB(300) }).Decide();
        }

        Assert.That(Of(host.Decide(), 1).Demand!.Value.Want, Is.LessThan(KiB.FromMiB(350)));
    }

    [Test]
    public void Guest_that_stalled_recently_keeps_its_memory_for_a_while()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(400) };
        host.Reports(1, 100, new GuestVitals { MemorySome = 0.5 }).Reports(2, 100).Decide();
        Assert.That(Later(host, 29, neighbourUses: 100), Is.EqualTo(ReasonKind.Recovering));
        Assert.That(Later(host, 1, neighbourUses: 100), Is.EqualTo(ReasonKind.Shrinking));
    }

    [Test]
    public void Cool_down_after_a_stall_is_short_while_another_domain_lacks_memory()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Reports(1, 100, new GuestVitals { MemorySome = 0.5 }).Reports(2, 216).Decide();
        Assert.That(Later(host, 3, neighbourUses: 216), Is.EqualTo(ReasonKind.Recovering));
        Assert.That(Later(host, 1, neighbourUses: 216), Is.EqualTo(ReasonKind.Shrinking));
    }

    private static ReasonKind Later(HostBuilder host, int seconds, long neighbourUses)
    {
        host.Passes(seconds).Reports(1, 100, new GuestVitals { MemorySome = 0 }).Reports(2, neighbourUses);
        return Of(host.Decide(), 1).Reason.Kind;
    }

    [Test]
    public void Size_that_ended_a_shortage_is_not_taken_back_at_once()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).With(2, 512, 1024).WithFree(400);
        host.Reports(1, 200, new GuestVitals { MemorySome = 0.2 }).Reports(2, 100).Act();
        host.Passes(2).Reports(1, 200, new GuestVitals { MemorySome = 0 }).Reports(2, 100);
        Assert.That(Of(host.Decide(), 1).Demand!.Value.Kept, Is.GreaterThan(KiB.FromMiB(550)));
        for (int i = 0; i < 1800; i++)
        {
            host.Passes(1).Reports(1, 200, new GuestVitals { MemorySome = 0 }).Reports(2, 100).Decide();
        }

        Assert.That(
            Of(host.Decide(), 1).Demand!.Value.Kept, Is.LessThan(KiB.FromMiB(320)), "but it is forgotten eventually");
    }

    [Test]
    public void Swap_ins_with_spare_memory_do_not_keep_that_memory()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 2048).WithFree(1000);
        for (int i = 0; i < 5; i++)
        {
            var reading = new GuestVitals
            {
                MemorySome = 0.1,
                SwapTotal = KiB.FromMiB(512),
                SwapUsed = KiB.FromMiB(100 - (10 * i)),
            };
            host.Passes(1).Reports(1, 300 + (10 * i), reading).Decide();
        }

        DomainDemand demand = Of(host.Decide(), 1).Demand!.Value;
        Assert.That((demand.IsStalled, demand.IsShortOfMemory), Is.EqualTo((true, false)));
        Assert.That(demand.Kept, Is.LessThan(KiB.FromMiB(600)));
    }

    [Test]
    public void Growth_in_two_reports_is_expected_to_go_on()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 4096).WithFree(2000);
        foreach (int used in (int[])[300, 350, 400]) host.Passes(1).Reports(1, used).Decide();
        DomainDemand demand = Of(host.Decide(), 1).Demand!.Value;
        Assert.That(
            demand.Want - demand.Floor, Is.EqualTo(KiB.FromMiB(50 * (1 + 3))), "until the next report and for 3 s");
    }

    [Test]
    public void One_jump_is_not_growth()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 4096).WithFree(2000);
        foreach (int used in (int[])[300, 300, 500]) host.Passes(1).Reports(1, used).Decide();
        DomainDemand demand = Of(host.Decide(), 1).Demand!.Value;
        Assert.That(demand.Want - demand.InUse, Is.EqualTo(demand.InUse.Times(0.2)));
    }
}
