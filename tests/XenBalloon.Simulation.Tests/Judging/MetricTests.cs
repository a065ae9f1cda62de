using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class MetricTests
{
    [TestCase("slowdown.mean", 2.5)]
    [TestCase("slowdown.p99", 10)]
    [TestCase("honest.slowdown.p99", 10)]
    [TestCase("faults.major", 100)]
    [TestCase("faults.swapin", 70)]
    [TestCase("oom", 3)]
    [TestCase("oom.caused", 2)]
    [TestCase("hoarding", 0.25)]
    [TestCase("hoarding.amount", 2)]
    [TestCase("shortage", 8)]
    [TestCase("memory.peak", 3000)]
    [TestCase("memory.end", 1536)]
    [TestCase("swap.end", 60)]
    [TestCase("received", 0.75)]
    [TestCase("fairness", 0.9)]
    [TestCase("delivered.p50", 5)]
    [TestCase("delivered.p95", 9)]
    [TestCase("delivered.max", 9)]
    [TestCase("honest.delivered.max", 3)]
    [TestCase("settling.mean", 6)]
    [TestCase("settling.max", 10)]
    [TestCase("starts.failed", 1)]
    [TestCase("starts.wait", 3604 / 3.0)]
    [TestCase("starts.wait.p99", 3590)]
    [TestCase("starts.wait.max", 3590)]
    [TestCase("estimate.error", 0.075)]
    [TestCase("estimate.lag", 8)]
    [TestCase("writes", 2)]
    [TestCase("moved", 200)]
    [TestCase("reversals", 3)]
    [TestCase("violations", 3)]
    [TestCase("regret", null)]
    public void Metric_of_a_run(string metric, double? value) =>
        Assert.That(MetricCatalog.Named(metric).Of(HandMade.Run), Is.EqualTo(value).Within(1e-12));

    [TestCase("slowdown.mean", 4)]
    [TestCase("slowdown.p99", 10)]
    [TestCase("faults.major", 100)]
    [TestCase("faults.swapin", 70)]
    [TestCase("oom", 3)]
    [TestCase("oom.caused", 2)]
    [TestCase("shortage", 8)]
    [TestCase("memory.peak", 0)]
    [TestCase("memory.end", 512)]
    [TestCase("swap.end", 48)]
    [TestCase("received", 0.5)]
    [TestCase("delivered.p50", 5)]
    [TestCase("delivered.max", 9)]
    [TestCase("estimate.error", 0.25)]
    [TestCase("estimate.lag", 7.5)]
    [TestCase("writes", 1)]
    [TestCase("moved", 100)]
    [TestCase("reversals", 2)]
    public void Metric_of_a_guest(string metric, double value) =>
        Assert.That(MetricCatalog.Named(metric).Of(HandMade.Run, "db"), Is.EqualTo(value));

    [Test]
    public void Every_metric_is_tested()
    {
        IEnumerable<object?> tested = typeof(MetricTests).GetMethod(nameof(Metric_of_a_run))!.GetCustomAttributes(
            typeof(TestCaseAttribute), false)
            .Select(attribute => ((TestCaseAttribute)attribute).Arguments[0]);
        Assert.That(MetricCatalog.All.Select(metric => metric.Name), Is.EquivalentTo(tested));
    }

    [Test]
    public void Unknown_guest_has_no_value() =>
        Assert.That(MetricCatalog.Named("oom").Of(HandMade.Run, "unknown"), Is.Null);

    [Test]
    public void Lag_is_unknown_without_a_rise() =>
        Assert.That(MetricCatalog.Named("estimate.lag").Of(HandMade.Run, "web"), Is.Null);

    [Test]
    public void Empty_host_has_only_zero_counts()
    {
        RunOutcome empty = HandMade.Of();
        string[] unknown =
        [
            "slowdown.mean", "slowdown.p99", "received", "fairness", "writes", "moved", "starts.wait",
                "starts.wait.p99", "starts.wait.max",
            "estimate.error", "estimate.lag", "hoarding", "honest.slowdown.p99", "honest.delivered.max", "regret",
        ];
        Assert.That(
            MetricCatalog.All.Where(metric => metric.Of(empty) is null).Select(metric => metric.Name),
            Is.EquivalentTo(unknown));
        Assert.That(MetricCatalog.All.Select(metric => metric.Of(empty) ?? 0), Is.All.Zero);
    }

    [Test]
    public void Jains_index_is_one_for_equals_and_one_nth_for_a_monopoly()
    {
        Assert.That(
            (Fairness.Jain([0.5, 0.5, 0.5]), Fairness.Jain([1, 0, 0, 0]), Fairness.Jain([0, 0]), Fairness.Jain([])),
            Is.EqualTo((1.0, 0.25, 1.0, (double?)null)));
    }

    [TestCase(0, 1)]
    [TestCase(0.5, 2)]
    [TestCase(0.51, 3)]
    [TestCase(0.99, 4)]
    [TestCase(1, 4)]
    public void Percentile_is_one_of_the_values(double part, int value) =>
        Assert.That(Percentile.Of([1, 2, 3, 4], part), Is.EqualTo(value));
}
