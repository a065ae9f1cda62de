using CsCheck;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>The properties of policy.md's equation, for random domains, policies and hosts.</summary>
public sealed class ShareSolverTests
{
    /// <summary>
    /// In pages: far more than the error of doubles at the largest sizes, far less than a difference that decides on a
    /// page.
    /// </summary>
    private const decimal Noise = 0.01m;

    [Test]
    public void Every_share_is_within_its_bounds_and_in_whole_pages() => RandomHosts.Any.Sample(host =>
        host.Domains.Zip(RandomHosts.Solve(host.Domains, host.Capacity)).All(claimant =>
            claimant.Second.Value >= claimant.First.LowerPages * KiB.PerPage
            && claimant.Second.Value <= claimant.First.UpperPages * KiB.PerPage
            && claimant.Second.Value % KiB.PerPage == 0));

    [Test]
    public void Whole_capacity_is_shared_out_to_the_page_unless_the_bounds_forbid_it() => RandomHosts.Any.Sample(host =>
    {
        long sum = RandomHosts.Solve(host.Domains, host.Capacity).Sum(share => share.Value) / KiB.PerPage;
        long lowest = host.Domains.Sum(domain => domain.LowerPages);
        long highest = host.Domains.Sum(domain => domain.UpperPages);
        return sum == Math.Max(lowest, Math.Min(highest, host.Capacity.FloorToPage().Value / KiB.PerPage));
    });

    [Test]
    public void Every_share_is_its_curve_at_one_level_rounded_by_largest_remainder() => RandomHosts.Any.Sample(host =>
    {
        decimal[] exact = ExactShares.Of(host.Domains, host.Capacity.FloorToPage().Value / KiB.PerPage);
        decimal[] gained =
        [
            .. RandomHosts.Solve(host.Domains, host.Capacity).Zip(
                exact, (share, amount) => (share.Value / KiB.PerPage) - amount),
        ];
        bool withinAPage = gained.All(pages => Math.Abs(pages) < 1 + Noise);

        // Rounding up gains 1 − r and rounding down loses r: their maximums add up to at most a page if no smaller r
        // was preferred.
        return withinAPage && gained.Max() - gained.Min() <= 1 + (2 * Noise);
    });

    [Test]
    public void Order_of_the_domains_changes_no_share_by_more_than_a_page() => RandomHosts.Any.Sample(host =>
    {
        KiB[] forward = RandomHosts.Solve(host.Domains, host.Capacity);
        KiB[] backward = RandomHosts.Solve(host.Domains.Reverse(), host.Capacity);
        return forward.Zip(backward.Reverse()).All(
            pair => Math.Abs(pair.First.Value - pair.Second.Value) <= KiB.PerPage);
    });

    [Test]
    public void Result_does_not_depend_on_earlier_results() =>
        RandomHosts.Any.Select(RandomHosts.Any).Sample((first, second) =>
    {
        var used = new ShareSolver();
        used.Solve([.. first.Domains.Select(domain => domain.Curve)], first.Capacity, new KiB[first.Domains.Length]);
        var shares = new KiB[second.Domains.Length];
        used.Solve([.. second.Domains.Select(domain => domain.Curve)], second.Capacity, shares);
        return shares.SequenceEqual(RandomHosts.Solve(second.Domains, second.Capacity));
    });

    [Test]
    public void More_memory_reduces_no_share_by_more_than_a_page() =>
        RandomHosts.Any.Select(Gen.OneOf(Gen.Long[0, 64], Gen.Long[0, 1L << 40])).Sample((host, more) =>
        {
            KiB[] before = RandomHosts.Solve(host.Domains, host.Capacity);
            KiB[] after = RandomHosts.Solve(host.Domains, host.Capacity + new KiB(more));
            return before.Zip(after).All(pair => pair.Second >= pair.First - KiB.Page);
        });

    [Test]
    public void Greater_weight_reduces_the_share_by_no_more_than_a_page() =>
        RandomHosts.Weighted.Select(Gen.Int[1, 5000]).Sample((host, more) =>
        {
            Claimant heavier = host.Domains[0] with { Weight = host.Domains[0].Weight + more };
            KiB before = RandomHosts.Solve(host.Domains, host.Capacity)[0];
            KiB after = RandomHosts.Solve([heavier, .. host.Domains[1..]], host.Capacity)[0];
            return after >= before - KiB.Page;
        });

