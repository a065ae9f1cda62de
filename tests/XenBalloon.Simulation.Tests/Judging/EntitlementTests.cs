using CsCheck;
using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class EntitlementTests
{
    [TestCase(1000, "1 1", "0 0", "300 400", "300 400", TestName = "Where_there_is_enough_everyone_is_entitled_to_what_he_needs")]
    [TestCase(1000, "1 1", "0 0", "900 800", "500 500", TestName = "Where_both_are_short_they_share_alike")]
    [TestCase(900, "2 1", "0 0", "900 900", "600 300", TestName = "Weights_count")]
    [TestCase(1000, "1 1", "0 0", "200 900", "200 800", TestName = "What_one_does_not_need_goes_to_the_other")]
    [TestCase(1000, "1 1 1", "0 0 0", "100 500 900", "100 450 450", TestName = "What_one_does_not_need_goes_to_the_others_alike")]
    [TestCase(1000, "1 1", "700 0", "800 900", "700 300", TestName = "A_minimum_holds")]
    [TestCase(1000, "1 1", "800 400", "900 900", "666.6667 333.3333", TestName = "Minimums_that_exceed_the_host_shrink_in_proportion")]
    public void Shares(double capacity, string weights, string least, string needs, string expected) =>
        Assert.That(Share(capacity, Numbers(weights), Numbers(least), Numbers(needs)), Is.EqualTo(Numbers(expected)).Within(1e-3));

    [Test]
    public void All_that_is_there_is_shared_and_nobody_gets_more_than_he_needs() =>
        Gen.Select(Gen.Double[0, 1000].Array[4], Gen.Double[1, 100].Array[4], Gen.Double[0, 3000]).Sample((needs, weights, capacity) =>
        {
            double[] shares = Share(capacity, weights, [.. needs.Select(need => need / 10)], needs);
            double due = Math.Min(capacity, needs.Sum());
            return Math.Abs(shares.Sum() - due) < 1e-6 * Math.Max(1, due) && shares.Zip(needs).All(pair => pair.First <= pair.Second + 1e-9);
        });

    private static double[] Numbers(string text) => [.. text.Split(' ').Select(double.Parse)];

    private static double[] Share(double capacity, double[] weights, double[] least, double[] needs)
    {
        double[] shares = new double[needs.Length];
        new Entitlement(needs.Length).Share(capacity, weights, least, needs, shares);
        return shares;
    }
}
