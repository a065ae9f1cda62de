using CsCheck;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>The properties of policy.md's equation, for any domains, policies and host.</summary>
public sealed class ShareSolverTests
{
    /// <summary>In pages: far more than doubles err by at the greatest sizes tried, far less than what decides who gets a page.</summary>
    private const decimal Noise = 0.01m;

    [Test]
    public void Every_domain_stays_within_its_bounds_and_has_whole_pages() => Hosts.Any.Sample(host =>
        host.Domains.Zip(Hosts.Solve(host.Domains, host.Capacity)).All(one =>
            one.Second.Value >= one.First.LowerPages * KiB.PerPage
            && one.Second.Value <= one.First.UpperPages * KiB.PerPage
            && one.Second.Value % KiB.PerPage == 0));

    [Test]
    public void All_that_there_is_is_given_out_to_the_page_unless_the_bounds_forbid_it() => Hosts.Any.Sample(host =>
    {
        long sum = Hosts.Solve(host.Domains, host.Capacity).Sum(share => share.Value) / KiB.PerPage;
        long lowest = host.Domains.Sum(domain => domain.LowerPages), highest = host.Domains.Sum(domain => domain.UpperPages);
        return sum == Math.Max(lowest, Math.Min(highest, host.Capacity.FloorToPage().Value / KiB.PerPage));
    });

    [Test]
    public void Every_share_is_its_curve_at_one_level_rounded_by_largest_remainder() => Hosts.Any.Sample(host =>
    {
        decimal[] exact = ExactShares.Of(host.Domains, host.Capacity.FloorToPage().Value / KiB.PerPage);
        decimal[] gained = [.. Hosts.Solve(host.Domains, host.Capacity).Zip(exact, (share, amount) => (share.Value / KiB.PerPage) - amount)];
        bool withinAPage = gained.All(pages => Math.Abs(pages) < 1 + Noise);

        // Who is rounded up gains 1 − r, who is rounded down loses r: the greatest of both are less than a page apart if no smaller r was preferred.
        return withinAPage && gained.Max() - gained.Min() <= 1 + (2 * Noise);
    });

    [Test]
    public void The_order_of_the_domains_does_not_matter_beyond_a_last_page() => Hosts.Any.Sample(host =>
    {
        KiB[] forward = Hosts.Solve(host.Domains, host.Capacity), backward = Hosts.Solve(host.Domains.Reverse(), host.Capacity);
        return forward.Zip(backward.Reverse()).All(pair => Math.Abs(pair.First.Value - pair.Second.Value) <= KiB.PerPage);
    });

    [Test]
    public void What_was_solved_before_does_not_change_a_result() => Hosts.Any.Select(Hosts.Any).Sample((first, second) =>
    {
        var used = new ShareSolver();
        used.Solve([.. first.Domains.Select(domain => domain.Curve)], first.Capacity, new KiB[first.Domains.Length]);
        var shares = new KiB[second.Domains.Length];
        used.Solve([.. second.Domains.Select(domain => domain.Curve)], second.Capacity, shares);
        return shares.SequenceEqual(Hosts.Solve(second.Domains, second.Capacity));
    });

    [Test]
    public void More_memory_never_gives_anyone_less_beyond_a_last_page() =>
        Hosts.Any.Select(Gen.OneOf(Gen.Long[0, 64], Gen.Long[0, 1L << 40])).Sample((host, more) =>
        {
            KiB[] before = Hosts.Solve(host.Domains, host.Capacity), after = Hosts.Solve(host.Domains, host.Capacity + new KiB(more));
            return before.Zip(after).All(pair => pair.Second >= pair.First - KiB.Page);
        });

    [Test]
    public void A_greater_weight_never_gives_less_beyond_a_last_page() =>
        Hosts.Weighted.Select(Gen.Int[1, 5000]).Sample((host, more) =>
        {
            Claimant heavier = host.Domains[0] with { Weight = host.Domains[0].Weight + more };
            return Hosts.Solve([heavier, .. host.Domains[1..]], host.Capacity)[0] >= Hosts.Solve(host.Domains, host.Capacity)[0] - KiB.Page;
        });

    [Test]
    public void Lying_neighbours_cannot_take_a_domains_fair_share() => Hosts.FairShares.Sample(host =>
    {
        const long everything = 1L << 50;
        Claimant honest = host.Domains[0];
        Claimant[] liars = [.. host.Domains[1..].Select(domain => domain with { Active = everything })];
        KiB fairShare = Hosts.Solve([honest with { Active = everything }, .. liars], host.Capacity)[0];
        KiB guaranteed = KiB.Min(new KiB(honest.Active), fairShare) - KiB.Page;
        return Hosts.Solve(host.Domains, host.Capacity)[0] >= guaranteed && Hosts.Solve([honest, .. liars], host.Capacity)[0] >= guaranteed;
    });

