using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Demand;

/// <summary>The fraction of time that a guest stalls on memory, by its kernel.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class StallMeterTests
{
    private readonly StallMeter gauge = new();

    [Test]
    public void Stall_fraction_is_unknown_without_kernel_statistics()
    {
        Assert.That(Read(0, null), Is.Null);
        Assert.That(Read(1, new GuestVitals { Free = KiB.FromMiB(1) }), Is.Null);
    }

    [Test]
    public void Average_of_the_kernel_is_used_without_a_counter()
    {
        Assert.That(Read(0, new GuestVitals { MemorySome = 0.3 }), Is.EqualTo(0.3));
        Assert.That(Read(1, new GuestVitals { MemorySome = 0.1 }), Is.EqualTo(0.1));
    }

    [Test]
    public void First_counter_value_gives_no_fraction() => Assert.That(Read(0, Waited(1000)), Is.Null);

    [Test]
    public void Fraction_is_the_counted_stall_over_the_elapsed_time()
    {
        Read(10, Waited(100));
        Assert.That(Read(14, Waited(101)), Is.EqualTo(0.25).Within(1e-9));
        Assert.That(Read(16, Waited(101)), Is.Zero);
    }

    [Test]
    public void Counter_takes_precedence_over_the_average()
    {
        Read(0, Waited(0) with { MemorySome = 0.9 });
        Assert.That(Read(2, Waited(1) with { MemorySome = 0.9 }), Is.EqualTo(0.5).Within(1e-9));
    }

    [Test]
    public void Each_page_swapped_in_counts_a_tenth_of_a_millisecond()
    {
        Read(0, new GuestVitals { SwapIns = 500 });
        Assert.That(Read(4, new GuestVitals { SwapIns = 8500 }), Is.EqualTo(0.2).Within(1e-9));
    }

    [Test]
    public void Larger_of_stall_and_swap_in_counts()
    {
        Read(0, Waited(0) with { SwapIns = 0 });
        Assert.That(Read(1, Waited(0.5) with { SwapIns = 1000 }), Is.EqualTo(0.5).Within(1e-9));
        Assert.That(Read(2, Waited(0.6) with { SwapIns = 5000 }), Is.EqualTo(0.4).Within(1e-9));
    }

    [Test]
    public void Fraction_is_at_most_one()
    {
        Read(0, new GuestVitals { SwapIns = 0 });
        Assert.That(Read(1, new GuestVitals { SwapIns = 1_000_000 }), Is.EqualTo(1));
    }

    [Test]
    public void Counters_reset_by_a_reboot_do_not_count_as_a_stall()
    {
        Read(0, Waited(500) with { SwapIns = 9000 });
        Assert.That(Read(1, Waited(0) with { SwapIns = 0 }), Is.Zero);
    }

    [Test]
    public void Counters_are_not_compared_across_a_report_without_them()
    {
        Read(0, Waited(0));
        Read(1, null);
        Assert.That(Read(2, Waited(2)), Is.Null);
    }

    private static GuestVitals Waited(double seconds) => new() { MemorySomeTotal = TimeSpan.FromSeconds(seconds) };

    private double? Read(double second, GuestVitals? vitals) =>
        gauge.Read(
            new GuestReport(ReportSource.Agent, KiB.FromMiB(100), KiB.FromMiB(500), TimeSpan.FromSeconds(second))
            {
                Vitals = vitals,
            });
}

