using XenBalloon.Core.Allocation;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>Who is entitled to how much of a host of 2 GiB with two domains of 900 MiB, a slack of 48 MiB and a pool of 200 MiB.</summary>
public sealed class EntitlementsTests
{
    private static readonly KiB WithoutPool = KiB.FromMiB(2048 - 48 - 200);

    [Test]
    public void Where_nobody_lacks_anything_the_pool_is_nobodys() => Assert.That(Sum(Host(300, 200)), Is.EqualTo(WithoutPool));

    [Test]
    public void Who_needs_more_than_there_is_may_draw_on_the_whole_pool() =>
        Assert.That(Sum(Host(2000, 2000)), Is.EqualTo(WithoutPool + KiB.FromMiB(200)));

    [Test]
    public void No_more_of_the_pool_is_drawn_than_is_needed_with_headroom()
    {
        HostBuilder host = Host(674, 674);
        KiB wanted = new(host.Decide().Domains.Sum(one => one.Demand!.Value.Want.Value));
        Assert.That(wanted, Is.InRange(WithoutPool + KiB.FromMiB(10), WithoutPool + KiB.FromMiB(90)));
        Assert.That((wanted - Sum(host)).Value, Is.InRange(0, 2 * KiB.PerPage), "to the page");
    }

    [Test]
    public void What_one_needs_out_of_the_pool_takes_nothing_from_what_another_is_entitled_to()
    {
        HostBuilder host = Host(2000, 300);
        KiB before = Of(host.Decide(), 2).Entitlement!.Value;
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Maximum = KiB.FromMiB(900) })] };
        Assert.That(Of(host.Decide(), 2).Entitlement, Is.GreaterThanOrEqualTo(before));
    }

    [TestCase(PolicyKind.Proportional)]
    [TestCase(PolicyKind.Shares)]
    public void A_policy_that_looks_at_no_need_leaves_the_pool_alone(PolicyKind policy)
    {
        HostBuilder host = Host(2000, 2000);
        host.Settings = host.Settings with { Policy = policy };
        Assert.That(Sum(host), Is.EqualTo(WithoutPool));
    }

    [Test]
    public void What_is_reserved_and_not_there_yet_is_nobodys_share()
    {
        HostBuilder host = Host(300, 200);
        host.Reserve(500);
        Assert.That(Sum(host), Is.EqualTo(WithoutPool - KiB.FromMiB(500)), "what is free already included: the pool is filled again");
    }

    [Test]
    public void A_reservation_takes_nobody_below_its_minimum()
    {
        HostBuilder host = Host(300, 200);
        host.Settings = host.Settings with { Defaults = new DomainSettings { Minimum = KiB.FromMiB(850) } };
        host.Reserve(300);
        Assert.That(Sum(host), Is.EqualTo(KiB.FromMiB(1700)));
    }

    [Test]
    public void What_is_guaranteed_goes_by_weight_alone_whatever_the_others_say_that_they_need()
    {
        DomainPass modest = Case(1, needMib: 500), greedy = Case(2, needMib: 4000);
        new Entitlements().Share([modest, greedy], KiB.FromMiB(1200), KiB.Zero, new BalancerSettings { IdleTax = 0.75 });
        Assert.That((modest.Guaranteed, greedy.Guaranteed), Is.EqualTo((KiB.FromMiB(600), KiB.FromMiB(600))));
        Assert.That(greedy.Entitlement, Is.GreaterThan(KiB.FromMiB(600)), "as things are it gets more");
    }

    private static DomainPass Case(int domid, long needMib)
    {
        var one = new DomainPass(new DomainHistory(new DomainIdentity(domid, Uuid(domid)), TimeSpan.Zero));
        var domain = new DomainSnapshot { Identity = one.Identity, Actual = KiB.FromMiB(600), Target = KiB.FromMiB(600), MaxMem = KiB.FromMiB(601) };
        one.Begin(domain, new BalancerSettings(), default);
        one.Upper = one.Claimable = KiB.FromMiB(4096);
        one.Need = one.Want = KiB.FromMiB(needMib);
        return one;
    }

    private static HostBuilder Host(long first, long second)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 2048).With(2, 900, 2048).WithFree(248);
        host.Settings = host.Settings with { Slack = KiB.FromMiB(48), KeepFree = KiB.FromMiB(200) };
        return host.Reports(1, first).Reports(2, second);
    }

    private static KiB Sum(HostBuilder host) => new(host.Decide().Domains.Sum(one => one.Entitlement!.Value.Value));
}
