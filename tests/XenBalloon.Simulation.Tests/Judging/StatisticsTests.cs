using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class EstimateTests
{
    // Quantiles from published tables.
    [TestCase(0.95, 1, 12.7062)]
    [TestCase(0.95, 2, 4.3027)]
    [TestCase(0.95, 5, 2.5706)]
    [TestCase(0.95, 10, 2.2281)]
    [TestCase(0.95, 29, 2.0452)]
    [TestCase(0.95, 120, 1.9799)]
    [TestCase(0.95, 1000, 1.9623)]
    [TestCase(0.99, 7, 3.4995)]
    [TestCase(0.5, 4, 0.7407)]
    public void Quantiles_of_t_match_published_tables(double probability, int freedom, double quantile) =>
        Assert.That(StudentT.TwoSided(probability, freedom), Is.EqualTo(quantile).Within(5e-5));

    [Test]
    public void Interval_follows_from_t_and_the_standard_error()
    {
        Estimate estimate = Estimate.Of([1, 2, 3, 4])!.Value;
        Assert.That((estimate.Mean, estimate.Count), Is.EqualTo((2.5, 4)));
        Assert.That(estimate.HalfWidth, Is.EqualTo(3.18245 * 1.290994 / 2).Within(1e-4));
        Assert.That(estimate.High - estimate.Low, Is.EqualTo(2 * estimate.HalfWidth).Within(1e-12));
    }

    [Test]
    public void Equal_values_have_an_interval_of_zero() =>
        Assert.That(Estimate.Of([3, 3, 3]), Is.EqualTo(new Estimate(3, 0, 3)));

    [Test]
    public void Single_value_has_no_interval() => Assert.That(Estimate.Of([3]), Is.EqualTo(new Estimate(3, null, 1)));

    [Test]
    public void No_values_have_no_mean() => Assert.That(Estimate.Of([]), Is.Null);
}

public sealed class ParetoOrderTests
{
    private static readonly double[] Middling = [1.5, 1.6, 1.4, 1.5];

    [Test]
    public void Better_in_one_metric_and_equal_in_the_other_dominates()
    {
        Assert.That(Dominates(Less(Middling, 0.2), Middling, Middling, Middling), Is.True);
        Assert.That(Dominates(Middling, Middling, Less(Middling, 0.2), Middling), Is.True);
    }

    [Test]
    public void Better_in_one_metric_and_worse_in_the_other_does_not_dominate() =>
        Assert.That(Dominates(Less(Middling, 0.2), Middling, Middling, Less(Middling, 0.2)), Is.False);

    [Test]
    public void Equal_policies_do_not_dominate() =>
        Assert.That(Dominates(Middling, Middling, Middling, Middling), Is.False);

    [Test]
    public void Insignificant_difference_does_not_count() =>
        Assert.That(Dominates([1.0, 1.9, 1.1, 1.5], [1.5, 1.4, 1.5, 1.3], Middling, Middling), Is.False);

    [Test]
    public void Pairing_by_seed_makes_a_small_steady_difference_count() =>
        Assert.That(Dominates([1, 10, 100, 1000], [1.9, 18, 190, 1990], [1, 1, 1, 1], [2, 2, 2, 2]), Is.True);

    [Test]
    public void Immaterial_difference_does_not_count_however_significant()
    {
        Assert.That(Dominates(Less(Middling, 0.001), Middling, Middling, Middling), Is.False);
        Assert.That(ParetoOrder.Dominates([new SeedPairs(Less(Middling, 0.04), Middling, Noticeable: 0.05)]), Is.False);
        Assert.That(ParetoOrder.Dominates([new SeedPairs(Less(Middling, 0.06), Middling, Noticeable: 0.05)]), Is.True);
    }

    [Test]
    public void Single_seed_gives_no_dominance() =>
        Assert.That(Dominates([1], [2], [1], [2]), Is.False);

    [Test]
    public void Metric_measured_for_one_policy_only_prevents_dominance() =>
        Assert.That(Dominates([], Middling, Less(Middling, 0.2), Middling), Is.False);