    [Test]
    public void Lying_neighbours_cannot_take_the_fair_share_of_a_domain() => RandomHosts.FairShares.Sample(host =>
    {
        const long everything = 1L << 50;
        Claimant honest = host.Domains[0];
        Claimant[] liars = [.. host.Domains[1..].Select(domain => domain with { Active = everything })];
        KiB fairShare = RandomHosts.Solve([honest with { Active = everything }, .. liars], host.Capacity)[0];
        KiB guaranteed = KiB.Min(new KiB(honest.Active), fairShare) - KiB.Page;
        return RandomHosts.Solve(host.Domains, host.Capacity)[0] >= guaranteed
            && RandomHosts.Solve([honest, .. liars], host.Capacity)[0] >= guaranteed;
    });

    [Test]
    public void First_of_equal_domains_get_the_remaining_pages([Values(2, 7, 1000)] int count, [Values(1, 2)] int left)
    {
        Claimant domain = new(ClaimantPolicy.FairShare, 3, 1000, 75, 0, 1 << 20);
        KiB[] shares = RandomHosts.Solve(
            Enumerable.Repeat(domain, count), new KiB(KiB.PerPage * ((500L * count) + left)));
        Assert.That(
            shares, Is.EqualTo(Enumerable.Range(0, count).Select(i => new KiB(KiB.PerPage * (i < left ? 501 : 500)))));
    }

    [Test]
    public void Equal_remainders_of_unequal_domains_tie_despite_rounding_errors([Values] bool backward)
    {
        long[] lowers = backward ? [0, 1L << 36, 1L << 30, 12] : [12, 1L << 30, 1L << 36, 0];
        Claimant[] domains = [.. lowers.Select(lower => new Claimant(ClaimantPolicy.Shares, 7, 0, 0, lower, 1L << 40))];
        KiB[] shares = RandomHosts.Solve(domains, new KiB(lowers.Sum() + (KiB.PerPage * 4002)));
        Assert.That(
            shares.Zip(lowers, (share, lower) => (share.Value - lower) / KiB.PerPage),
            Is.EqualTo(new[] { 1001, 1001, 1000, 1000 }));
    }

    [Test]
    public void Remaining_page_goes_to_the_largest_remainder()
    {
        Claimant[] domains =
        [
            .. new[] { 20, 30, 50 }.Select(weight => new Claimant(ClaimantPolicy.Shares, weight, 0, 0, 0, 1 << 20)),
        ];
        Assert.That(
            RandomHosts.Solve(domains, new KiB(KiB.PerPage * 11)),
            Is.EqualTo(new KiB[] { new(8), new(12), new(24) }),
            "2.2, 3.3 and 5.5 pages");
    }

    [Test]
    public void Bounds_and_sum_hold_where_doubles_are_too_coarse_for_the_level(
        [Range(1, 8)] int size, [Values(-1, 1)] int more)
    {
        // Doubles are too coarse for fractions of a page in the sum of such large shares, and the small curves, all
        // full, come first in every tie.
        const int count = 15_000;
        Claimant full = new(ClaimantPolicy.Shares, 1, 0, 0, 0, 4 * KiB.PerPage);
        Claimant great = new(ClaimantPolicy.FairShare, 3, 0, 50, 0, 1L << 40);
        Claimant[] domains = [.. Enumerable.Repeat(full, count), .. Enumerable.Repeat(great, count)];
        long pages = (count * ((1L << 38) - (1001L * size) + 4)) + more;
        KiB[] shares = RandomHosts.Solve(domains, new KiB(KiB.PerPage * pages));
        Assert.Multiple(() =>
        {
            Assert.That(shares.Take(count), Is.All.EqualTo(new KiB(4 * KiB.PerPage)));
            Assert.That(shares.Sum(share => share.Value / KiB.PerPage), Is.EqualTo(pages));
        });
    }

    [Test]
    public void No_curves_give_no_shares() =>
        Assert.That(new ShareSolver().Solve([], KiB.FromMiB(1), []), Is.EqualTo(double.PositiveInfinity));

    [Test]
    public void Level_is_where_the_curves_add_up_and_is_extreme_at_the_bounds()
    {
        ShareCurve[] curves =
        [
            ShareCurve.Shares(3, KiB.Page, KiB.FromMiB(4)),
            ShareCurve.Shares(1, KiB.Zero, KiB.FromMiB(4)),
        ];
        var shares = new KiB[2];
        var solver = new ShareSolver();
        Assert.Multiple(() =>
        {
            Assert.That(solver.Solve(curves, new KiB(404), shares), Is.EqualTo(100).Within(1e-4));
            Assert.That(solver.Solve(curves, KiB.Zero, shares), Is.Zero);
            Assert.That(solver.Solve(curves, KiB.FromMiB(8), shares), Is.EqualTo(double.PositiveInfinity));
        });
    }

