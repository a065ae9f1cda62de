using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class RegretTests
{
    [Test]
    public void Regret_is_the_part_of_the_oracles_gain_that_is_missed()
    {
        Estimate regret = RegretEstimate.Of([1.2, 1.2], [2, 2], [1, 1])!.Value;
        Assert.That(regret.Mean, Is.EqualTo(0.2).Within(1e-12));
        Assert.That(regret.HalfWidth, Is.EqualTo(0).Within(1e-9));
    }

    [Test]
    public void Its_interval_is_that_of_the_jackknife()
    {
        Estimate regret = RegretEstimate.Of([1.2, 1.3, 1.1], [2, 2.2, 1.9], [1, 1.1, 1])!.Value;
        Assert.That(regret.Mean, Is.EqualTo(1.0 / 6).Within(1e-9));
        Assert.That(regret.HalfWidth, Is.EqualTo(0.1066001).Within(1e-6));
    }

    [Test]
    public void Doing_nothing_is_a_regret_of_one_and_doing_harm_of_more()
    {
        Assert.That(RegretEstimate.Of([2], [2], [1])!.Value, Is.EqualTo(new Estimate(1, null, 1)));
        Assert.That(RegretEstimate.Of([3], [2], [1])!.Value.Mean, Is.EqualTo(2));
    }

    [TestCase(1.0, 1.0, TestName = "Where_the_oracle_gains_nothing_there_is_no_regret")]
    [TestCase(1.0, 1.2, TestName = "Where_the_oracle_does_harm_there_is_no_regret")]
    [TestCase(1.0005, 1.0, TestName = "Where_the_oracle_gains_next_to_nothing_there_is_no_regret")]
    public void Nothing_gained(double still, double oracle) => Assert.That(RegretEstimate.Of([1.1, 1.1], [still, still], [oracle, oracle]), Is.Null);

    [Test]
    public void A_gain_that_may_be_chance_is_none() => Assert.That(RegretEstimate.Of([1, 1, 1], [1, 3, 1], [1, 1, 1]), Is.Null);

    [Test]
    public void A_run_without_slowdown_to_measure_leaves_nothing_to_compare() => Assert.That(RegretEstimate.Of([1.1], [2, 2], [1, 1]), Is.Null);
}
