using CsCheck;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>The order of the tiers if memory does not suffice; the pool is empty unless given.</summary>
public sealed class TierTests
{
    private static readonly Participant Idle = new() { Need = 100 };

    [Test]
    public void Need_within_a_guaranteed_share_goes_before_need_of_a_swapless_neighbour() =>
        Assert.That(
            Share(1200, new() { Need = 600 }, new() { Need = 2000, Boot = 2000, HasSwap = false }),
            Is.EqualTo(new[] { 600, 600 }));

    [Test]
    public void Swapless_need_beyond_the_share_goes_before_need_of_others_beyond_theirs() =>
        Assert.That(
            Share(1800, new() { Need = 900, Boot = 900, HasSwap = false }, new() { Need = 900 }, Idle),
            Is.EqualTo(new[] { 900, 800, 100 }));

    [TestCase(500, 500)]
    [TestCase(900, 600)]
    public void Swapless_boot_memory_within_the_share_goes_before_need_of_others_beyond_theirs(int boot, int share) =>
        Assert.That(
            Share(1200, Idle with { Boot = boot, HasSwap = false }, new() { Need = 2000 }),
            Is.EqualTo(new[] { share, 1200 - share }));

    [Test]
    public void Boot_memory_of_a_guest_with_swap_goes_after_need_of_others() =>
        Assert.That(Share(1200, Idle with { Boot = 500 }, new() { Need = 2000 }), Is.EqualTo(new[] { 100, 1100 }));

    [TestCase(500, 500)]
    [TestCase(900, 600)]
    public void Forecast_of_a_guest_that_reports_rarely_goes_before_need_of_others_beyond_their_share(
        int coming, int share)
    {
        Participant rare = Idle with { Coming = coming, ReportsRarely = true };
        Assert.That(Share(1200, rare, new() { Need = 2000 }), Is.EqualTo(new[] { share, 1200 - share }));
    }

    [Test]
    public void Forecast_of_a_guest_that_reports_often_has_no_such_priority() =>
        Assert.That(
            Share(1200, Idle with { Coming = 500, Boot = 900 }, new() { Need = 2000 }),
            Is.EqualTo(new[] { 100, 1100 }));