/// <summary>The expected growth of a guest.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class GrowthMeterTests
{
    private readonly GrowthMeter meter = new();

    [Test]
    public void One_jump_is_not_expected_to_go_on()
    {
        Reports(0, 100);
        Reports(1, 100);
        Reports(2, 150);
        Assert.That((LastSecond, PerSecond), Is.EqualTo((50.0, 0.0)));
        Reports(3, 200);
        Assert.That((LastSecond, PerSecond), Is.EqualTo((50.0, 50.0)), "the second in a row is");
    }

    [Test]
    public void One_jump_of_a_swapless_guest_is_expected_to_go_on()
    {
        Reports(0, 100, onceCounts: true);
        Reports(1, 150, onceCounts: true);
        Assert.That(PerSecond, Is.EqualTo(50));
    }

    [Test]
    public void Growth_in_a_report_after_a_minute_is_spread_over_the_minute()
    {
        Reports(0, 100);
        Reports(60, 160);
        Assert.That((LastSecond, PerSecond), Is.EqualTo((1.0, 1.0)));
    }

    [Test]
    public void Growth_that_our_agent_reports_after_a_minute_counts_for_the_last_second()
    {
        Reports(0, 100, atOnce: true);
        Reports(60, 130, atOnce: true);
        Assert.That(LastSecond, Is.EqualTo(30));
        Reports(60.25, 160, atOnce: true);
        Assert.That(
            LastSecond,
            Is.EqualTo(30 + (30 * 0.75)),
            "the last quarter of a second, and the rest of the second before it");
    }

    [Test]
    public void Burst_within_less_than_a_second_counts_for_a_second()
    {
        Reports(0, 100);
        Reports(1, 100);
        Reports(1.25, 140);
        Assert.That(LastSecond, Is.EqualTo(40));
    }

    [Test]
    public void Expected_growth_decays_after_growth_ends()
    {
        for (int i = 0; i <= 4; i++) Reports(i, 100 + (50 * i));
        Reports(5, 300);
        Assert.That(PerSecond, Is.InRange(35, 45));
        Reports(30, 300);
        Assert.That(PerSecond, Is.LessThan(1));
    }

    [Test]
    public void Growth_is_unknown_after_a_long_silence()
    {
        Reports(0, 100, onceCounts: true);
        Reports(600, 1000, onceCounts: true);
        Assert.That((LastSecond, PerSecond), Is.EqualTo((0.0, 0.0)));
    }

    private double LastSecond => meter.LastSecond / 1024;

    private double PerSecond => meter.PerSecond / 1024;

    private void Reports(double at, int mib, bool onceCounts = false, bool atOnce = false) =>
        meter.Read(KiB.FromMiB(mib), TimeSpan.FromSeconds(at), onceCounts, atOnce);
}

