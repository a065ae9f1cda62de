using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>How memory is shared.</summary>
public sealed class FairnessTests
{
    [Test]
    public void Memory_of_an_idle_guest_goes_to_a_guest_in_need()
    {
        HostBuilder host = new HostBuilder().With(0, 512, 512).With(1, 900, 1024).With(2, 256, 1024).WithFree(40);
        host.Run(30, (1, 100), (2, 210));
        Assert.That(host[2].Actual, Is.GreaterThan(KiB.FromMiB(300)));
        Assert.That(host[1].Actual, Is.LessThan(KiB.FromMiB(850)));
    }

    [Test]
    public void Guest_is_not_shrunk_below_its_use_even_if_all_others_claim_everything()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 4096).With(3, 256, 4096).WithFree(40);
        for (int i = 0; i < 300; i++)
        {
            host.Run(1, (1, 500), (2, 100_000), (3, 100_000));
            Assert.That(host[1].Actual, Is.GreaterThanOrEqualTo(KiB.FromMiB(500) + Overhead));
        }
    }

    [Test]
    public void Liar_keeps_lent_memory_but_gets_no_more_than_its_share_of_freed_memory()
    {
        HostBuilder host = new HostBuilder().With(1, 500, 4096).With(2, 500, 4096).With(3, 500, 4096).WithFree(32);
        host.Run(120, (1, 100_000), (2, 300), (3, 300));
        KiB lent = host[1].Actual;
        host.Run(120, (1, 100_000), (2, 2000), (3, 300));
        Assert.That(host[1].Actual, Is.LessThanOrEqualTo(lent + KiB.FromMiB(16)));
        Assert.That(host[2].Actual, Is.GreaterThanOrEqualTo(KiB.FromMiB(340)));
        host.Remove(3);
        host.Run(120, (1, 100_000), (2, 2000));
        Assert.That(
            host[2].Actual.Value,
            Is.EqualTo(host[1].Actual.Value).Within(KiB.FromMiB(120).Value),
            "an equal share of the new memory");
    }

    [Test]
    public void What_a_guest_keeps_above_its_target_is_a_part_of_its_share()
    {
        KiB kept = KiB.FromMiB(400);
        HostBuilder host = new HostBuilder().With(1, 1400, 2048).With(2, 600, 2048).WithFree(32);
        host[1] = host[1] with { Target = host[1].Actual - kept };
        for (int second = 0; second < 600; second++)
        {
            host.Passes(1)
                .Reports(1, 100_000, ContendedHost.WithSwap)
                .Reports(2, 100_000, ContendedHost.WithSwap)
                .Act();
            host[1] = host[1] with { Actual = host[1].Target!.Value + kept };
        }

        Assert.That(host[1].Actual.Value, Is.EqualTo(host[2].Actual.Value).Within(KiB.FromMiB(50).Value));
    }

    [Test]
    public void Minimums_that_exceed_the_host_stop_all_moves_and_raise_the_alarm()
    {
        HostBuilder host = new HostBuilder().With(1, 300, 1024).With(2, 300, 1024).WithFree(40).Reports(1, 250)
            .Reports(2, 100);
        host.Settings = host.Settings with { Defaults = new DomainSettings { Minimum = KiB.FromMiB(800) } };
        Plan plan = host.Decide();
        Assert.That(plan.Host.Alarm, Is.EqualTo(HostAlarm.MinimumsExceedHost));
        Assert.That(plan.Commands, Is.Empty);
    }

    [Test]
    public void Guest_with_greater_weight_is_entitled_to_more()
    {
        HostBuilder host = new HostBuilder().With(1, 500, 1024).With(2, 500, 1024).WithFree(40).Reports(1, 430)
            .Reports(2, 430);
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Weight = 300 })] };
        Plan plan = host.Decide();
        Assert.That(Of(plan, 1).Entitlement, Is.GreaterThan(KiB.FromMiB(564)), "its want");
        Assert.That(Of(plan, 2).Entitlement, Is.EqualTo(KiB.FromMiB(1008) - Of(plan, 1).Entitlement), "the rest");
        Assert.That(Of(plan, 2).Reason.Kind, Is.EqualTo(ReasonKind.InUse), "in use, so not taken");
    }

    [Test]
    public void Reason_shows_demand_share_and_decision_in_one_line()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Decide();
        Plan plan = host.Passes(1).Reports(1, 100).Reports(2, 216).Decide();
        Assert.That(Of(plan, 1).Reason.ToString(), Does.Match(
            @"^shrinking 900 MiB to \d+ MiB: .*; in use 140 MiB, needs 156 MiB, wants 168 MiB; share \d+ MiB .*$"));
        Assert.That(Of(plan, 2).Reason.ToString(), Does.Match(
            @"^waiting at 256 MiB .*; in use 256 MiB, needs at least 320 MiB, wants 320 MiB; share 320 MiB .*$"));
    }
}