    [Test]
    public void Swapless_boot_memory_goes_before_the_forecast_of_a_guest_that_reports_rarely()
    {
        Participant swapless = Idle with { Boot = 500, HasSwap = false };
        Participant rare = Idle with { Coming = 600, ReportsRarely = true };
        Assert.That(Share(1350, swapless, rare, new() { Need = 450 }), Is.EqualTo(new[] { 450, 450, 450 }));
        Assert.That(Share(1350, swapless with { Weight = 110 }, rare, new() { Need = 450 })[0], Is.GreaterThan(470));
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
        Assert.That(
            Share(1200, new() { Need = 300, Coming = 500 }, new() { Need = 700, Want = 1000 }, Idle),
            Is.EqualTo(new[] { 400, 700, 100 }));

    [Test]
    public void Growth_beyond_its_share_waits_until_a_neighbour_has_its_headroom() =>
        Assert.That(
            Share(1200, new() { Need = 300, Coming = 900 }, new() { Need = 600, Want = 700 }, Idle),
            Is.EqualTo(new[] { 400, 700, 100 }));

    [Test]
    public void Headroom_goes_before_a_neighbours_recent_peak() =>
        Assert.That(
            Share(900, new() { Need = 400, Want = 500 }, new() { Need = 400, Kept = 800 }),
            Is.EqualTo(new[] { 500, 400 }));

    [Test]
    public void Recent_peak_goes_before_cache_of_a_neighbour() =>
        Assert.That(Share(1200, Idle with { Kept = 800 }, Idle, tax: 0), Is.EqualTo(new[] { 800, 400 }));

    [Test]
    public void Boot_memory_goes_before_cache_of_a_neighbour() =>
        Assert.That(Share(1200, Idle with { Boot = 800 }, Idle, tax: 0), Is.EqualTo(new[] { 800, 400 }));

    [Test]
    public void Headroom_may_use_the_pool() =>
        Assert.That(
            Share(1200, new() { Need = 500, Want = 1100 }, Idle, keepFree: 200), Is.EqualTo(new[] { 1100, 100 }));

    [Test]
    public void Recent_peak_and_boot_memory_may_not_use_the_pool([Values] bool peak)
    {
        var participant = new Participant { Need = 500, Kept = peak ? 1100 : 0, Boot = peak ? 0 : 1100 };
        Assert.That(Share(1200, participant, Idle, keepFree: 200), Is.EqualTo(new[] { 900, 100 }));
    }

    [Test]
    public void Spare_memory_does_not_include_the_pool() =>
        Assert.That(Share(1200, Idle, Idle, keepFree: 200).Sum(), Is.EqualTo(1000));

    [Test]
    public void Idle_tax_applies_to_spare_memory_only([Values(0.0, 0.75)] double tax)
    {
        Participant small = new() { Need = 300, Kept = 700 }, large = new() { Need = 600, Kept = 700 };
        Assert.That(
            Share(1200, small, large, tax: tax)[0], tax > 0 ? Is.EqualTo(500) : Is.EqualTo(600), "kept memory");
        int taxed = Share(1200, small with { Kept = 0 }, large with { Kept = 0 }, tax: tax)[0];
        Assert.That(taxed, tax > 0 ? Is.InRange(487, 488) : Is.EqualTo(600));
    }

    [Test]
    public void Within_a_tier_memory_goes_by_weight()
    {
        Participant light = new() { Need = 400, Want = 2000 }, heavy = light with { Weight = 300 };
        Assert.That(Share(1600, light, heavy), Is.EqualTo(new[] { 400, 1200 }));
        Assert.That(Share(2000, light, heavy), Is.EqualTo(new[] { 500, 1500 }));
    }

    private static int[] Share(
        long capacity,
        Participant first,
        Participant second,
        Participant? third = null,
        long keepFree = 0,
        double tax = 0.75)
    {
        Participant[] all = third is null ? [first, second] : [first, second, third];
        DomainPass[] cases = [.. all.Select((part, index) => part.Case(index + 1))];
        var settings = new BalancerSettings { IdleTax = tax };
        new Entitlements().Share(cases, KiB.FromMiB(capacity), KiB.FromMiB(keepFree), settings);
        return [.. cases.Select(participant => (int)(participant.Entitlement.Value / 1024))];
    }
}

/// <summary>Properties of the sharing on every host, whatever its domains claim.</summary>
public sealed class TierPropertyTests
{
    private static readonly Gen<long> Sizes = Gen.OneOf(Gen.Const(0L), Gen.Long[0, 3000]);

    private static readonly Gen<Participant> Parts =
        from need in Sizes
        from coming in Sizes
        from want in Sizes
        from kept in Sizes
        from boot in Sizes
        from minimum in Gen.OneOf(Gen.Const(0L), Gen.Long[0, 400])
        from maximum in Gen.Long[0, 4096]
        from weight in Gen.Int[1, 1000]
        from hasSwap in Gen.Bool
        from rare in Gen.Bool
        select new Participant
        {
            Need = need,
            Coming = coming,
            Want = want,
            Kept = kept,
            Boot = boot,
            Minimum = minimum,
            Maximum = maximum,
            Weight = weight,
            HasSwap = hasSwap,
            ReportsRarely = rare,
        };

    private static readonly Gen<(Participant[] Parts, long Capacity, long KeepFree, double Tax)> RandomHosts =
        from parts in Parts.Array[1, 8]
        from capacity in Gen.Long[0, 12_000]
        from keepFree in Gen.OneOf(Gen.Const(0L), Gen.Long[0, 500])
        from tax in Gen.Double[0, 0.99]
        select (parts, capacity, keepFree, tax);

