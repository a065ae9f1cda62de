using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Tests.Peers;

/// <summary>What qmemman works out, in MiB, with a static maximum of 4096.</summary>
public sealed class QmemmanVectorTests
{
    private static QmemmanDomain Domain(int id, int used, int actual = 0, int lastTarget = 0) =>
        new(id, KiB.FromMiB(used), KiB.FromMiB(actual), KiB.FromMiB(4096), KiB.FromMiB(lastTarget));

    [TestCase(0, 1024, 1681.2)]
    [TestCase(1, 1024, 1331.2)]
    [TestCase(1, 5000, 4096)]
    [TestCase(1, 100, 200)]
    public void A_domain_prefers_what_it_uses_and_30_percent(int id, int used, double preferred) =>
        Assert.That(Domain(id, used).Preferred.Value / 1024.0, Is.EqualTo(preferred).Within(0.001));

    [TestCase(1024, 307.2)]
    [TestCase(2024, -692.8)]
    public void It_needs_what_it_lacks_of_that(int actual, double needed) =>
        Assert.That(Domain(1, 1024, actual).Needed.Value / 1024.0, Is.EqualTo(needed).Within(0.001));

    [Test]
    public void With_enough_memory_the_rest_is_spread_in_proportion_to_the_preferences_and_givers_come_first()
    {
        IReadOnlyList<QmemmanRequest> requests = QmemmanBalance.Requests(KiB.FromMiB(1000), [Domain(1, 200, 260), Domain(2, 400, 1500)]);
        Assert.Multiple(() =>
        {
            Assert.That(requests.Select(request => request.Id), Is.EqualTo(new[] { 1, 2 }));
            Assert.That(requests[0].Size.Value / 1024.0, Is.EqualTo(0.999 * 2760 / 3).Within(0.01));
            Assert.That(requests[1].Size.Value / 1024.0, Is.EqualTo(0.999 * 2760 * 2 / 3).Within(0.01));
        });
        IReadOnlyList<QmemmanRequest> turned = QmemmanBalance.Requests(KiB.Zero, [Domain(1, 200, 260), Domain(2, 400, 3000)]);
        Assert.That(turned.Select(request => request.Id), Is.EqualTo(new[] { 2, 1 }));
    }

    [Test]
    public void When_memory_is_short_receivers_wait_since_what_givers_give_is_subtracted()
    {
        QmemmanDomain[] domains = [Domain(1, 200, 760), Domain(2, 2000, 1000)];
        IReadOnlyList<QmemmanRequest> first = QmemmanBalance.Requests(KiB.FromMiB(100), domains);
        Assert.That(first.Select(request => request.Id), Is.EqualTo(new[] { 1 }), "500 MiB that come are taken from the 100 MiB that are there");
        IReadOnlyList<QmemmanRequest> second = QmemmanBalance.Requests(KiB.FromMiB(600), [Domain(1, 200, 265), domains[1]]);
        Assert.That(second.Single(), Is.EqualTo(new QmemmanRequest(2, KiB.FromMiB(1600).Times(0.999))));
    }

    [TestCase(50, 1000, 1100, 1016, true, TestName = "A domain below its preference that gains more than 15 MiB is worth it")]
    [TestCase(50, 1000, 1100, 1014, false, TestName = "One that gains less is not")]
    [TestCase(30, 1000, 900, 1000, true, TestName = "Xen with less than 35 MiB is worth it")]
    [TestCase(50, 1000, 900, 1151, true, TestName = "More than 150 MiB in all are worth it")]
    [TestCase(50, 1000, 900, 1149, false, TestName = "Less are not")]
    public void Only_what_is_worth_the_trouble_is_done(int free, int lastTarget, int preferred, int size, bool met)
    {
        var domain = new QmemmanDomain(1, KiB.FromMiB(preferred).Times(1 / 1.3), KiB.FromMiB(lastTarget), KiB.FromMiB(4096), KiB.FromMiB(lastTarget));
        var domains = new Dictionary<int, QmemmanDomain> { [1] = domain };
        Assert.That(QmemmanThresholds.AreMet([new QmemmanRequest(1, KiB.FromMiB(size))], domains, KiB.FromMiB(free)), Is.EqualTo(met));
    }

    [Test]
    public void A_start_is_refused_when_all_together_have_too_little_beyond_their_preferences()
    {
        QmemmanDomain[] domains = [Domain(1, 200, 460), Domain(2, 200, 360)];
        Assert.Multiple(() =>
        {
            Assert.That(QmemmanRelease.Requests(KiB.FromMiB(301), domains), Is.Empty);
            Assert.That(
                QmemmanRelease.Requests(KiB.FromMiB(150), domains).Select(request => Math.Round(request.Size.Value / 1024.0, 1)),
                Is.EqualTo(new[] { 460 - 105, 360 - 52.5 }).Within(0.1));
        });
    }
}
