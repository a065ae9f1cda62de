using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>The policies that can be chosen.</summary>
public sealed class PolicyTests
{
    [Test]
    public void Proportional_takes_all_the_same_part_of_the_way_from_minimum_to_maximum()
    {
        Plan plan = Share(PolicyKind.Proportional);
        double gamma = Way(plan, 1);
        Assert.That(gamma, Is.InRange(0.01, 0.99));
        Assert.That(Way(plan, 2), Is.EqualTo(gamma).Within(0.001), "whatever they use");
    }

    [Test]
    public void Shares_gives_what_is_above_the_minimums_by_weight()
    {
        Plan plan = Share(PolicyKind.Shares);
        Assert.That(Above(plan, 1), Is.EqualTo(3 * Above(plan, 2)).Within(16));
    }

    [Test]
    public void Static_moves_nobody()
    {
        HostBuilder host = Host(PolicyKind.Static);
        host.Run(60, (1, 100), (2, 490));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
        Assert.That(host[2].Target, Is.EqualTo(KiB.FromMiB(512)));
    }

    [Test]
    public void No_policy_takes_what_is_in_use([Values] PolicyKind policy)
    {
        HostBuilder host = Host(policy);
        host.Run(120, (1, 850), (2, 490));
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(890)));
    }

    private static HostBuilder Host(PolicyKind policy)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 2048).WithFree(100);
        host.Settings = host.Settings with { Policy = policy, Rules = [new DomainRule("g1", new DomainSettings { Weight = 300 })] };
        return host;
    }

    private static Plan Share(PolicyKind policy) => Host(policy).Reports(1, 100).Reports(2, 490).Decide();

    private static double Above(Plan plan, int domid) => (Of(plan, domid).Entitlement!.Value - Of(plan, domid).Minimum).Value;

    private static double Way(Plan plan, int domid) => Above(plan, domid) / (Of(plan, domid).Maximum - Of(plan, domid).Minimum).Value;
}