    [Test]
    public void No_domain_has_memory_of_a_lower_tier_while_another_lacks_memory_of_a_higher_tier() =>
        ForEachHost((cases, _, keepFree) =>
    {
        foreach (Tier tier in Enum.GetValues<Tier>())
        {
            bool isBoot = tier == Tier.SwaplessBoot;
            bool lacks = Array.Exists(
                cases, participant =>
                    participant.Entitlement + KiB.Page < (
                        isBoot ? Most(participant, tier) : MostFromPool(participant, tier)));
            KiB below = Sum(cases, participant => KiB.Max(KiB.Zero, participant.Entitlement - Most(participant, tier)));
            if (lacks && below > (isBoot ? keepFree : KiB.Zero)) return false;
        }

        return true;
    });

    [Test]
    public void Entitlements_add_up_to_the_capacity_unless_all_domains_have_all_they_may_have() =>
        ForEachHost((cases, capacity, keepFree) =>
    {
        KiB sum = Sum(cases, participant => participant.Entitlement);
        KiB lowest = Sum(cases, participant => participant.Lower);
        KiB most = Sum(cases, participant => Most(participant, Tier.Spare));
        KiB withoutPool = capacity - keepFree;
        bool isDrawnOn = sum > KiB.Max(lowest, withoutPool);
        bool lacks = Array.Exists(
            cases, participant => participant.Entitlement + KiB.Page < MostFromPool(participant, Tier.Headroom));
        return sum <= KiB.Max(lowest, KiB.Min(capacity, most))
            && sum + KiB.Page > KiB.Min(most, lacks ? capacity : withoutPool)
            && (
                !isDrawnOn
                    || Array.TrueForAll(
                        cases, participant => participant.Entitlement <= Most(participant, Tier.Headroom)));
    });

    [Test]
    public void Need_within_the_guaranteed_share_is_met_whatever_other_domains_claim() =>
        ForEachHost((cases, capacity, keepFree) =>
            Sum(cases, participant => participant.Lower) > capacity - keepFree
            || Array.TrueForAll(
                cases,
                participant => participant.Entitlement + KiB.Page > KiB.Min(participant.Need, participant.Guaranteed)));

    [Test]
    public void Every_entitlement_is_within_its_bounds() => ForEachHost((cases, _, _) =>
        Array.TrueForAll(
            cases, participant =>
                participant.Entitlement >= participant.Lower
                    && participant.Entitlement <= KiB.Max(participant.Lower, participant.Upper)));

    [Test]
    public void Guaranteed_share_does_not_depend_on_claims() =>
        Gen.Select(RandomHosts, Parts.Array[8]).Sample((host, others) =>
        {
            Participant[] claims = [.. host.Parts.Select((part, index) => others[index] with
            {
                Minimum = part.Minimum, Maximum = part.Maximum, Weight = part.Weight,
            })];
            return Share(host).Select(participant => participant.Guaranteed)
                .SequenceEqual(Share(host with { Parts = claims }).Select(participant => participant.Guaranteed));
        });

    [Test]
    public void Greater_need_does_not_reduce_the_entitlement_if_all_have_swap() =>
        Gen.Select(Swapping, Gen.Long[1, 1000]).Sample((host, more) =>
        {
            Participant first = host.Parts[0];
            KiB before = Share(host)[0].Entitlement;
            Participant hungrier = first with
            {
                Need = first.Need + more,
                Coming = first.Coming + more,
                Want = first.Want + more,
                Kept = first.Kept + more,
            };
            Participant[] parts = [hungrier, .. host.Parts[1..]];
            return Share(host with { Parts = parts })[0].Entitlement + KiB.Page >= before;
        });

    [Test]
    public void More_memory_reduces_no_entitlement_if_all_have_swap() =>
        Gen.Select(Swapping, Gen.Long[1, 2000]).Sample((host, more) =>
        Share(host).Zip(Share(host with { Capacity = host.Capacity + more }), (before, after) =>
            after.Entitlement + KiB.Page >= before.Entitlement).All(holds => holds));

    /// <summary>Hosts on which no claim is limited because lent memory could not be taken back.</summary>
    private static readonly Gen<(Participant[] Parts, long Capacity, long KeepFree, double Tax)> Swapping =
        RandomHosts.Select(host => host with { Parts = [.. host.Parts.Select(part => part with { HasSwap = true })] });

