using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.ContendedHost;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>Guests that say that nothing is left in them, while others lack what was lent to them.</summary>
public sealed class DistressTests
{
    [Test]
    public void A_guest_that_says_that_nothing_is_left_and_gives_memory_all_the_same_gives_back_what_was_lent_to_it(
        [Values] bool hasSwap)
    {
        HostBuilder host = Contended(bootMib: 256);
        Use(host, 60, AtItsEnd(hasSwap), WithSwap);
        Assert.That(host[1].Target!.Value.Value, Is.EqualTo(host[2].Target!.Value.Value).Within(KiB.FromMiB(40).Value));
    }

    [Test]
    public void A_guest_that_has_nothing_to_give_gets_its_target_back_soon_and_is_asked_ever_more_seldom()
    {
        HostBuilder host = Contended(bootMib: 256);
        KiB before = host[1].Target!.Value;
        List<int> asked = [], putBack = [];
        for (int i = 0; i < 600; i++)
        {
            KiB target = host[1].Target!.Value;
            Plan plan = NothingComes(host, 1);
            if (host[1].Target < target) asked.Add(i);
            if (host[1].Target > target) putBack.Add(i);
            if (host[1].Target > target) Assert.That(Of(plan, 1).Reason.ToString(), Does.StartWith(
                "restored from 1004 MiB to 1024 MiB: it has no memory left to give; "));
        }

        Assert.That(asked.Zip(putBack, (from, to) => to - from), Is.All.EqualTo(2));
        Assert.That(asked.Zip(asked.Skip(1), (one, next) => next - one), Is.EqualTo(new[] { 62, 122, 242 }));
        Assert.That(host[1].Target, Is.EqualTo(before));
    }