    [Test]
    public void Spans_of_different_lengths_are_refused() =>
        Assert.That(
            () => new ShareSolver().Solve([ShareCurve.Fixed(KiB.Page)], KiB.Page, []), Throws.ArgumentException);

    [Test]
    public void Solver_allocates_nothing_once_it_has_solved_for_as_many_curves()
    {
        ShareCurve[] curves =
        [
            .. Enumerable.Range(1, 1000).Select(
                i => ShareCurve.FairShare(i, new KiB(i * 999), 0.75, KiB.Zero, new KiB(i * 2222))),
        ];
        var shares = new KiB[curves.Length];
        var solver = new ShareSolver();
        solver.Solve(curves, KiB.FromMiB(512), shares);
        long before = GC.GetAllocatedBytesForCurrentThread();
        solver.Solve(curves, KiB.FromMiB(700), shares);
        solver.Solve(curves.AsSpan(0, 100), KiB.FromMiB(5), shares.AsSpan(0, 100));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
}

/// <summary>Each policy's curve compared with its source.</summary>
public sealed class ShareCurveTests
{
    private const double Tax = 0.75;

    [Test]
    public void Curve_equals_the_formula_of_its_policy() =>
        RandomHosts.Any.Select(Gen.Double[0, 1e6]).Sample((host, level) => host.Domains.All(domain =>
        {
            // The formula's bounds are whole pages; the curve's are as given.
            ShareCurve curve = domain.Curve;
            double amount = Math.Clamp(
                curve.At(level),
                curve.Lower.CeilingToPage().Value,
                Math.Max(curve.Lower.CeilingToPage().Value, curve.Upper.FloorToPage().Value));
            return Math.Abs(amount - (double)(domain.PagesAt((decimal)level) * KiB.PerPage)) <= 1e-9 * (1 + amount);
        }));

    /// <summary>
    /// The experiment of the paper (Waldspurger, OSDI 2002, figure 7): equal shares, 256 MB each, without a tax and
    /// with 75 %.
    /// </summary>
    [TestCase(0, 179, 179)]
    [TestCase(Tax, 102, 256)]
    public void Two_equal_domains_share_as_in_ESX_figure_7(double tax, long idleMib, long busyMib)
    {
        ShareCurve idle = ShareCurve.FairShare(1000, KiB.FromMiB(20), tax, KiB.Zero, KiB.FromMiB(256));
        ShareCurve busy = ShareCurve.FairShare(1000, KiB.FromMiB(250), tax, KiB.Zero, KiB.FromMiB(256));
        Assert.That(
            Solve(KiB.FromMiB(358), idle, busy), Is.EqualTo(new[] { KiB.FromMiB(idleMib), KiB.FromMiB(busyMib) }));
    }

    [Test]
    public void Busier_of_two_equal_domains_leads_by_the_taxed_fraction_of_the_difference() =>
        Gen.Int[0, 99].Select(Gen.Int[0, 100], Gen.Int[0, 100]).Sample((percent, first, second) =>
        {
            double tax = percent / 100.0;
            ShareCurve[] curves =
            [
                .. new[] { first, second }.Select(
                    mib => ShareCurve.FairShare(7, KiB.FromMiB(mib), tax, KiB.Zero, KiB.FromMiB(400))),
            ];
            KiB[] shares = Solve(KiB.FromMiB(400), curves);
            return Math.Abs((shares[1] - shares[0]).Value - (tax * 1024 * (second - first))) <= 2 * KiB.PerPage;
        });

    [Test]
    public void Revocation_page_by_page_gives_the_same_shares_within_a_page_per_domain()
    {
        const int steps = 400;
        Gen<(int Weight, int Active)> domains = Gen.Select(Gen.Int[1, 20], Gen.Int[0, steps]);
        domains.Array[2, 6].Select(Gen.Int[0, 95], Gen.Int[10, 100]).Sample((all, taxPercent, filledPercent) =>
        {
            double tax = taxPercent / 100.0;
            int capacity = steps * all.Length * filledPercent / 100;
            int[] pages = MinFundingRevocation(
                [.. all.Select(claimant => (double)claimant.Weight)], [.. all.Select(claimant => claimant.Active)], tax,
                    steps, capacity);
            KiB[] shares = Solve(
                new KiB(KiB.PerPage * capacity),
                [
                    .. all.Select(
                        claimant =>
                            ShareCurve.FairShare(
                                claimant.Weight,
                                new KiB(KiB.PerPage * claimant.Active),
                                tax,
                                KiB.Zero,
                                new KiB(KiB.PerPage * steps))),
                ]);

            // Revocation stops at a level at which each domain has up to a page less than its curve gives, so no domain
            // exceeds its curve by more than a page.
            return shares.Zip(pages, (share, left) => (share.Value / KiB.PerPage) - left).All(
                more => more <= 1 && more >= 1 - all.Length);
        });
    }

