using XenBalloon.Core.Allocation;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>What goes before what where there is not enough for all; the pool is nothing where nothing is said.</summary>
public sealed class TierTests
{
    private static readonly Part Idle = new() { Need = 100 };

    [Test]
    public void Need_within_a_guaranteed_share_goes_before_what_a_neighbour_dies_without() =>
        Assert.That(Share(1200, new() { Need = 600 }, new() { Need = 2000, Boot = 2000, HasSwap = false }), Is.EqualTo(new[] { 600, 600 }));

    [Test]
    public void A_guest_without_swap_has_what_it_needs_beyond_its_share_before_others_do() =>
        Assert.That(Share(1800, new() { Need = 900, Boot = 900, HasSwap = false }, new() { Need = 900 }, Idle), Is.EqualTo(new[] { 900, 800, 100 }));

    [TestCase(500, 500)]
    [TestCase(900, 600)]
    public void A_guest_without_swap_has_what_it_booted_with_before_others_need_within_its_share(int boot, int share) =>
        Assert.That(Share(1200, Idle with { Boot = boot, HasSwap = false }, new() { Need = 2000 }), Is.EqualTo(new[] { share, 1200 - share }));

    [Test]
    public void What_a_guest_with_swap_booted_with_goes_after_others_need() =>
        Assert.That(Share(1200, Idle with { Boot = 500 }, new() { Need = 2000 }), Is.EqualTo(new[] { 100, 1100 }));

    [TestCase(500, 500)]
    [TestCase(900, 600)]
    public void What_a_guest_that_reports_seldom_may_need_goes_before_others_need_within_its_share(int coming, int share)
    {
        Part seldom = Idle with { Coming = coming, ReportsSeldom = true };
        Assert.That(Share(1200, seldom, new() { Need = 2000 }), Is.EqualTo(new[] { share, 1200 - share }));
    }

    [Test]
    public void A_guest_that_reports_often_needs_no_such_room() =>
        Assert.That(Share(1200, Idle with { Coming = 500, Boot = 900 }, new() { Need = 2000 }), Is.EqualTo(new[] { 100, 1100 }));

    [Test]
    public void What_a_guest_without_swap_booted_with_goes_before_room_for_one_that_reports_seldom()
    {
        Part swapless = Idle with { Boot = 500, HasSwap = false }, seldom = Idle with { Coming = 600, ReportsSeldom = true };
        Assert.That(Share(1350, swapless, seldom, new() { Need = 450 }), Is.EqualTo(new[] { 450, 450, 450 }));
        Assert.That(Share(1350, swapless with { Weight = 110 }, seldom, new() { Need = 450 })[0], Is.GreaterThan(470));
    }

    [Test]
    public void Present_need_goes_before_a_neighbours_growth() =>
        Assert.That(Share(1200, Idle with { Coming = 600 }, new() { Need = 1000 }), Is.EqualTo(new[] { 200, 1000 }));

    [Test]
    public void Present_need_goes_before_a_neighbours_headroom() =>
        Assert.That(Share(1200, Idle with { Want = 600 }, new() { Need = 1000 }), Is.EqualTo(new[] { 200, 1000 }));

    [Test]
    public void Present_need_goes_before_a_neighbours_recent_peak() =>
        Assert.That(Share(1200, Idle with { Kept = 900 }, new() { Need = 900 }), Is.EqualTo(new[] { 300, 900 }));

    [Test]
    public void Growth_within_its_share_goes_before_a_neighbours_headroom() =>
        Assert.That(Share(1200, new() { Need = 300, Coming = 500 }, new() { Need = 700, Want = 1000 }, Idle), Is.EqualTo(new[] { 400, 700, 100 }));

    [Test]
    public void Growth_beyond_its_share_waits_until_a_neighbour_has_its_headroom() =>
        Assert.That(Share(1200, new() { Need = 300, Coming = 900 }, new() { Need = 600, Want = 700 }, Idle), Is.EqualTo(new[] { 400, 700, 100 }));

    [Test]
    public void Headroom_goes_before_a_neighbours_recent_peak() =>
        Assert.That(Share(900, new() { Need = 400, Want = 500 }, new() { Need = 400, Kept = 800 }), Is.EqualTo(new[] { 500, 400 }));

    [Test]
    public void A_recent_peak_goes_before_what_a_neighbour_could_use_as_cache() =>
        Assert.That(Share(1200, Idle with { Kept = 800 }, Idle, tax: 0), Is.EqualTo(new[] { 800, 400 }));

    [Test]
    public void What_a_guest_booted_with_goes_before_what_a_neighbour_could_use_as_cache() =>
        Assert.That(Share(1200, Idle with { Boot = 800 }, Idle, tax: 0), Is.EqualTo(new[] { 800, 400 }));

    [Test]
    public void Headroom_may_draw_on_the_pool() =>
        Assert.That(Share(1200, new() { Need = 500, Want = 1100 }, Idle, keepFree: 200), Is.EqualTo(new[] { 1100, 100 }));

    [Test]
    public void A_recent_peak_or_boot_memory_may_not_draw_on_the_pool([Values] bool peak)
    {
        var one = new Part { Need = 500, Kept = peak ? 1100 : 0, Boot = peak ? 0 : 1100 };
        Assert.That(Share(1200, one, Idle, keepFree: 200), Is.EqualTo(new[] { 900, 100 }));
    }

    [Test]
    public void What_nobody_needs_leaves_the_pool_alone() =>
        Assert.That(Share(1200, Idle, Idle, keepFree: 200).Sum(), Is.EqualTo(1000));

    [Test]
    public void The_idle_tax_shapes_only_what_nobody_needs([Values(0.0, 0.75)] double tax)
    {
        Part small = new() { Need = 300, Kept = 700 }, large = new() { Need = 600, Kept = 700 };
        Assert.That(Share(1200, small, large, tax: tax)[0], tax > 0 ? Is.EqualTo(500) : Is.EqualTo(600), "what is kept");
        int taxed = Share(1200, small with { Kept = 0 }, large with { Kept = 0 }, tax: tax)[0];
        Assert.That(taxed, tax > 0 ? Is.InRange(487, 488) : Is.EqualTo(600));
    }

    [Test]
    public void Within_a_tier_memory_goes_by_weight()
    {
        Part light = new() { Need = 400, Want = 2000 }, heavy = light with { Weight = 300 };
        Assert.That(Share(1600, light, heavy), Is.EqualTo(new[] { 400, 1200 }));
        Assert.That(Share(2000, light, heavy), Is.EqualTo(new[] { 500, 1500 }));
    }

    private static int[] Share(long capacity, Part first, Part second, Part? third = null, long keepFree = 0, double tax = 0.75)
    {
        Part[] all = third is null ? [first, second] : [first, second, third];
        DomainPass[] cases = [.. all.Select((part, index) => part.Case(index + 1))];
        var settings = new BalancerSettings { IdleTax = tax };
        new Entitlements().Share(cases, KiB.FromMiB(capacity), KiB.FromMiB(keepFree), settings);
        return [.. cases.Select(one => (int)(one.Entitlement.Value / 1024))];
    }
}
