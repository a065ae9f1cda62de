using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Judging.Runs;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class EstimateProbeTests
{
    [Test]
    public void An_estimate_is_as_wrong_above_the_truth_as_below_it()
    {
        Assert.That((Error(Seen(1, (100, 120))), Error(Seen(1, (100, 80))), Error(Seen(1, (100, 100)))), Is.EqualTo((0.2, 0.2, 0.0)));
    }

    [Test]
    public void An_error_counts_for_as_long_as_it_lasts() =>
        Assert.That(Error([.. Seen(3, (100, 100)), .. Seen(1, (200, 100))]), Is.EqualTo(0.125).Within(1e-12));

    [TestCase(110, 0)]
    [TestCase(111, 4)]
    [TestCase(50, 0)]
    public void It_lags_while_the_need_is_over_a_tenth_above_it_and_not_while_it_is_too_high(int needed, double seconds) =>
        Assert.That(Sum(Seen(4, (needed, 100))).Behind.TotalSeconds, Is.EqualTo(seconds));

    [TestCase("100 100 100", 0, TestName = "What_never_changes_never_rises")]
    [TestCase("100 110 100 110", 0, TestName = "A_tenth_is_no_rise")]
    [TestCase("100 111", 1, TestName = "More_than_a_tenth_is_one")]
    [TestCase("100 150 200 300", 1, TestName = "A_rise_that_goes_on_is_one")]
    [TestCase("100 105 110 115", 1, TestName = "A_slow_rise_is_one_too")]
    [TestCase("100 150 140 200", 1, TestName = "A_rise_that_falls_back_a_little_is_one")]
    [TestCase("100 150 100 150", 2, TestName = "A_rise_after_a_fall_is_another")]
    [TestCase("200 150 100", 0, TestName = "A_fall_is_none")]
    [TestCase("200 100 111", 1, TestName = "Whoever_has_fallen_rises_from_where_he_lies")]
    public void Rises_are_counted(string needs, int rises) =>
        Assert.That(Sum([.. needs.Split(' ').Select(int.Parse).Select(needed => (needed, needed))]).Rises, Is.EqualTo(rises));

    [Test]
    public void What_follows_half_a_minute_late_is_half_a_minute_behind_at_each_rise()
    {
        int[] needs = [.. Enumerable.Range(0, 600).Select(second => second / 100 % 2 == 0 ? 90 : 290)];
        Tracking tracking = Sum([.. needs.Select((needed, second) => (needed, needs[Math.Max(0, second - 30)])).SelectMany(moment => Seen(1, moment))]);
        Assert.That((tracking.Behind.TotalSeconds, tracking.Rises, tracking.Known.TotalSeconds), Is.EqualTo((90.0, 3, 600.0)));
    }

    private static double Error(IEnumerable<(int Needed, int Estimate)> ticks)
    {
        Tracking tracking = Sum(ticks);
        return Math.Round(tracking.ErrorSeconds / tracking.Known.TotalSeconds, 12);
    }

    private static (int Needed, int Estimate)[] Seen(int seconds, (int Needed, int Estimate) moment) =>
        [.. Enumerable.Repeat(moment, seconds * Tick.PerSecond)];

    private static Tracking Sum(IEnumerable<(int Needed, int Estimate)> ticks)
    {
        var probe = new EstimateProbe();
        foreach ((int needed, int estimate) in ticks) probe.OnTick(KiB.FromMiB(estimate), KiB.FromMiB(needed));
        return probe.Sum();
    }
}