/// <summary>The request of a guest whose reports show only that it lacks memory.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ShortageMeterTests
{
    private readonly ShortageMeter meter = new();

    [TestCase(128, 32)]
    [TestCase(1024, 256)]
    public void First_step_is_a_quarter_of_the_size_and_at_least_32_MiB(long holds, long step)
    {
        Hungry(holds);
        Assert.That(Goal, Is.EqualTo(holds + step));
    }

    [TestCase(5, 256)]
    [TestCase(7.5, 384)]
    [TestCase(10, 512)]
    [TestCase(60, 512)]
    public void Step_is_up_to_twice_as_large_with_rare_reports(double since, long step)
    {
        Hungry(1024, since: since);
        Assert.That(Goal, Is.EqualTo(1024 + step));
    }

    [Test]
    public void First_report_requests_the_usual_step()
    {
        meter.OnShortage(KiB.FromMiB(1024), KiB.Zero, null, hidesStalls: true, hidden: true);
        Assert.That(Goal, Is.EqualTo(1024 + 256));
    }

    [Test]
    public void Step_with_stall_reports_is_a_tenth_of_the_size()
    {
        Hungry(1000, hidesStalls: false);
        Assert.That(Goal, Is.EqualTo(1100));
    }

    [Test]
    public void Visible_shortage_is_requested_at_once()
    {
        Hungry(512, seen: 300);
        Assert.That(Goal, Is.EqualTo(812));
    }

    [Test]
    public void Each_further_step_is_half_as_large_again()
    {
        foreach ((long holds, long goal) in new[] { (512L, 640L), (640, 832), (832, 1120) })
        {
            Hungry(holds);
            Assert.That(Goal, Is.EqualTo(goal));
        }
    }

    [Test]
    public void Next_step_waits_until_nearly_all_of_the_request_was_granted()
    {
        Hungry(512);
        Hungry(635);
        Assert.That(Goal, Is.EqualTo(640));
        Hungry(636);
        Assert.That(Goal, Is.GreaterThan(640));
    }

    [Test]
    public void Request_ends_with_the_shortage_and_the_next_starts_small()
    {
        Hungry(512);
        Hungry(640);
        Well(832, used: 400);
        Assert.That(Goal, Is.Zero);
        Hungry(672);
        Assert.That(Goal, Is.EqualTo(672 + 168));
    }

    [Test]
    public void Size_that_shows_as_used_is_not_remembered()
    {
        Hungry(512, hidden: false);
        Well(576, used: 200);
        Assert.That(Eased, Is.Zero);
    }

    [Test]
    public void Size_that_ended_a_hidden_shortage_is_remembered()
    {
        Hungry(512);
        Well(576, used: 200, since: 0);
        Assert.That(Eased, Is.EqualTo(576));
    }

    [Test]
    public void Relief_size_is_no_more_than_the_actual_size()
    {
        Hungry(512);
        Well(530, used: 200, since: 0);
        Assert.That(Eased, Is.EqualTo(530));
    }

    [Test]
    public void Relief_size_is_no_more_than_the_request()
    {
        Hungry(512);
        Well(900, used: 200, since: 0);
        Assert.That(Eased, Is.EqualTo(640));
    }

    [Test]
    public void Relief_size_decays_in_minutes_to_memory_in_use()
    {
        Hungry(512);
        Well(576, used: 200, since: 0);
        Well(576, used: 200, since: 300);
        Assert.That(Eased, Is.EqualTo(200 + (376 / Math.E)).Within(1));
        Well(576, used: 200, since: 900);
        Assert.That(Eased, Is.Zero, "hardly more than it uses");
    }

    [Test]
    public void Relief_size_decays_more_slowly_after_a_relapse()
    {
        Hungry(512);
        Well(576, used: 200, since: 0);
        Hungry(512);
        Well(576, used: 200, since: 0);
        Well(576, used: 200, since: 600);
        Assert.That(Eased, Is.EqualTo(200 + (376 / Math.E)).Within(1));
    }

    [Test]
    public void Relief_size_decays_within_hours_after_any_number_of_relapses()
    {
        for (int i = 0; i < 20; i++)
        {
            Hungry(512);
            Well(576, used: 200, since: 0);
        }

        Well(576, used: 200, since: 2 * 60 * 60);
        Assert.That(Eased, Is.EqualTo(200 + (376 / Math.E)).Within(1));
    }

    [Test]
    public void Decay_restarts_once_the_relief_size_is_forgotten()
    {
        Hungry(512);
        Well(576, used: 200, since: 0);
        Hungry(512);
        Well(576, used: 200, since: 36_000);
        Assert.That(Eased, Is.Zero);
        Hungry(512);
        Well(576, used: 200, since: 300);
        Assert.That(Eased, Is.EqualTo(200 + (376 / Math.E)).Within(1));
    }

    [Test]
    public void Early_stalls_keep_the_size_and_request_no_more()
    {
        Hungry(512);
        meter.OnEarlyStall(KiB.FromMiB(540));
        Assert.That((Goal, Eased), Is.EqualTo((0, 540)));
        meter.OnEarlyStall(KiB.FromMiB(500));
        Assert.That(Eased, Is.EqualTo(540), "at least the previous relief size");
    }

    private long Goal => meter.RequestedSize.Value / 1024;

    private long Eased => meter.ReliefSize.Value / 1024;

    private void Hungry(long holds, long seen = 0, double since = 1, bool hidesStalls = true, bool hidden = true) =>
        meter.OnShortage(KiB.FromMiB(holds), KiB.FromMiB(seen), TimeSpan.FromSeconds(since), hidesStalls, hidden);

    private void Well(long holds, long used, double since = 1) =>
        meter.OnEnough(KiB.FromMiB(holds), KiB.FromMiB(used), TimeSpan.FromSeconds(since));
}