    [Test]
    public void A_target_is_put_back_as_soon_as_plans_are_carried_out_again()
    {
        HostBuilder host = Contended(bootMib: 256);
        while (host[1].Target >= KiB.FromMiB(1024)) NothingComes(host, 1);
        for (int i = 0; i < 100; i++) host.Passes(1).Reports(1, 2000, AtItsEnd(hasSwap: true)).Reports(2, 2000, WithSwap).Decide();
        NothingComes(host, 1);
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [TestCase(DomainLifecycle.Paused, true)]
    [TestCase(DomainLifecycle.Running, false)]
    public void Of_a_domain_that_is_left_alone_no_target_is_said_to_be_put_back(DomainLifecycle lifecycle, bool managed)
    {
        HostBuilder host = Contended(bootMib: 256);
        while (host[1].Target >= KiB.FromMiB(1024)) NothingComes(host, 1);
        host[1] = host[1] with { Lifecycle = lifecycle };
        Say(host, new DomainSettings { Managed = managed });
        for (int i = 0; i < 10; i++)
        {
            DomainDecision decision = Of(NothingComes(host, 1), 1);
            Assert.That((decision.Reason.Kind, decision.Target), Is.EqualTo(
                (managed ? ReasonKind.NotRunning : ReasonKind.Unmanaged, host[1].Target!.Value)));
        }
    }

    [Test]
    public void A_request_that_was_not_carried_out_is_no_proof()
    {
        HostBuilder host = Contended(bootMib: 256);
        for (int i = 0; i < 100; i++)
        {
            Plan plan = host.Passes(1).Reports(1, 2000, AtItsEnd(hasSwap: true)).Reports(2, 2000, WithSwap).Decide();
            if (Of(plan, 1).Reason.Kind != ReasonKind.Pressed) continue;
            KiB first = KiB.FromMiB(1024).Times(0.02).FloorToPage();
            Assert.That(Of(plan, 1).Target, Is.EqualTo(KiB.FromMiB(1024) - first), "no more is asked for than at first");
        }
    }

    [Test]
    public void A_target_that_somebody_else_wrote_meanwhile_stays()
    {
        HostBuilder host = Contended(bootMib: 256);
        host.Settings = host.Settings with { Override = OverrideHandling.Adopt };
        while (host[1].Target >= KiB.FromMiB(1024)) NothingComes(host, 1);
        host[1] = host[1] with { Target = KiB.FromMiB(700) };
        for (int i = 0; i < 10; i++) NothingComes(host, 1);
        Assert.That(host[1].Target, Is.LessThanOrEqualTo(KiB.FromMiB(700)));
    }

    [Test]
    public void A_guest_that_rests_below_its_target_gets_the_same_target_back()
    {
        HostBuilder host = Contended(bootMib: 256);
        host[1] = host[1] with { Actual = KiB.FromMiB(1024 - 8) };
        for (int i = 0; i < 30; i++) host.Passes(1).Reports(1, 100, WithSwap).Reports(2, 100, WithSwap).Decide();
        while (host[1].Target >= KiB.FromMiB(1024)) NothingComes(host, 1);
        for (int i = 0; i < 3; i++) NothingComes(host, 1);
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void A_guest_that_gives_is_asked_for_more_each_time_and_for_little_again_once_it_was_well()
    {
        HostBuilder host = Contended(bootMib: 256);
        List<KiB> steps = [];
        for (int i = 0; i < 20 && steps.Count < 4; i++) Step(AtItsEnd(hasSwap: true));
        for (int i = 0; i < 10; i++) Step(WithSwap with { SwapTotal = KiB.FromMiB(64) });
        steps.Clear();
        for (int i = 0; i < 20 && steps.Count < 1; i++) Step(AtItsEnd(hasSwap: true));
        Assert.That(steps[0], Is.LessThan(KiB.FromMiB(21)));

        void Step(GuestVitals vitals)
        {
            KiB target = host[1].Target!.Value;
            host.Passes(1).Reports(1, 2000, vitals).Reports(2, 2000, WithSwap).Act();
            if (host[1].Target < target) steps.Add(target - host[1].Target!.Value);
            if (steps.Count == 4) Assert.That(steps.Select(step => step.Value / 1024), Is.EqualTo(new[] { 20, 40, 60, 56 }));
        }
    }

    [Test]
    public void A_guest_that_gives_a_part_of_what_it_is_asked_for_keeps_the_rest()
    {
        HostBuilder host = Contended(bootMib: 256);
        KiB least = KiB.FromMiB(1024 - 5);
        for (int i = 0; i < 30; i++)
        {
            host.Passes(1).Reports(1, 2000, AtItsEnd(hasSwap: true)).Reports(2, 2000, WithSwap).Act();
            host[1] = host[1] with { Actual = KiB.Max(least, host[1].Actual) };
        }

        Assert.That(host[1].Target, Is.EqualTo(least));
    }

    [Test]
    public void A_guest_without_free_swap_that_has_something_left_is_not_asked_for_it(
        [Values] bool hasSwap, [Values] bool waits)
    {
        HostBuilder host = Contended(bootMib: 256);
        for (int i = 0; i < 300; i++)
        {
            host.Passes(1).Reports(2, 2000, WithSwap);
            long used = (host[1].Actual - HostBuilder.Overhead).Value / 1024 - (waits ? 12 : 0);
            host.Reports(1, used, AtItsEnd(hasSwap) with { MemorySome = waits ? 1 : 0 }).Act();
        }

        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void A_guest_of_which_the_operator_says_that_it_has_no_swap_is_not_asked_whether_something_is_left()
    {
        HostBuilder host = Contended(bootMib: 256);
        Say(host, new DomainSettings { Swap = false });
        Use(host, 300, AtItsEnd(hasSwap: true), WithSwap);
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void A_guest_without_swap_that_says_that_nothing_is_left_keeps_what_it_booted_with()
    {
        HostBuilder host = Contended(bootMib: 800);
        Use(host, 300, AtItsEnd(hasSwap: false), WithSwap);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(800), KiB.FromMiB(812)), "within the dead band");
    }

    [Test]
    public void A_guest_that_is_asked_whether_something_is_left_is_told_why()
    {
        HostBuilder host = Contended(bootMib: 256);
        Plan? plan = null;
        for (int i = 0; i < 30 && plan is null; i++)
        {
            Plan next = host.Passes(1).Reports(1, 2000, AtItsEnd(hasSwap: true)).Reports(2, 2000, WithSwap).Act();
            if (Of(next, 1).Reason.Kind == ReasonKind.Pressed) plan = next;
        }

        Assert.That(Of(plan!.Value, 1).Reason.ToString(), Does.StartWith(
            "testing 1024 MiB to 1004 MiB: it reports no memory left, and another domain lacks memory that it is "
            + "entitled to; not below its guaranteed share, 640 MiB; "));
    }

    /// <summary>A second passes in which the balloon of the first does not move: what is asked of it is not there.</summary>
    private static Plan NothingComes(HostBuilder host, int seconds)
    {
        KiB held = host[1].Actual;
        Plan plan = host.Passes(seconds).Reports(1, 2000, AtItsEnd(hasSwap: true)).Reports(2, 2000, WithSwap).Act();
        host[1] = host[1] with { Actual = held };
        return plan;
    }

    private static GuestVitals AtItsEnd(bool hasSwap) => WithSwap with
    {
        SwapTotal = hasSwap ? KiB.FromMiB(2048) : KiB.Zero,
        SwapUsed = hasSwap ? KiB.FromMiB(2048) : KiB.Zero,
        MemorySome = 1,
    };
}