    private static void ForEachHost(Func<DomainPass[], KiB, KiB, bool> holds) => RandomHosts.Sample(
        host => holds(Share(host), KiB.FromMiB(host.Capacity), KiB.FromMiB(host.KeepFree)),
        iter: Check.Iter * 20);

    private static DomainPass[] Share((Participant[] Parts, long Capacity, long KeepFree, double Tax) host)
    {
        DomainPass[] cases = [.. host.Parts.Select((part, index) => part.Case(index + 1))];
        var settings = new BalancerSettings { IdleTax = host.Tax };
        new Entitlements().Share(cases, KiB.FromMiB(host.Capacity), KiB.FromMiB(host.KeepFree), settings);
        return cases;
    }

    /// <summary>The most that a domain may have for a tier and those before it, within its bounds.</summary>
    private static KiB Most(DomainPass participant, Tier tier)
    {
        KiB most = participant.Lower;
        foreach (Tier before in Enum.GetValues<Tier>())
        {
            if (before <= tier)
            {
                most = KiB.Max(most, KiB.Min(Tiers.Most(participant, before), participant.Upper).FloorToPage());
            }
        }

        return most;
    }

    /// <summary>The same without boot memory, which may not use the pool although later tiers may.</summary>
    private static KiB MostFromPool(DomainPass participant, Tier tier)
    {
        KiB most = participant.Lower;
        foreach (Tier before in Enum.GetValues<Tier>())
        {
            if (before <= tier && before != Tier.SwaplessBoot)
            {
                most = KiB.Max(most, KiB.Min(Tiers.Most(participant, before), participant.Upper).FloorToPage());
            }
        }

        return most;
    }

    private static KiB Sum(DomainPass[] cases, Func<DomainPass, KiB> amount) =>
        new(cases.Sum(participant => amount(participant).Value));
}

/// <summary>A participant in the sharing, by its claims; all sizes in MiB.</summary>
internal sealed record Participant
{
    public long Need { get; init; }

    public long Coming { get; init; }

    public long Want { get; init; }

    public long Kept { get; init; }

    public long Boot { get; init; }

    public long Minimum { get; init; }

    public long Maximum { get; init; } = 4096;

    public int Weight { get; init; } = 100;

    public bool HasSwap { get; init; } = true;

    public bool ReportsRarely { get; init; }

    /// <summary>The domain in a pass.</summary>
    internal DomainPass Case(int domid)
    {
        var participant = new DomainPass(
            new DomainHistory(new DomainIdentity(domid, HostBuilder.Uuid(domid)), TimeSpan.Zero));
        KiB size = KiB.FromMiB(600), used = KiB.FromMiB(50);
        var domain = new DomainSnapshot
        {
            Identity = participant.Identity,
            Actual = size,
            Target = size,
            MaxMem = size + KiB.FromMiB(1),
            Report = new GuestReport(
                ReportsRarely ? ReportSource.XenServer : ReportSource.Agent, used, size, TimeSpan.Zero),
        };
        var settings = new BalancerSettings { Defaults = new DomainSettings { Weight = Weight, Swap = HasSwap } };
        participant.Begin(domain, settings, default);
        participant.Estimator.Observe(
            domain, participant.Balloon.RestingSince, participant.BootMemory, TimeSpan.FromSeconds(20), settings);
        participant.Lower = KiB.FromMiB(Minimum);
        participant.Upper = participant.Claimable = KiB.FromMiB(Math.Max(Minimum, Maximum));
        participant.History.BootMemory = KiB.FromMiB(Boot);
        KiB need = KiB.FromMiB(Need);
        KiB coming = KiB.Max(need, KiB.FromMiB(Coming));
        KiB want = KiB.Max(need, KiB.FromMiB(Want));
        KiB kept = KiB.Max(KiB.Max(coming, want), KiB.FromMiB(Kept));
        participant.Demand = new DomainDemand(ReportVerdict.Fresh, need, need, need, coming, want, kept);
        participant.Need = need.Clamp(participant.Lower, participant.Upper);
        participant.Want = want.Clamp(participant.Lower, participant.Upper);
        participant.Derive(TimeSpan.Zero);
        return participant;
    }
}
