using CsCheck;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>The properties of policy.md's equation, for any domains and any host.</summary>
public sealed class FairShareSolverTests
{
    private static readonly Gen<ShareCurve> Curves =
        from weight in Gen.Int[1, 10_000]
        from active in Gen.Long[0, 64L << 20]
        from lower in Gen.Long[0, 16L << 20]
        from range in Gen.Long[0, 48L << 20]
        select new ShareCurve(weight, new KiB(active), new KiB(lower), new KiB(lower + range));

    private static readonly Gen<(ShareCurve[] Curves, KiB Capacity, double Tax)> Hosts =
        from curves in Curves.Array[1, 40]
        from capacity in Gen.Long[0, 2L << 30]
        from tax in Gen.Double[0, 0.99]
        select (curves, new KiB(capacity), tax);

    [Test]
    public void Every_domain_stays_within_its_bounds() => Hosts.Sample(host =>
    {
        KiB[] shares = Solve(host.Curves, host.Capacity, host.Tax);
        return host.Curves.Zip(shares).All(one =>
            one.Second >= one.First.Lower.CeilingToPage()
            && one.Second <= KiB.Max(one.First.Lower.CeilingToPage(), one.First.Upper.FloorToPage())
            && one.Second.Value % KiB.PerPage == 0);
    });

    [Test]
    public void All_that_there_is_is_given_out_to_the_page_unless_the_bounds_forbid_it() => Hosts.Sample(host =>
    {
        long sum = Solve(host.Curves, host.Capacity, host.Tax).Sum(share => share.Value);
        long lowest = host.Curves.Sum(curve => curve.Lower.CeilingToPage().Value);
        long highest = host.Curves.Sum(curve => KiB.Max(curve.Lower.CeilingToPage(), curve.Upper.FloorToPage()).Value);
        return sum == Math.Max(lowest, Math.Min(highest, host.Capacity.FloorToPage().Value));
    });

    [Test]
    public void The_order_of_the_domains_does_not_matter_beyond_a_last_page() => Hosts.Sample(host =>
    {
        KiB[] forward = Solve(host.Curves, host.Capacity, host.Tax);
        KiB[] backward = [.. Solve([.. host.Curves.Reverse()], host.Capacity, host.Tax).Reverse()];
        return forward.Zip(backward).All(pair => Math.Abs(pair.First.Value - pair.Second.Value) <= KiB.PerPage);
    });

    [Test]
    public void More_memory_never_gives_anyone_less_beyond_a_last_page() =>
        Hosts.Select(Gen.Long[0, 1L << 30]).Sample((host, more) =>
        {
            KiB[] before = Solve(host.Curves, host.Capacity, host.Tax), after = Solve(host.Curves, host.Capacity + new KiB(more), host.Tax);
            return before.Zip(after).All(pair => pair.Second >= pair.First - KiB.Page);
        });

    [Test]
    public void A_greater_weight_never_gives_less_beyond_a_last_page() =>
        Hosts.Select(Gen.Int[1, 5000]).Sample((host, more) =>
        {
            KiB before = Solve(host.Curves, host.Capacity, host.Tax)[0];
            ShareCurve[] heavier = [host.Curves[0] with { Weight = host.Curves[0].Weight + more }, .. host.Curves[1..]];
            return Solve(heavier, host.Capacity, host.Tax)[0] >= before - KiB.Page;
        });

    [Test]
    public void Lying_neighbours_cannot_take_a_domains_fair_share() =>
        Hosts.Sample(host =>
        {
            KiB honest = Solve(host.Curves, host.Capacity, host.Tax)[0];
            ShareCurve[] liars = [.. host.Curves.Select((curve, i) => i == 0 ? curve : curve with { Active = KiB.FromMiB(1L << 40) })];
            ShareCurve[] greedy = [.. liars.Select(curve => curve with { Active = KiB.FromMiB(1L << 40) })];
            KiB fairShare = Solve(greedy, host.Capacity, host.Tax)[0];
            KiB guaranteed = KiB.Min(host.Curves[0].Active, fairShare);
            return honest >= guaranteed - KiB.Page && Solve(liars, host.Capacity, host.Tax)[0] >= guaranteed - KiB.Page;
        });

    [Test]
    public void Without_a_tax_equal_weights_share_equally_as_in_ESX_figure_7()
    {
        ShareCurve idle = new(100, KiB.FromMiB(10), KiB.Zero, KiB.FromMiB(256)), busy = idle with { Active = KiB.FromMiB(250) };
        Assert.That(Solve([idle, busy], KiB.FromMiB(358), 0), Is.EqualTo(new[] { KiB.FromMiB(179), KiB.FromMiB(179) }));
    }

    [Test]
    public void The_tax_moves_its_part_of_the_difference_in_active_memory_to_the_busier()
    {
        ShareCurve idle = new(100, KiB.FromMiB(40), KiB.Zero, KiB.FromMiB(400)), busy = idle with { Active = KiB.FromMiB(140) };
        KiB[] shares = Solve([idle, busy], KiB.FromMiB(400), 0.75);
        Assert.That((shares[1] - shares[0]).Value, Is.EqualTo(KiB.FromMiB(75).Value).Within(8));
    }

    [TestCase(-0.1)]
    [TestCase(1.0)]
    public void A_tax_outside_of_its_range_is_refused(double tax) =>
        Assert.That(() => Solve([new ShareCurve(1, KiB.Page, KiB.Zero, KiB.Page)], KiB.Page, tax), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void A_domain_without_weight_is_refused() =>
        Assert.That(() => Solve([new ShareCurve(0, KiB.Page, KiB.Zero, KiB.Page)], KiB.Page, 0), Throws.ArgumentException);

    private static KiB[] Solve(ShareCurve[] curves, KiB capacity, double tax)
    {
        var shares = new KiB[curves.Length];
        FairShareSolver.Solve(curves, capacity, tax, shares);
        return shares;
    }
}