/// <summary>How far the search for a guest's working set goes, and when it gives memory back.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WorkingSetProbeTests
{
    private static readonly GuestVitals Quiet = new()
    {
        MemorySome = 0,
        IoSome = 0,
        SwapTotal = KiB.FromMiB(100),
        SwapUsed = KiB.FromMiB(36),
    };

    private readonly WorkingSetProbe probe = new();

    [Test]
    public void One_percent_is_taken_every_six_seconds()
    {
        Take(0, Quiet);
        Assert.That((probe.Taken, probe.Allowance), Is.EqualTo((KiB.FromMiB(10), KiB.FromMiB(10))));
        Take(5.9, Quiet);
        Assert.That((probe.Taken, probe.Allowance), Is.EqualTo((KiB.FromMiB(10), KiB.Zero)));
        Take(6, Quiet);
        Assert.That((probe.Taken, probe.Allowance), Is.EqualTo((KiB.FromMiB(20), KiB.FromMiB(10))));
    }

    [Test]
    public void At_most_seven_percent_count_as_unused()
    {
        for (int i = 0; i < 20; i++) Take(6 * i, Quiet);
        Assert.That(probe.Taken, Is.EqualTo(KiB.FromMiB(70)));
    }

    [Test]
    public void Nothing_is_taken_while_the_guest_stalls_or_does_not_report_stalls() => Assert.Multiple(() =>
    {
        Assert.That(Taken(Quiet with { MemorySome = 0.001 }), Is.Zero);
        Assert.That(Taken(Quiet with { IoSome = 0.001 }), Is.Zero);
        Assert.That(Taken(Quiet with { MemorySome = null }), Is.Zero);
        Assert.That(Taken(Quiet with { IoSome = null }), Is.Zero);
        Assert.That(Taken(null), Is.Zero);
        Assert.That(Taken(Quiet with { MemorySome = 0.0009, IoSome = 0.0009 }), Is.Not.Zero);
    });

    [Test]
    public void Nothing_is_taken_if_hardly_any_swap_is_free() => Assert.Multiple(() =>
    {
        Assert.That(Taken(Quiet with { SwapUsed = KiB.FromMiB(37) }), Is.Zero);
        Assert.That(Taken(Quiet with { SwapTotal = null }), Is.Zero);
        Assert.That(Taken(Quiet), Is.Not.Zero, "64 MiB are left");
    });

    [Test]
    public void Busy_disk_does_not_undo_the_result()
    {
        Take(0, Quiet);
        Take(10, Quiet with { IoSome = 0.5 });
        Assert.That((probe.Taken, probe.Allowance), Is.EqualTo((KiB.FromMiB(10), KiB.Zero)));
    }

    [Test]
    public void First_stall_returns_all_memory_and_pauses_the_search_for_ten_minutes()
    {
        Take(0, Quiet);
        Take(6, Quiet);
        Take(7, Quiet, allowed: false);
        Assert.That((probe.Taken, probe.Allowance), Is.EqualTo((KiB.Zero, KiB.Zero)));
        Take(606.9, Quiet);
        Assert.That(probe.Taken, Is.EqualTo(KiB.Zero));
        Take(607, Quiet);
        Assert.That(probe.Taken, Is.EqualTo(KiB.FromMiB(10)));
    }

    [Test]
    public void Stall_before_the_search_does_not_delay_it()
    {
        Take(0, Quiet, allowed: false);
        Take(1, Quiet);
        Assert.That(probe.Taken, Is.EqualTo(KiB.FromMiB(10)));
    }

    private static long Taken(GuestVitals? vitals)
    {
        var fresh = new WorkingSetProbe();
        fresh.Read(KiB.FromMiB(1000), Report(0, vitals), allowed: true);
        return fresh.Taken.Value + fresh.Allowance.Value;
    }

    private static GuestReport Report(double second, GuestVitals? vitals) =>
        new(ReportSource.Agent, KiB.FromMiB(800), KiB.FromMiB(960), TimeSpan.FromSeconds(second)) { Vitals = vitals };

    private void Take(double second, GuestVitals? vitals, bool allowed = true) =>
        probe.Read(KiB.FromMiB(1000), Report(second, vitals), allowed);
}
