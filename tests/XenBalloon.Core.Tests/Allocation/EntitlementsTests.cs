using XenBalloon.Core.Allocation;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>
/// Entitlements on a host of 2 GiB with two domains of 900 MiB, a slack of 48 MiB and a pool of 200 MiB.
/// </summary>
public sealed class EntitlementsTests
{
    private static readonly KiB WithoutPool = KiB.FromMiB(2048 - 48 - 200);

    [Test]
    public void Pool_is_not_shared_out_while_no_domain_lacks_memory() =>
        Assert.That(Sum(Host(300, 200)), Is.EqualTo(WithoutPool));

    [Test]
    public void Need_beyond_the_capacity_may_use_the_whole_pool() =>
        Assert.That(Sum(Host(2000, 2000)), Is.EqualTo(WithoutPool + KiB.FromMiB(200)));

    [Test]
    public void Need_and_headroom_use_no_more_of_the_pool_than_required()
    {
        HostBuilder host = Host(674, 674);
        KiB wanted = new(host.Decide().Domains.Sum(participant => participant.Demand!.Value.Want.Value));
        Assert.That(wanted, Is.InRange(WithoutPool + KiB.FromMiB(10), WithoutPool + KiB.FromMiB(90)));
        Assert.That((wanted - Sum(host)).Value, Is.InRange(0, 2 * KiB.PerPage), "to the page");
    }

    [Test]
    public void Need_met_from_the_pool_does_not_reduce_another_entitlement()
    {
        HostBuilder host = Host(2000, 300);
        KiB before = Of(host.Decide(), 2).Entitlement!.Value;
        host.Settings = host.Settings with
        {
            Rules = [new DomainRule("g1", new DomainSettings { Maximum = KiB.FromMiB(900) })],
        };
        Assert.That(Of(host.Decide(), 2).Entitlement, Is.GreaterThanOrEqualTo(before));
    }

    [TestCase(PolicyKind.Proportional)]
    [TestCase(PolicyKind.Shares)]
    public void Policy_that_ignores_need_does_not_use_the_pool(PolicyKind policy)
    {
        HostBuilder host = Host(2000, 2000);
        host.Settings = host.Settings with { Policy = policy };
        Assert.That(Sum(host), Is.EqualTo(WithoutPool));
    }

    [Test]
    public void Reserved_memory_that_is_not_free_yet_is_not_shared_out()
    {
        HostBuilder host = Host(300, 200);
        host.Reserve(500);
        Assert.That(
            Sum(host),
            Is.EqualTo(WithoutPool - KiB.FromMiB(500)),
            "including free memory: the pool is refilled");
    }

    [Test]
    public void Reservation_reduces_no_domain_below_its_minimum()
    {
        HostBuilder host = Host(300, 200);
        host.Settings = host.Settings with { Defaults = new DomainSettings { Minimum = KiB.FromMiB(850) } };
        host.Reserve(300);
        Assert.That(Sum(host), Is.EqualTo(KiB.FromMiB(1700)));
    }

    [Test]
    public void Guaranteed_share_depends_on_weights_only_whatever_other_domains_claim()
    {
        DomainPass modest = Case(1, needMib: 500), greedy = Case(2, needMib: 4000);
        new Entitlements().Share(
            [modest, greedy], KiB.FromMiB(1200), KiB.Zero, new BalancerSettings { IdleTax = 0.75 });
        Assert.That((modest.Guaranteed, greedy.Guaranteed), Is.EqualTo((KiB.FromMiB(600), KiB.FromMiB(600))));
        Assert.That(greedy.Entitlement, Is.GreaterThan(KiB.FromMiB(600)), "its entitlement is greater");
    }

    private static DomainPass Case(int domid, long needMib)
    {
        var participant = new DomainPass(new DomainHistory(new DomainIdentity(domid, Uuid(domid)), TimeSpan.Zero));
        var domain = new DomainSnapshot
        {
            Identity = participant.Identity,
            Actual = KiB.FromMiB(600),
            Target = KiB.FromMiB(600),
            MaxMem = KiB.FromMiB(601),
        };
        participant.Begin(domain, new BalancerSettings(), default);
        participant.Upper = participant.Claimable = KiB.FromMiB(4096);
        participant.Need = participant.Want = KiB.FromMiB(needMib);
        return participant;
    }

    private static HostBuilder Host(long first, long second)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 2048).With(2, 900, 2048).WithFree(248);
        host.Settings = host.Settings with { Slack = KiB.FromMiB(48), KeepFree = KiB.FromMiB(200) };
        return host.Reports(1, first).Reports(2, second);
    }

    private static KiB Sum(HostBuilder host) =>
        new(host.Decide().Domains.Sum(participant => participant.Entitlement!.Value.Value));
}
