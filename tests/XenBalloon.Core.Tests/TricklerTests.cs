using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>A balloon that moves, but far too slowly.</summary>
public sealed class TricklerTests
{
    [Test]
    public void Others_give_what_a_trickler_does_not()
    {
        HostBuilder host = new HostBuilder().With(1, 4096, 4096).With(2, 4096, 4096).With(3, 256, 4096).WithFree(32);
        for (int second = 0; second < 20; second++)
        {
            host.Passes(1).Reports(1, 100).Reports(2, 100).Reports(3, 3000);
            KiB before = host[1].Actual;
            host.Act();
            host[1] = host[1] with { Actual = KiB.Max(host[1].Target!.Value, before - new KiB(40)) };
        }

        Assert.That(Of(host.Decide(), 1).Health, Is.EqualTo(BalloonHealth.Slow));
        Assert.That(host[2].Target, Is.LessThan(KiB.FromMiB(1500)));
        Assert.That(host[3].Target, Is.GreaterThan(KiB.FromMiB(2500)));
    }

    [Test]
    public void A_trickler_is_promised_no_more_than_it_takes_in_a_few_seconds()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 4096).WithFree(3000);
        for (int second = 0; second < 30; second++)
        {
            host.Passes(1).Reports(1, 470).Act();
            host[1] = host[1] with { Actual = KiB.FromMiB(512) + new KiB(40 * second) };
        }

        host[1] = host[1] with { Target = host[1].Actual.FloorToPage() };
        Assert.That(Of(host.Passes(1).Reports(1, 470).Decide(), 1).Target - host[1].Actual, Is.LessThanOrEqualTo(KiB.FromMiB(16)));
    }
}
