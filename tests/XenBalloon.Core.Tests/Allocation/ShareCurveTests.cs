using CsCheck;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>Each policy's curve against what its source says of it.</summary>
public sealed class ShareCurveTests
{
    private const double Tax = 0.75;

    [Test]
    public void A_curve_is_the_policys_formula() =>
        Hosts.Any.Select(Gen.Double[0, 1e6]).Sample((host, level) => host.Domains.All(domain =>
        {
            // The formula's bounds are whole pages; the curve's are as they were given.
            ShareCurve curve = domain.Curve;
            double amount = Math.Clamp(curve.At(level), curve.Lower.CeilingToPage().Value, Math.Max(curve.Lower.CeilingToPage().Value, curve.Upper.FloorToPage().Value));
            return Math.Abs(amount - (double)(domain.PagesAt((decimal)level) * KiB.PerPage)) <= 1e-9 * (1 + amount);
        }));

    /// <summary>The paper's experiment (Waldspurger, OSDI 2002, figure 7): equal shares, 256 MB each, first without a tax, then with 75 %.</summary>
    [TestCase(0, 179, 179)]
    [TestCase(Tax, 102, 256)]
    public void Two_equal_domains_share_as_in_ESX_figure_7(double tax, long idleMib, long busyMib)
    {
        ShareCurve idle = ShareCurve.FairShare(1000, KiB.FromMiB(20), tax, KiB.Zero, KiB.FromMiB(256));
        ShareCurve busy = ShareCurve.FairShare(1000, KiB.FromMiB(250), tax, KiB.Zero, KiB.FromMiB(256));
        Assert.That(Solve(KiB.FromMiB(358), idle, busy), Is.EqualTo(new[] { KiB.FromMiB(idleMib), KiB.FromMiB(busyMib) }));
    }

    [Test]
    public void Where_no_bound_holds_the_busier_of_two_equal_domains_is_ahead_by_the_taxed_part_of_the_difference() =>
        Gen.Int[0, 99].Select(Gen.Int[0, 100], Gen.Int[0, 100]).Sample((percent, first, second) =>
        {
            double tax = percent / 100.0;
            ShareCurve[] curves = [.. new[] { first, second }.Select(mib => ShareCurve.FairShare(7, KiB.FromMiB(mib), tax, KiB.Zero, KiB.FromMiB(400)))];
            KiB[] shares = Solve(KiB.FromMiB(400), curves);
            return Math.Abs((shares[1] - shares[0]).Value - (tax * 1024 * (second - first))) <= 2 * KiB.PerPage;
        });

    [Test]
    public void Revoking_page_by_page_from_the_lowest_shares_per_page_comes_to_the_same_within_a_page_for_each_domain()
    {
        const int steps = 400;
        Gen<(int Weight, int Active)> domains = Gen.Select(Gen.Int[1, 20], Gen.Int[0, steps]);
        domains.Array[2, 6].Select(Gen.Int[0, 95], Gen.Int[10, 100]).Sample((all, taxPercent, filledPercent) =>
        {
            double tax = taxPercent / 100.0;
            int capacity = steps * all.Length * filledPercent / 100;
            int[] pages = MinFundingRevocation([.. all.Select(one => (double)one.Weight)], [.. all.Select(one => one.Active)], tax, steps, capacity);
            KiB[] shares = Solve(
                new KiB(KiB.PerPage * capacity),
                [.. all.Select(one => ShareCurve.FairShare(one.Weight, new KiB(KiB.PerPage * one.Active), tax, KiB.Zero, new KiB(KiB.PerPage * steps)))]);

            // Revocation stops at a level where each has up to a page less than its curve gives: so by the curves nobody has over a page more, which the others lack.
            return shares.Zip(pages, (share, left) => (share.Value / KiB.PerPage) - left).All(more => more <= 1 && more >= 1 - all.Length);
        });
    }

    [Test]
    public void Squeezed_gives_everyone_the_same_part_of_its_range()
    {
        KiB[] shares = Solve(
            KiB.FromMiB(3000),
            ShareCurve.Proportional(KiB.FromMiB(500), KiB.FromMiB(1500)),
            ShareCurve.Proportional(KiB.FromMiB(1000), KiB.FromMiB(4000)));
        Assert.That(shares, Is.EqualTo(new[] { KiB.FromMiB(875), KiB.FromMiB(2125) }), "γ = (3000 − 1500) / (1000 + 3000)");
    }

