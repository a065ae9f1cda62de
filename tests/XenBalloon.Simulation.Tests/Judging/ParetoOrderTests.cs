using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class ParetoOrderTests
{
    private static readonly double[] Middling = [1.5, 1.6, 1.4, 1.5];

    [Test]
    public void Better_in_one_and_like_in_the_other_dominates()
    {
        Assert.That(Dominates(Less(Middling, 0.2), Middling, Middling, Middling), Is.True);
        Assert.That(Dominates(Middling, Middling, Less(Middling, 0.2), Middling), Is.True);
    }

    [Test]
    public void Better_in_one_and_worse_in_the_other_does_not() =>
        Assert.That(Dominates(Less(Middling, 0.2), Middling, Middling, Less(Middling, 0.2)), Is.False);

    [Test]
    public void Nobody_dominates_its_like() => Assert.That(Dominates(Middling, Middling, Middling, Middling), Is.False);

    [Test]
    public void A_difference_that_may_be_chance_is_none() =>
        Assert.That(Dominates([1.0, 1.9, 1.1, 1.5], [1.5, 1.4, 1.5, 1.3], Middling, Middling), Is.False);

    [Test]
    public void Seeds_are_compared_in_pairs_so_that_a_small_steady_difference_counts() =>
        Assert.That(Dominates([1, 10, 100, 1000], [1.9, 18, 190, 1990], [1, 1, 1, 1], [2, 2, 2, 2]), Is.True);

    [Test]
    public void A_sure_difference_that_nobody_would_choose_by_is_none()
    {
        Assert.That(Dominates(Less(Middling, 0.001), Middling, Middling, Middling), Is.False);
        Assert.That(ParetoOrder.Dominates([new SeedPairs(Less(Middling, 0.04), Middling, Noticeable: 0.05)]), Is.False);
        Assert.That(ParetoOrder.Dominates([new SeedPairs(Less(Middling, 0.06), Middling, Noticeable: 0.05)]), Is.True);
    }

    [Test]
    public void A_single_seed_tells_nothing_of_chance_so_nobody_dominates() =>
        Assert.That(Dominates([1], [2], [1], [2]), Is.False);

    [Test]
    public void What_was_measured_under_one_policy_only_lets_nobody_dominate() =>
        Assert.That(Dominates([], Middling, Less(Middling, 0.2), Middling), Is.False);

    [Test]
    public void What_was_measured_under_neither_does_not_count() =>
        Assert.That(Dominates([], [], Less(Middling, 0.2), Middling), Is.True);

    private static double[] Less(double[] values, double by) => [.. values.Select(value => value - by)];

    private static bool Dominates(double[] firstLeft, double[] firstRight, double[] secondLeft, double[] secondRight) =>
        ParetoOrder.Dominates([new SeedPairs(firstLeft, firstRight), new SeedPairs(secondLeft, secondRight)]);
}
