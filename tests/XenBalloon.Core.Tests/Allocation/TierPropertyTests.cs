using CsCheck;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>What holds for the sharing on every host, whatever its domains claim.</summary>
public sealed class TierPropertyTests
{
    private static readonly Gen<long> Sizes = Gen.OneOf(Gen.Const(0L), Gen.Long[0, 3000]);

    private static readonly Gen<Part> Parts =
        from need in Sizes
        from coming in Sizes
        from want in Sizes
        from kept in Sizes
        from boot in Sizes
        from minimum in Gen.OneOf(Gen.Const(0L), Gen.Long[0, 400])
        from maximum in Gen.Long[0, 4096]
        from weight in Gen.Int[1, 1000]
        from hasSwap in Gen.Bool
        from seldom in Gen.Bool
        select new Part
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
            ReportsSeldom = seldom,
        };

    private static readonly Gen<(Part[] Parts, long Capacity, long KeepFree, double Tax)> Hosts =
        from parts in Parts.Array[1, 8]
        from capacity in Gen.Long[0, 12_000]
        from keepFree in Gen.OneOf(Gen.Const(0L), Gen.Long[0, 500])
        from tax in Gen.Double[0, 0.99]
        select (parts, capacity, keepFree, tax);

    [Test]
    public void Nobody_has_memory_of_a_lower_tier_while_another_lacks_memory_of_a_higher_one() => ForEachHost((cases, _, keepFree) =>
    {
        foreach (Tier tier in Enum.GetValues<Tier>())
        {
            bool isBoot = tier == Tier.SwaplessBoot;
            bool lacks = Array.Exists(cases, one => one.Entitlement + KiB.Page < (isBoot ? Most(one, tier) : MostFromPool(one, tier)));
            KiB below = Sum(cases, one => KiB.Max(KiB.Zero, one.Entitlement - Most(one, tier)));
            if (lacks && below > (isBoot ? keepFree : KiB.Zero)) return false;
        }

        return true;
    });

    [Test]
    public void What_is_entitled_is_all_that_there_is_unless_all_have_all_that_they_may_have() => ForEachHost((cases, capacity, keepFree) =>
    {
        KiB sum = Sum(cases, one => one.Entitlement), lowest = Sum(cases, one => one.Lower), most = Sum(cases, one => Most(one, Tier.Spare));
        KiB withoutPool = capacity - keepFree;
        bool isDrawnOn = sum > KiB.Max(lowest, withoutPool), lacks = Array.Exists(cases, one => one.Entitlement + KiB.Page < MostFromPool(one, Tier.Headroom));
        return sum <= KiB.Max(lowest, KiB.Min(capacity, most))
            && sum + KiB.Page > KiB.Min(most, lacks ? capacity : withoutPool)
            && (!isDrawnOn || Array.TrueForAll(cases, one => one.Entitlement <= Most(one, Tier.Headroom)));
    });

    [Test]
    public void Everyone_is_entitled_to_what_it_needs_within_its_guaranteed_share_whatever_the_others_claim() =>
        ForEachHost((cases, capacity, keepFree) =>
            Sum(cases, one => one.Lower) > capacity - keepFree
            || Array.TrueForAll(cases, one => one.Entitlement + KiB.Page > KiB.Min(one.Need, one.Guaranteed)));

    [Test]
    public void Nobody_is_entitled_to_less_than_its_least_or_more_than_its_most() => ForEachHost((cases, _, _) =>
        Array.TrueForAll(cases, one => one.Entitlement >= one.Lower && one.Entitlement <= KiB.Max(one.Lower, one.Upper)));

    [Test]
    public void What_is_guaranteed_depends_on_nothing_that_anybody_claims() =>
        Gen.Select(Hosts, Parts.Array[8]).Sample((host, others) =>
        {
            Part[] claims = [.. host.Parts.Select((part, index) => others[index] with
            {
                Minimum = part.Minimum, Maximum = part.Maximum, Weight = part.Weight,
            })];
            return Share(host).Select(one => one.Guaranteed)
                .SequenceEqual(Share(host with { Parts = claims }).Select(one => one.Guaranteed));
        });

    [Test]
    public void Who_needs_more_is_entitled_to_no_less_where_all_have_swap() =>
        Gen.Select(Swapping, Gen.Long[1, 1000]).Sample((host, more) =>
        {
            Part first = host.Parts[0];
            KiB before = Share(host)[0].Entitlement;
            Part hungrier = first with
            {
                Need = first.Need + more,
                Coming = first.Coming + more,
                Want = first.Want + more,
                Kept = first.Kept + more,
            };
            Part[] parts = [hungrier, .. host.Parts[1..]];
            return Share(host with { Parts = parts })[0].Entitlement + KiB.Page >= before;
        });

    [Test]
    public void More_memory_makes_nobody_poorer_where_all_have_swap() => Gen.Select(Swapping, Gen.Long[1, 2000]).Sample((host, more) =>
        Share(host).Zip(Share(host with { Capacity = host.Capacity + more }), (before, after) =>
            after.Entitlement + KiB.Page >= before.Entitlement).All(holds => holds));

    /// <summary>Where nobody's claims are cut because what it is lent could not be had back.</summary>
    private static readonly Gen<(Part[] Parts, long Capacity, long KeepFree, double Tax)> Swapping =
        Hosts.Select(host => host with { Parts = [.. host.Parts.Select(part => part with { HasSwap = true })] });

    private static void ForEachHost(Func<DomainPass[], KiB, KiB, bool> holds) => Hosts.Sample(
        host => holds(Share(host), KiB.FromMiB(host.Capacity), KiB.FromMiB(host.KeepFree)),
        iter: Check.Iter * 20);

    private static DomainPass[] Share((Part[] Parts, long Capacity, long KeepFree, double Tax) host)
    {
        DomainPass[] cases = [.. host.Parts.Select((part, index) => part.Case(index + 1))];
        var settings = new BalancerSettings { IdleTax = host.Tax };
        new Entitlements().Share(cases, KiB.FromMiB(host.Capacity), KiB.FromMiB(host.KeepFree), settings);
        return cases;
    }

    /// <summary>All that a domain may have for a tier and those before it, within its bounds.</summary>
    private static KiB Most(DomainPass one, Tier tier)
    {
        KiB most = one.Lower;
        foreach (Tier before in Enum.GetValues<Tier>())
        {
            if (before <= tier) most = KiB.Max(most, KiB.Min(Tiers.Most(one, before), one.Upper).FloorToPage());
        }

        return most;
    }

    /// <summary>The same without boot memory alone, which may not draw on the pool though tiers after it may.</summary>
    private static KiB MostFromPool(DomainPass one, Tier tier)
    {
        KiB most = one.Lower;
        foreach (Tier before in Enum.GetValues<Tier>())
        {
            if (before <= tier && before != Tier.SwaplessBoot) most = KiB.Max(most, KiB.Min(Tiers.Most(one, before), one.Upper).FloorToPage());
        }

        return most;
    }

    private static KiB Sum(DomainPass[] cases, Func<DomainPass, KiB> amount) => new(cases.Sum(one => amount(one).Value));
}