    /// <summary>The iterated cases of Proxmox' own tests: two domains from 1000 to 2000, shares 2000 and 1000, this much more than their minimums.</summary>
    [TestCase(180, 1120, 1060)]
    [TestCase(270, 1180, 1090)]
    [TestCase(900, 1600, 1300)]
    [TestCase(1800, 2000, 1800)]
    public void Proxmox_shares_out_what_is_above_the_minimums_by_weight(long more, long first, long second)
    {
        KiB[] shares = Solve(
            KiB.FromMiB(2000 + more),
            ShareCurve.Shares(2000, KiB.FromMiB(1000), KiB.FromMiB(2000)),
            ShareCurve.Shares(1000, KiB.FromMiB(1000), KiB.FromMiB(2000)));
        Assert.That(shares, Is.EqualTo(new[] { KiB.FromMiB(first), KiB.FromMiB(second) }));
    }

    [Test]
    public void A_fixed_amount_is_what_it_is_and_the_rest_is_for_the_others()
    {
        KiB[] shares = Solve(KiB.FromMiB(300), ShareCurve.Fixed(KiB.FromMiB(100)), ShareCurve.Shares(1, KiB.Zero, KiB.FromMiB(4096)));
        Assert.That(shares, Is.EqualTo(new[] { KiB.FromMiB(100), KiB.FromMiB(200) }));
    }

    [Test]
    public void A_range_without_a_whole_page_in_it_is_the_lower_bound_rounded_up()
    {
        KiB[] shares = Solve(KiB.FromMiB(1), ShareCurve.Proportional(new KiB(5), new KiB(7)), ShareCurve.Shares(1, KiB.Zero, KiB.FromMiB(4)));
        Assert.That(shares, Is.EqualTo(new[] { new KiB(8), KiB.FromMiB(1) - new KiB(8) }));
    }

    [TestCase(-0.1)]
    [TestCase(1.0)]
    [TestCase(double.NaN)]
    public void A_tax_outside_of_its_range_is_refused(double tax) =>
        Assert.That(() => ShareCurve.FairShare(1, KiB.Page, tax, KiB.Zero, KiB.Page), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [TestCase(0)]
    [TestCase(-1)]
    public void A_domain_without_weight_is_refused(int weight) => Assert.Multiple(() =>
    {
        Assert.That(() => ShareCurve.FairShare(weight, KiB.Page, 0, KiB.Zero, KiB.Page), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ShareCurve.Shares(weight, KiB.Zero, KiB.Page), Throws.InstanceOf<ArgumentOutOfRangeException>());
    });

    [Test]
    public void Bounds_below_zero_or_crossed_are_set_right()
    {
        ShareCurve[] curves =
        [
            ShareCurve.FairShare(1, -KiB.Page, 0, -KiB.Page, -KiB.Page), ShareCurve.Proportional(-KiB.Page, -KiB.Page),
            ShareCurve.Shares(1, -KiB.Page, -KiB.Page), ShareCurve.Fixed(-KiB.Page),
        ];
        Assert.That(curves.SelectMany(curve => new[] { curve.Lower, curve.Upper, new KiB((long)curve.At(5)) }), Is.All.EqualTo(KiB.Zero));
    }

    [Test]
    public void Less_than_no_active_memory_counts_as_none() =>
        Assert.That(ShareCurve.FairShare(1, -KiB.FromMiB(1), 0.5, KiB.Zero, KiB.FromMiB(1)).At(8), Is.EqualTo(4));

    private static KiB[] Solve(KiB capacity, params ShareCurve[] curves)
    {
        var shares = new KiB[curves.Length];
        new ShareSolver().Solve(curves, capacity, shares);
        return shares;
    }

    /// <summary>As in the paper: a page at a time from whoever pays the least, ρ = S / (P(f + k(1 − f))), f the part that is active, k = 1/(1 − τ).</summary>
    private static int[] MinFundingRevocation(double[] shares, int[] active, double tax, int start, int capacity)
    {
        int[] pages = [.. Enumerable.Repeat(start, shares.Length)];
        for (int total = start * shares.Length; total > capacity; total--)
        {
            int victim = Enumerable.Range(0, pages.Length).Where(i => pages[i] > 0).MinBy(Price);
            pages[victim]--;
        }

        return pages;

        double Price(int i)
        {
            double used = Math.Min(1, (double)active[i] / pages[i]), idleCost = 1 / (1 - tax);
            return shares[i] / (pages[i] * (used + (idleCost * (1 - used))));
        }
    }
}
