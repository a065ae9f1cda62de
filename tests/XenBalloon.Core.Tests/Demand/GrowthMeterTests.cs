using XenBalloon.Core.Demand;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Demand;

/// <summary>How fast a guest is taken to grow.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class GrowthMeterTests
{
    private readonly GrowthMeter meter = new();

    [Test]
    public void One_jump_is_seen_and_not_expected_to_go_on()
    {
        Reports(0, 100);
        Reports(1, 100);
        Reports(2, 150);
        Assert.That((LastSecond, PerSecond), Is.EqualTo((50.0, 0.0)));
        Reports(3, 200);
        Assert.That((LastSecond, PerSecond), Is.EqualTo((50.0, 50.0)), "the second in a row is");
    }

    [Test]
    public void Without_swap_one_jump_is_expected_to_go_on()
    {
        Reports(0, 100, onceCounts: true);
        Reports(1, 150, onceCounts: true);
        Assert.That(PerSecond, Is.EqualTo(50));
    }

    [Test]
    public void What_a_report_shows_after_a_minute_was_used_over_that_minute()
    {
        Reports(0, 100);
        Reports(60, 160);
        Assert.That((LastSecond, PerSecond), Is.EqualTo((1.0, 1.0)));
    }

    [Test]
    public void What_our_agent_reports_after_a_minute_was_used_just_then()
    {
        Reports(0, 100, atOnce: true);
        Reports(60, 130, atOnce: true);
        Assert.That(LastSecond, Is.EqualTo(30));
        Reports(60.25, 160, atOnce: true);
        Assert.That(LastSecond, Is.EqualTo(30 + (30 * 0.75)), "the last quarter of a second, and the rest of the second before it");
    }

    [Test]
    public void A_burst_within_less_than_a_second_counts_as_that_of_a_second()
    {
        Reports(0, 100);
        Reports(1, 100);
        Reports(1.25, 140);
        Assert.That(LastSecond, Is.EqualTo(40));
    }

    [Test]
    public void A_growth_that_ends_is_expected_less_and_less()
    {
        for (int i = 0; i <= 4; i++) Reports(i, 100 + (50 * i));
        Reports(5, 300);
        Assert.That(PerSecond, Is.InRange(35, 45));
        Reports(30, 300);
        Assert.That(PerSecond, Is.LessThan(1));
    }

    [Test]
    public void Nothing_is_known_of_the_growth_over_a_long_silence()
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