    [Test]
    public void Metric_measured_for_neither_policy_is_ignored() =>
        Assert.That(Dominates([], [], Less(Middling, 0.2), Middling), Is.True);

    private static double[] Less(double[] values, double by) => [.. values.Select(value => value - by)];

    private static bool Dominates(double[] firstLeft, double[] firstRight, double[] secondLeft, double[] secondRight) =>
        ParetoOrder.Dominates([new SeedPairs(firstLeft, firstRight), new SeedPairs(secondLeft, secondRight)]);
}

public sealed class RegretTests
{
    [Test]
    public void Regret_is_the_missed_fraction_of_the_oracles_gain()
    {
        Estimate regret = RegretEstimate.Of([1.2, 1.2], [2, 2], [1, 1])!.Value;
        Assert.That(regret.Mean, Is.EqualTo(0.2).Within(1e-12));
        Assert.That(regret.HalfWidth, Is.EqualTo(0).Within(1e-9));
    }

    [Test]
    public void Regret_interval_is_the_jackknifes()
    {
        Estimate regret = RegretEstimate.Of([1.2, 1.3, 1.1], [2, 2.2, 1.9], [1, 1.1, 1])!.Value;
        Assert.That(regret.Mean, Is.EqualTo(1.0 / 6).Within(1e-9));
        Assert.That(regret.HalfWidth, Is.EqualTo(0.1066001).Within(1e-6));
    }

    [Test]
    public void Static_has_a_regret_of_one_and_a_worse_policy_more()
    {
        Assert.That(RegretEstimate.Of([2], [2], [1])!.Value, Is.EqualTo(new Estimate(1, null, 1)));
        Assert.That(RegretEstimate.Of([3], [2], [1])!.Value.Mean, Is.EqualTo(2));
    }

    [TestCase(1.0, 1.0, TestName = "No_regret_if_the_oracle_gains_nothing")]
    [TestCase(1.0, 1.2, TestName = "No_regret_if_the_oracle_is_worse")]
    [TestCase(1.0005, 1.0, TestName = "No_regret_if_the_oracle_gains_almost_nothing")]
    public void Gain_below_the_least_gives_no_regret(double still, double oracle) =>
        Assert.That(RegretEstimate.Of([1.1, 1.1], [still, still], [oracle, oracle]), Is.Null);

    [Test]
    public void Insignificant_gain_gives_no_regret() =>
        Assert.That(RegretEstimate.Of([1, 1, 1], [1, 3, 1], [1, 1, 1]), Is.Null);

    [Test]
    public void No_regret_if_a_run_has_no_slowdown() => Assert.That(RegretEstimate.Of([1.1], [2, 2], [1, 1]), Is.Null);
}

public sealed class SlidingMinimumTests
{
    [Test]
    public void Minimum_is_unknown_until_the_window_is_full()
    {
        var window = new SlidingMinimum(3);
        long?[] least = [.. new long[] { 5, 3, 4, 6, 7, 8, 1, 9, 9, 9 }.Select(window.Add)];
        Assert.That(least, Is.EqualTo(new long?[] { null, null, 3, 3, 4, 6, 1, 1, 1, 9 }));
    }

    [Test]
    public void Minimum_matches_that_of_the_whole_window()
    {
        var random = new Random(1);
        long[] values = [.. Enumerable.Range(0, 1000).Select(_ => (long)random.Next(50))];
        var window = new SlidingMinimum(17);
        long?[] least = [.. values.Select(window.Add)];
        Assert.That(least[16..], Is.EqualTo(
            Enumerable.Range(0, values.Length - 16).Select(start => (long?)values[start..(start + 17)].Min())));
    }

    [Test]
    public void Cleared_window_is_empty()
    {
        var window = new SlidingMinimum(2);
        window.Add(1);
        window.Add(1);
        window.Clear();
        Assert.That((window.Add(5), window.Add(6)), Is.EqualTo(((long?)null, (long?)5)));
    }
}
