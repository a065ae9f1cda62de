using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class EstimateTests
{
    // The quantiles are those of printed tables.
    [TestCase(0.95, 1, 12.7062)]
    [TestCase(0.95, 2, 4.3027)]
    [TestCase(0.95, 5, 2.5706)]
    [TestCase(0.95, 10, 2.2281)]
    [TestCase(0.95, 29, 2.0452)]
    [TestCase(0.95, 120, 1.9799)]
    [TestCase(0.95, 1000, 1.9623)]
    [TestCase(0.99, 7, 3.4995)]
    [TestCase(0.5, 4, 0.7407)]
    public void Quantiles_of_t_are_those_of_the_tables(double probability, int freedom, double quantile) =>
        Assert.That(StudentT.TwoSided(probability, freedom), Is.EqualTo(quantile).Within(5e-5));

    [Test]
    public void An_interval_is_as_wide_as_t_and_the_spread_make_it()
    {
        Estimate estimate = Estimate.Of([1, 2, 3, 4])!.Value;
        Assert.That((estimate.Mean, estimate.Count), Is.EqualTo((2.5, 4)));
        Assert.That(estimate.HalfWidth, Is.EqualTo(3.18245 * 1.290994 / 2).Within(1e-4));
        Assert.That(estimate.High - estimate.Low, Is.EqualTo(2 * estimate.HalfWidth).Within(1e-12));
    }

    [Test]
    public void Equal_values_leave_no_doubt() => Assert.That(Estimate.Of([3, 3, 3]), Is.EqualTo(new Estimate(3, 0, 3)));

    [Test]
    public void One_value_alone_has_no_interval() => Assert.That(Estimate.Of([3]), Is.EqualTo(new Estimate(3, null, 1)));

    [Test]
    public void No_values_have_no_mean() => Assert.That(Estimate.Of([]), Is.Null);
}
