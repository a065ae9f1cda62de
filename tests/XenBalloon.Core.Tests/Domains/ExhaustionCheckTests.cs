using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.ContendedHost;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>Guests that report exhaustion while others lack memory that was lent to them.</summary>
public sealed class ExhaustionCheckTests
{
    [Test]
    public void Guest_that_falsely_reports_exhaustion_gives_back_lent_memory(
        [Values] bool hasSwap)
    {
        HostBuilder host = Contended(bootMib: 256);
        Use(host, 60, AtItsEnd(hasSwap), WithSwap);
        Assert.That(host[1].Target!.Value.Value, Is.EqualTo(host[2].Target!.Value.Value).Within(KiB.FromMiB(40).Value));
    }

    [Test]
    public void Exhausted_guest_gets_its_target_back_and_is_checked_ever_less_often()
    {
        HostBuilder host = Contended(bootMib: 256);
        KiB before = host[1].Target!.Value;
        List<int> requestedAt = [], putBack = [];
        for (int i = 0; i < 600; i++)
        {
            KiB target = host[1].Target!.Value;
            Plan plan = NothingComes(host, 1);
            if (host[1].Target < target) requestedAt.Add(i);
            if (host[1].Target > target) putBack.Add(i);
            if (host[1].Target > target) Assert.That(Of(plan, 1).Reason.ToString(), Does.StartWith(
                "restored from 1004 MiB to 1024 MiB: it has no memory left to give; "));
        }

        Assert.That(requestedAt.Zip(putBack, (from, to) => to - from), Is.All.EqualTo(2));
        Assert.That(
            requestedAt.Zip(requestedAt.Skip(1), (earlier, later) => later - earlier),
            Is.EqualTo(new[] { 62, 122, 242 }));
        Assert.That(host[1].Target, Is.EqualTo(before));
    }

    [Test]
    public void Target_is_put_back_once_plans_are_carried_out_again()
    {
        HostBuilder host = Contended(bootMib: 256);
        while (host[1].Target >= KiB.FromMiB(1024)) NothingComes(host, 1);
        for (int i = 0; i < 100; i++)
        {
            host.Passes(1).Reports(1, 2000, AtItsEnd(hasSwap: true)).Reports(2, 2000, WithSwap).Decide();
        }

        NothingComes(host, 1);
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [TestCase(DomainLifecycle.Paused, true)]
    [TestCase(DomainLifecycle.Running, false)]
    public void Excluded_domain_gets_no_target_put_back(DomainLifecycle lifecycle, bool managed)
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
    public void Step_that_was_not_carried_out_is_not_a_result()
    {
        HostBuilder host = Contended(bootMib: 256);
        for (int i = 0; i < 100; i++)
        {
            Plan plan = host.Passes(1).Reports(1, 2000, AtItsEnd(hasSwap: true)).Reports(2, 2000, WithSwap).Decide();
            if (Of(plan, 1).Reason.Kind != ReasonKind.Pressed) continue;
            KiB first = KiB.FromMiB(1024).Times(0.02).FloorToPage();
            Assert.That(
                Of(plan, 1).Target, Is.EqualTo(KiB.FromMiB(1024) - first), "no larger step than the first");
        }
    }

    [Test]
    public void Target_set_by_another_tool_during_the_check_stays()
    {
        HostBuilder host = Contended(bootMib: 256);
        host.Settings = host.Settings with { Override = OverrideHandling.Adopt };
        while (host[1].Target >= KiB.FromMiB(1024)) NothingComes(host, 1);
        host[1] = host[1] with { Target = KiB.FromMiB(700) };
        for (int i = 0; i < 10; i++) NothingComes(host, 1);
        Assert.That(host[1].Target, Is.LessThanOrEqualTo(KiB.FromMiB(700)));
    }

    [Test]
    public void Guest_that_rests_below_its_target_gets_the_same_target_back()
    {
        HostBuilder host = Contended(bootMib: 256);
        host[1] = host[1] with { Actual = KiB.FromMiB(1024 - 8) };
        for (int i = 0; i < 30; i++) host.Passes(1).Reports(1, 100, WithSwap).Reports(2, 100, WithSwap).Decide();
        while (host[1].Target >= KiB.FromMiB(1024)) NothingComes(host, 1);
        for (int i = 0; i < 3; i++) NothingComes(host, 1);
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void Steps_grow_while_the_guest_gives_and_restart_small_after_the_exhaustion()
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
            if (steps.Count == 4)
            {
                Assert.That(steps.Select(step => step.Value / 1024), Is.EqualTo(new[] { 20, 40, 60, 56 }));
            }
        }
    }

    [Test]
    public void Guest_that_gives_part_of_a_step_keeps_the_rest()
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
    public void Guest_without_free_swap_that_has_memory_available_is_not_checked(
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
    public void Guest_configured_without_swap_is_not_checked()
    {
        HostBuilder host = Contended(bootMib: 256);
        Say(host, new DomainSettings { Swap = false });
        Use(host, 300, AtItsEnd(hasSwap: true), WithSwap);
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void Exhausted_swapless_guest_keeps_its_boot_memory()
    {
        HostBuilder host = Contended(bootMib: 800);
        Use(host, 300, AtItsEnd(hasSwap: false), WithSwap);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(800), KiB.FromMiB(812)), "within the dead band");
    }

    [Test]
    public void Reason_names_the_exhaustion_check()
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

    /// <summary>
    /// One second in which the balloon of the first domain does not move, because it has nothing to give.
    /// </summary>
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
