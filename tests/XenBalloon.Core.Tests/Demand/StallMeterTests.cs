using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Demand;

/// <summary>Which part of its time a guest waits for memory, by what its kernel says.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class StallMeterTests
{
    private readonly StallMeter gauge = new();

    [Test]
    public void A_guest_that_says_nothing_of_its_kernel_is_not_taken_for_one_that_does_not_wait()
    {
        Assert.That(Read(0, null), Is.Null);
        Assert.That(Read(1, new GuestVitals { Free = KiB.FromMiB(1) }), Is.Null);
    }

    [Test]
    public void Without_a_counter_the_kernels_own_average_is_what_there_is()
    {
        Assert.That(Read(0, new GuestVitals { MemorySome = 0.3 }), Is.EqualTo(0.3));
        Assert.That(Read(1, new GuestVitals { MemorySome = 0.1 }), Is.EqualTo(0.1));
    }

    [Test]
    public void A_first_count_of_waiting_says_nothing_of_now() => Assert.That(Read(0, Waited(1000)), Is.Null);

    [Test]
    public void Between_two_counts_the_wait_is_a_part_of_the_time_that_passed()
    {
        Read(10, Waited(100));
        Assert.That(Read(14, Waited(101)), Is.EqualTo(0.25).Within(1e-9));
        Assert.That(Read(16, Waited(101)), Is.Zero);
    }

    [Test]
    public void What_the_counts_show_goes_before_the_kernels_average()
    {
        Read(0, Waited(0) with { MemorySome = 0.9 });
        Assert.That(Read(2, Waited(1) with { MemorySome = 0.9 }), Is.EqualTo(0.5).Within(1e-9));
    }

    [Test]
    public void Pages_read_back_count_a_tenth_of_a_millisecond_each_in_the_time_that_passed()
    {
        Read(0, new GuestVitals { SwapIns = 500 });
        Assert.That(Read(4, new GuestVitals { SwapIns = 8500 }), Is.EqualTo(0.2).Within(1e-9));
    }

    [Test]
    public void Of_waiting_and_swapping_the_worse_counts()
    {
        Read(0, Waited(0) with { SwapIns = 0 });
        Assert.That(Read(1, Waited(0.5) with { SwapIns = 1000 }), Is.EqualTo(0.5).Within(1e-9));
        Assert.That(Read(2, Waited(0.6) with { SwapIns = 5000 }), Is.EqualTo(0.4).Within(1e-9));
    }

    [Test]
    public void Nobody_waits_for_more_than_all_of_its_time()
    {
        Read(0, new GuestVitals { SwapIns = 0 });
        Assert.That(Read(1, new GuestVitals { SwapIns = 1_000_000 }), Is.EqualTo(1));
    }

    [Test]
    public void Counters_that_begin_anew_after_a_reboot_are_no_wait()
    {
        Read(0, Waited(500) with { SwapIns = 9000 });
        Assert.That(Read(1, Waited(0) with { SwapIns = 0 }), Is.Zero);
    }

    [Test]
    public void Counts_are_not_compared_across_a_report_that_says_nothing_of_them()
    {
        Read(0, Waited(0));
        Read(1, null);
        Assert.That(Read(2, Waited(2)), Is.Null);
    }

    private static GuestVitals Waited(double seconds) => new() { MemorySomeTotal = TimeSpan.FromSeconds(seconds) };

    private double? Read(double second, GuestVitals? vitals) =>
        gauge.Read(new GuestReport(ReportSource.Agent, KiB.FromMiB(100), KiB.FromMiB(500), TimeSpan.FromSeconds(second)) { Vitals = vitals });
}