    [Test]
    public void Squeezed_gives_each_domain_the_same_fraction_of_its_range()
    {
        KiB[] shares = Solve(
            KiB.FromMiB(3000),
            ShareCurve.Proportional(KiB.FromMiB(500), KiB.FromMiB(1500)),
            ShareCurve.Proportional(KiB.FromMiB(1000), KiB.FromMiB(4000)));
        Assert.That(
            shares, Is.EqualTo(new[] { KiB.FromMiB(875), KiB.FromMiB(2125) }), "γ = (3000 − 1500) / (1000 + 3000)");
    }

    /// <summary>
    /// The iterated cases of Proxmox' tests: two domains from 1000 to 2000, shares 2000 and 1000, and this much above
    /// their minimums.
    /// </summary>
    [TestCase(180, 1120, 1060)]
    [TestCase(270, 1180, 1090)]
    [TestCase(900, 1600, 1300)]
    [TestCase(1800, 2000, 1800)]
    public void Proxmox_shares_memory_above_the_minimums_by_weight(long more, long first, long second)
    {
        KiB[] shares = Solve(
            KiB.FromMiB(2000 + more),
            ShareCurve.Shares(2000, KiB.FromMiB(1000), KiB.FromMiB(2000)),
            ShareCurve.Shares(1000, KiB.FromMiB(1000), KiB.FromMiB(2000)));
        Assert.That(shares, Is.EqualTo(new[] { KiB.FromMiB(first), KiB.FromMiB(second) }));
    }

    [Test]
    public void Fixed_amount_is_constant_and_the_rest_goes_to_the_others()
    {
        KiB[] shares = Solve(
            KiB.FromMiB(300), ShareCurve.Fixed(KiB.FromMiB(100)), ShareCurve.Shares(1, KiB.Zero, KiB.FromMiB(4096)));
        Assert.That(shares, Is.EqualTo(new[] { KiB.FromMiB(100), KiB.FromMiB(200) }));
    }

    [Test]
    public void Range_without_a_whole_page_is_the_lower_bound_rounded_up()
    {
        KiB[] shares = Solve(
            KiB.FromMiB(1),
            ShareCurve.Proportional(new KiB(5), new KiB(7)),
            ShareCurve.Shares(1, KiB.Zero, KiB.FromMiB(4)));
        Assert.That(shares, Is.EqualTo(new[] { new KiB(8), KiB.FromMiB(1) - new KiB(8) }));
    }

    [TestCase(-0.1)]
    [TestCase(1.0)]
    [TestCase(double.NaN)]
    public void Tax_out_of_range_is_refused(double tax) =>
        Assert.That(
            () => ShareCurve.FairShare(1, KiB.Page, tax, KiB.Zero, KiB.Page),
            Throws.InstanceOf<ArgumentOutOfRangeException>());

    [TestCase(0)]
    [TestCase(-1)]
    public void Weight_that_is_not_positive_is_refused(int weight) => Assert.Multiple(() =>
    {
        Assert.That(
            () => ShareCurve.FairShare(weight, KiB.Page, 0, KiB.Zero, KiB.Page),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => ShareCurve.Shares(weight, KiB.Zero, KiB.Page), Throws.InstanceOf<ArgumentOutOfRangeException>());
    });

    [Test]
    public void Negative_or_crossed_bounds_are_corrected()
    {
        ShareCurve[] curves =
        [
            ShareCurve.FairShare(1, -KiB.Page, 0, -KiB.Page, -KiB.Page), ShareCurve.Proportional(-KiB.Page, -KiB.Page),
            ShareCurve.Shares(1, -KiB.Page, -KiB.Page), ShareCurve.Fixed(-KiB.Page),
        ];
        Assert.That(
            curves.SelectMany(curve => new[] { curve.Lower, curve.Upper, new KiB((long)curve.At(5)) }),
            Is.All.EqualTo(KiB.Zero));
    }

    [Test]
    public void Negative_active_memory_counts_as_zero() =>
        Assert.That(ShareCurve.FairShare(1, -KiB.FromMiB(1), 0.5, KiB.Zero, KiB.FromMiB(1)).At(8), Is.EqualTo(4));

    private static KiB[] Solve(KiB capacity, params ShareCurve[] curves)
    {
        var shares = new KiB[curves.Length];
        new ShareSolver().Solve(curves, capacity, shares);
        return shares;
    }

    /// <summary>
    /// As in the paper: one page at a time from the domain with the least ρ = S / (P(f + k(1 − f))), with active
    /// fraction f and k = 1/(1 − τ).
    /// </summary>
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