    [Test]
    public void Of_equal_domains_the_first_get_the_pages_left_over([Values(2, 7, 1000)] int count, [Values(1, 2)] int left)
    {
        Claimant domain = new(ClaimantPolicy.FairShare, 3, 1000, 75, 0, 1 << 20);
        KiB[] shares = Hosts.Solve(Enumerable.Repeat(domain, count), new KiB(KiB.PerPage * ((500L * count) + left)));
        Assert.That(shares, Is.EqualTo(Enumerable.Range(0, count).Select(i => new KiB(KiB.PerPage * (i < left ? 501 : 500)))));
    }

    [Test]
    public void Equal_remainders_of_unequal_domains_tie_whatever_the_rounding_of_doubles([Values] bool backward)
    {
        long[] lowers = backward ? [0, 1L << 36, 1L << 30, 12] : [12, 1L << 30, 1L << 36, 0];
        Claimant[] domains = [.. lowers.Select(lower => new Claimant(ClaimantPolicy.Shares, 7, 0, 0, lower, 1L << 40))];
        KiB[] shares = Hosts.Solve(domains, new KiB(lowers.Sum() + (KiB.PerPage * 4002)));
        Assert.That(shares.Zip(lowers, (share, lower) => (share.Value - lower) / KiB.PerPage), Is.EqualTo(new[] { 1001, 1001, 1000, 1000 }));
    }

    [Test]
    public void The_page_left_over_goes_to_the_largest_remainder()
    {
        Claimant[] domains = [.. new[] { 20, 30, 50 }.Select(weight => new Claimant(ClaimantPolicy.Shares, weight, 0, 0, 0, 1 << 20))];
        Assert.That(Hosts.Solve(domains, new KiB(KiB.PerPage * 11)), Is.EqualTo(new KiB[] { new(8), new(12), new(24) }), "2.2, 3.3 and 5.5 pages");
    }

    [Test]
    public void Bounds_and_sum_hold_where_doubles_are_too_coarse_for_the_level([Range(1, 8)] int size, [Values(-1, 1)] int more)
    {
        // The sum of so many so great shares has no double for its parts of a page, and the small ones, all full, come first in every tie.
        const int count = 15_000;
        Claimant full = new(ClaimantPolicy.Shares, 1, 0, 0, 0, 4 * KiB.PerPage), great = new(ClaimantPolicy.FairShare, 3, 0, 50, 0, 1L << 40);
        Claimant[] domains = [.. Enumerable.Repeat(full, count), .. Enumerable.Repeat(great, count)];
        long pages = (count * ((1L << 38) - (1001L * size) + 4)) + more;
        KiB[] shares = Hosts.Solve(domains, new KiB(KiB.PerPage * pages));
        Assert.Multiple(() =>
        {
            Assert.That(shares.Take(count), Is.All.EqualTo(new KiB(4 * KiB.PerPage)));
            Assert.That(shares.Sum(share => share.Value / KiB.PerPage), Is.EqualTo(pages));
        });
    }

    [Test]
    public void Nobody_to_share_with_leaves_nothing_to_do() =>
        Assert.That(new ShareSolver().Solve([], KiB.FromMiB(1), []), Is.EqualTo(double.PositiveInfinity));

    [Test]
    public void The_level_says_where_the_curves_add_up_and_is_extreme_at_the_bounds()
    {
        ShareCurve[] curves = [ShareCurve.Shares(3, KiB.Page, KiB.FromMiB(4)), ShareCurve.Shares(1, KiB.Zero, KiB.FromMiB(4))];
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
    public void Less_room_for_shares_than_there_are_curves_is_refused() =>
        Assert.That(() => new ShareSolver().Solve([ShareCurve.Fixed(KiB.Page)], KiB.Page, []), Throws.ArgumentException);

    [Test]
    public void A_solver_that_has_solved_for_as_many_allocates_nothing()
    {
        ShareCurve[] curves = [.. Enumerable.Range(1, 1000).Select(i => ShareCurve.FairShare(i, new KiB(i * 999), 0.75, KiB.Zero, new KiB(i * 2222)))];
        var shares = new KiB[curves.Length];
        var solver = new ShareSolver();
        solver.Solve(curves, KiB.FromMiB(512), shares);
        long before = GC.GetAllocatedBytesForCurrentThread();
        solver.Solve(curves, KiB.FromMiB(700), shares);
        solver.Solve(curves.AsSpan(0, 100), KiB.FromMiB(5), shares.AsSpan(0, 100));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
}