/// <summary>The policies.</summary>
public sealed class PolicyTests
{
    [Test]
    public void Proportional_gives_all_the_same_fraction_of_their_range()
    {
        Plan plan = Share(PolicyKind.Proportional);
        double gamma = Way(plan, 1);
        Assert.That(gamma, Is.InRange(0.01, 0.99));
        Assert.That(Way(plan, 2), Is.EqualTo(gamma).Within(0.001), "whatever they use");
    }

    [Test]
    public void Shares_gives_memory_above_the_minimums_by_weight()
    {
        Plan plan = Share(PolicyKind.Shares);
        Assert.That(Above(plan, 1), Is.EqualTo(3 * Above(plan, 2)).Within(16));
    }

    [Test]
    public void Static_moves_no_domain()
    {
        HostBuilder host = Host(PolicyKind.Static);
        host.Run(60, (1, 100), (2, 490));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
        Assert.That(host[2].Target, Is.EqualTo(KiB.FromMiB(512)));
    }

    [Test]
    public void No_policy_takes_memory_in_use([Values] PolicyKind policy)
    {
        HostBuilder host = Host(policy);
        host.Run(120, (1, 850), (2, 490));
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(890)));
    }

    private static HostBuilder Host(PolicyKind policy)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 2048).WithFree(100);
        host.Settings = host.Settings with
        {
            Policy = policy,
            Rules = [new DomainRule("g1", new DomainSettings { Weight = 300 })],
        };
        return host;
    }

    private static Plan Share(PolicyKind policy) => Host(policy).Reports(1, 100).Reports(2, 490).Decide();

    private static double Above(Plan plan, int domid) =>
        (Of(plan, domid).Entitlement!.Value - Of(plan, domid).Minimum).Value;

    private static double Way(Plan plan, int domid) =>
        Above(plan, domid) / (Of(plan, domid).Maximum - Of(plan, domid).Minimum).Value;
}

/// <summary>Guests without swap, which die of a shortage that others survive.</summary>
public sealed class SwaplessTests
{
    private static readonly GuestVitals Swapless = new() { MemorySome = 0, SwapTotal = KiB.Zero };
    private static readonly GuestVitals Swapping = new()
    {
        MemorySome = 0,
        SwapTotal = KiB.FromMiB(2048),
        SwapUsed = KiB.Zero,
    };

    [Test]
    public void Growth_of_a_swapless_guest_is_met_at_once([Values] bool swaps)
    {
        GuestVitals vitals = swaps ? Swapping : Swapless;
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(1000);
        host.Settings = host.Settings with { Spare = SpareUse.Keep };
        for (int i = 0; i < 20; i++) host.Passes(1).Reports(1, 300, vitals).Act();

        Plan plan = host.Passes(1).Reports(1, 400, vitals).Act();

        KiB beyondUse = Of(plan, 1).Target!.Value - KiB.FromMiB(440);
        Assert.That(beyondUse - KiB.FromMiB(22), Is.EqualTo(KiB.FromMiB(swaps ? 400 : 440)),
            "with swap 100 MiB a second for 4 s; without, for 7 s, but no more than it has");
    }

    [Test]
    public void Boot_memory_of_a_swapless_guest_comes_back_from_idle_domains([Values] bool swaps)
    {
        GuestVitals vitals = swaps ? Swapping : Swapless;
        HostBuilder host = new HostBuilder().With(1, 300, 1024).With(2, 1400, 2048).WithFree(32);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(800) };
        for (int i = 0; i < 60; i++) host.Passes(1).Reports(1, 150, vitals).Reports(2, 200, Swapping).Act();

        Assert.That(host[1].Target, swaps ? Is.LessThan(KiB.FromMiB(780)) : Is.GreaterThanOrEqualTo(KiB.FromMiB(780)));
    }

    [Test]
    public void Swapless_guest_may_use_its_boot_memory_beyond_its_share([Values] bool swaps)
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).With(2, 512, 2048).With(3, 512, 2048).WithFree(32);
        host.Settings = host.Settings with { Spare = SpareUse.Keep };
        host[1] = host[1] with { BootMemory = KiB.FromMiB(900) };
        GuestVitals full = swaps ? Swapping with { SwapUsed = KiB.FromMiB(2048) } : Swapless;
        for (int i = 0; i < 60; i++)
        {
            int others = i < 5 ? 450 : 350;
            host.Passes(1).Reports(1, 2000, full).Reports(2, others, Swapping).Reports(3, others, Swapping).Act();
        }

        Assert.That(
            host[1].Target,
            swaps ? Is.LessThanOrEqualTo(KiB.FromMiB(600)) : Is.InRange(KiB.FromMiB(650), KiB.FromMiB(900)));
    }
}
