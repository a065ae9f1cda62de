using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

public sealed class BalancerTests
{
    [Test]
    public void An_idle_guests_memory_goes_to_a_guest_in_need()
    {
        HostBuilder host = new HostBuilder().With(0, 512, 512).With(1, 900, 1024).With(2, 256, 1024).WithFree(40);
        host.Run(30, (1, 100), (2, 210));
        Assert.That(host[2].Actual, Is.GreaterThan(KiB.FromMiB(300)));
        Assert.That(host[1].Actual, Is.LessThan(KiB.FromMiB(850)));
    }

    [Test]
    public void A_guest_is_never_taken_below_what_it_uses_even_when_all_others_claim_everything()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 4096).With(3, 256, 4096).WithFree(40);
        for (int i = 0; i < 300; i++)
        {
            host.Run(1, (1, 500), (2, 100_000), (3, 100_000));
            Assert.That(host[1].Actual, Is.GreaterThanOrEqualTo(KiB.FromMiB(500) + Overhead));
        }
    }

    [Test]
    public void A_silent_guest_keeps_what_it_has()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(40);
        host.Run(30, (2, 250));
        Assert.That(host[1].Actual, Is.EqualTo(KiB.FromMiB(900)));
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Silent));
    }

    [Test]
    public void A_guest_that_falls_silent_gets_back_to_its_boot_memory()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(40);
        host.Run(120, (1, 100), (2, 800));
        Assert.That(host[1].Actual, Is.LessThan(KiB.FromMiB(600)), "lent out");
        host.Run(600, (2, 100));
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(890)), "given back, to within the dead band");
    }

    [Test]
    public void A_boot_memory_that_was_written_down_holds_against_what_is_seen_first()
    {
        HostBuilder host = new HostBuilder().With(1, 300, 1024).WithFree(1000);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(600) };
        host.Run(200);
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(600)));
    }

    [Test]
    public void Nothing_is_promised_that_is_not_free_now()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(52).Reports(1, 100).Reports(2, 216);
        Plan plan = host.Decide();
        Assert.That(Of(plan, 2).Target - host[2].Target, Is.EqualTo(KiB.FromMiB(20)), "free less slack");
        Assert.That(Of(plan, 2).Reason.Kind, Is.EqualTo(ReasonKind.Growing));
    }

    [Test]
    public void What_was_promised_and_is_not_yet_taken_is_not_promised_again()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(52).Reports(2, 216);
        host[1] = host[1] with { Target = KiB.FromMiB(910), MaxMem = KiB.FromMiB(911) };
        Assert.That(Of(host.Decide(), 2).Target - host[2].Target, Is.EqualTo(KiB.FromMiB(10)));
    }

    [Test]
    public void Below_the_slack_nobody_grows()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(20).Reports(1, 850).Reports(2, 216);
        Plan plan = host.Decide();
        Assert.That(Of(plan, 2).Reason.Kind, Is.EqualTo(ReasonKind.WaitingForMemory));
        Assert.That(plan.Host.Pressure, Is.EqualTo(HostPressure.Low));
        Assert.That(CommandsOf(plan, 2), Is.Empty);
    }

    [Test]
    public void One_report_carries_one_step_down()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100).Reports(2, 216);
        host.Act();
        KiB after = host[1].Actual;
        Assert.That(after, Is.LessThan(KiB.FromMiB(900)));
        host.Passes(5).Act();
        Assert.That(host[1].Actual, Is.EqualTo(after), "no second step on the same report");
        host.Reports(1, 100).Act();
        Assert.That(host[1].Actual, Is.LessThan(after));
    }

    [Test]
    public void No_step_down_while_the_balloon_is_still_on_its_way()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100).Reports(2, 216);
        host[1] = host[1] with { Target = KiB.FromMiB(800) };
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Settling));
    }

    [Test]
    public void An_urgent_step_down_goes_half_of_the_way_to_the_floor_at_most()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100).Reports(2, 216);
        DomainDecision decision = Of(host.Decide(), 1);
        KiB lowest = KiB.Max(decision.Demand!.Value.Floor, decision.Entitlement!.Value);
        Assert.That(decision.Target, Is.EqualTo((KiB.FromMiB(900) - (KiB.FromMiB(900) - lowest).Times(0.5)).CeilingToPage()));
    }

    [Test]
    public void Without_need_a_step_down_is_gentle()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 1024).WithFree(32);
        host.Settings = host.Settings with { IdleTax = 0 };
        host.Reports(1, 100).Reports(2, 100).Passes(1).Decide();
        Plan plan = host.Passes(9).Reports(1, 100).Reports(2, 100).Decide();
        Assert.That(plan.Host.Pressure, Is.EqualTo(HostPressure.None));
        Assert.That((KiB.FromMiB(900) - Of(plan, 1).Target!.Value).Value, Is.EqualTo(KiB.FromMiB(45).Value).Within(KiB.FromMiB(6).Value));
    }

    [Test]
    public void A_quiet_host_gets_no_writes()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(40);
        host.Run(300, (1, 100), (2, 210));
        for (int i = 0; i < 200; i++)
        {
            host.Passes(1).Reports(1, 100 + (i % 3)).Reports(2, 210 + (i % 3));
            Assert.That(host.Decide().Commands, Is.Empty);
        }
    }

    [Test]
    public void Memory_that_nobody_needs_does_not_go_to_and_fro()
    {
        HostBuilder host = new HostBuilder().With(1, 600, 1024).With(2, 600, 1024).WithFree(32);
        host.Settings = host.Settings with { IdleTax = 0.9 };
        int turns = 0;
        var last = 0;
        for (int i = 0; i < 600; i++)
        {
            KiB before = host[1].Target!.Value;
            long wave = i / 30 % 2 == 0 ? 200 : 320;
            host.Run(1, (1, wave), (2, 520 - wave));
            int direction = host[1].Target!.Value.CompareTo(before);
            if (direction != 0 && last != 0 && direction != last) turns++;
            if (direction != 0) last = direction;
        }

        Assert.That(turns, Is.LessThanOrEqualTo(5), "once in two minutes, though use turns each 30 s");
    }

    [Test]
    public void A_starved_guest_is_given_more_and_more_until_something_is_available()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 2048).WithFree(2000);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(1900) };
        host.Run(20, (1, 700));
        Assert.That(host[1].Actual, Is.GreaterThan(KiB.FromMiB(740)));
    }

    [Test]
    public void A_starved_guest_asks_for_no_more_before_it_has_been_given_what_it_asked_for()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 2048).With(2, 256, 1024).WithFree(32);
        host.Run(60, (1, 700), (2, 700));
        Assert.That(Of(host.Decide(), 1).Demand!.Value.Want, Is.LessThan(KiB.FromMiB(256 + 64)));
    }

    [Test]
    public void The_keep_free_pool_is_for_need_only()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).With(2, 512, 1024).WithFree(500);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(468) };
        host.Reports(1, 216).Reports(2, 100);
        Plan plan = host.Decide();
        Assert.That(Of(plan, 1).Target, Is.GreaterThan(KiB.FromMiB(256)), "in need");
        Assert.That(Of(plan, 2).Target, Is.LessThanOrEqualTo(KiB.FromMiB(512)), "idle");
    }

    [Test]
    public void A_report_from_before_the_need_carries_no_step_down()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100).Reports(2, 100);
        host.Settings = host.Settings with { IdleTax = 0.01 };
        host.Decide();
        host.Passes(60).Reports(2, 216);
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Settling), "it may use far more by now");
        Assert.That(Of(host.Passes(1).Reports(1, 100).Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Shrinking));
    }

    [Test]
    public void A_step_down_leaves_what_the_guest_itself_says_it_needs_even_where_the_overhead_is_wrong()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(2, 216);
        host[1] = host[1] with { Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(100), KiB.FromMiB(160), host.Now) };
        host[1] = host[1] with { Actual = KiB.FromMiB(899) };
        Assert.That(KiB.FromMiB(900) - Of(host.Decide(), 1).Target!.Value, Is.LessThanOrEqualTo(KiB.FromMiB(60 - 16)));
    }

    [Test]
    public void The_kernels_part_is_not_measured_while_the_balloon_moves()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host[1] = host[1] with { Target = KiB.FromMiB(500) };
        host.Decide();
        host.Passes(1);
        host[1] = host[1] with { Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(100), KiB.FromMiB(890), host.Now), Actual = KiB.FromMiB(880) };
        Assert.That(Of(host.Decide(), 1).Demand!.Value.Hot, Is.EqualTo(KiB.FromMiB(100 + 64 + 16)), "assumed, not 880 − 890");
    }

    [Test]
    public void Guests_that_were_not_heard_yet_move_nothing_after_a_start()
    {
        HostBuilder host = new HostBuilder().With(1, 300, 1024).With(2, 800, 1024).WithFree(500);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(600) };
        host.Run(60, (2, 700));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(300)));
        host.Run(150, (2, 700));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(600)));
    }

    [Test]
    public void dom0_is_left_alone_whatever_is_said_of_all_domains()
    {
        HostBuilder host = new HostBuilder().With(0, 512, 512).WithFree(500);
        host.Settings = host.Settings with { Defaults = new DomainSettings { Managed = true } };
        host[0] = host[0] with { Target = KiB.FromMiB(552), StaticMax = KiB.FromMiB(2048) };
        for (int i = 0; i < 60; i++) Assert.That(host.Passes(1).Decide().Commands, Is.Empty);
    }

    [Test]
    public void A_restore_that_takes_long_keeps_its_memory_for_as_long_as_it_takes_more()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 4096).With(2, 100, 2048).WithFree(2000).Reports(1, 216);
        for (int i = 0; i < 30; i++)
        {
            host[2] = host[2] with { Lifecycle = DomainLifecycle.Building, Target = null, Actual = KiB.FromMiB(100 + (10 * i)) };
            host.Passes(10).Reports(1, 216);
            Assert.That(CommandsOf(host.Decide(), 1), Is.Empty);
        }
    }

    [Test]
    public void A_cap_that_was_just_raised_is_somebodys_beginning_and_is_not_lowered()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).WithFree(500).Reports(1, 300);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(468) };
        for (int i = 0; i < 20; i++) host.Passes(1).Decide();
        host[1] = host[1] with { MaxMem = KiB.FromMiB(1025) };
        Assert.That(host.Passes(1).Reports(1, 300).Decide().Commands, Is.Empty, "xl mem-set raises the cap before it writes the target");
        Assert.That(host.Passes(1).Decide().Commands, Is.Empty);
        Assert.That(host.Passes(3).Decide().Commands.Single().Kind, Is.EqualTo(HostCommandKind.SetMaxMem));
    }

    [Test]
    public void A_cap_below_the_target_in_force_is_raised()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).WithFree(500).Reports(1, 450);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(468), Headroom = 0.01 };
        host[1] = host[1] with { MaxMem = KiB.FromMiB(400) };
        Plan plan = host.Decide();
        Assert.That(CommandsOf(plan, 1)[0], Is.EqualTo(new HostCommand(HostCommandKind.SetMaxMem, host[1].Identity, Of(plan, 1).Target!.Value + KiB.FromMiB(1))));
    }

    [Test]
    public void What_some_took_only_in_part_is_not_granted_to_another()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).With(2, 256, 1024).With(3, 256, 1024).WithFree(100);
        for (int i = 0; i < 15; i++)
        {
            foreach (int domid in new[] { 1, 2 }) host[domid] = host[domid] with { Target = KiB.FromMiB(268), MaxMem = KiB.FromMiB(269) };
            host.Passes(1).Reports(3, 216);
            host.Decide();
        }

        Assert.That(Of(host.Decide(), 3).Target, Is.LessThanOrEqualTo(KiB.FromMiB(256 + 100 - 32 - 24)));
    }

    [Test]
    public void A_nudge_stays_within_the_range()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 1024).With(2, 256, 1024).WithFree(32);
        host[1] = host[1] with { Actual = KiB.FromMiB(1300), MaxMem = KiB.FromMiB(1301) };
        for (int i = 0; i < 600; i++)
        {
            Plan plan = host.Passes(1).Act();
            host[1] = host[1] with { Actual = KiB.FromMiB(1300) };
            Assert.That(Of(plan, 1).Target, Is.LessThanOrEqualTo(KiB.FromMiB(1024)));
        }
    }

    [Test]
    public void A_liar_keeps_what_it_was_lent_but_takes_nothing_that_is_in_use_and_gets_no_more_than_its_share_of_what_comes_free()
    {
        HostBuilder host = new HostBuilder().With(1, 500, 4096).With(2, 500, 4096).With(3, 500, 4096).WithFree(32);
        host.Run(120, (1, 100_000), (2, 300), (3, 300));
        KiB lent = host[1].Actual;
        host.Run(120, (1, 100_000), (2, 2000), (3, 300));
        Assert.That(host[1].Actual, Is.LessThanOrEqualTo(lent + KiB.FromMiB(16)));
        Assert.That(host[2].Actual, Is.GreaterThanOrEqualTo(KiB.FromMiB(340)));
        host.Remove(3);
        host.Run(120, (1, 100_000), (2, 2000));
        Assert.That(host[2].Actual.Value, Is.EqualTo(host[1].Actual.Value).Within(KiB.FromMiB(120).Value), "an equal share, now that there is some");
    }

    [Test]
    public void Growth_waits_while_a_domain_is_under_construction_but_not_for_ever()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).With(2, 100, 512).WithFree(500).Reports(1, 216);
        host[2] = host[2] with { Lifecycle = DomainLifecycle.Building, Target = null };
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.WaitingForMemory));
        Assert.That(Of(host.Passes(121).Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Growing));
    }

    [Test]
    public void Up_is_the_cap_first_and_down_is_the_target_first()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024, DomainKind.Hvm).WithFree(100).Reports(1, 100).Reports(2, 216);
        Plan plan = host.Decide();
        Assert.That(plan.Commands.Select(command => (command.Domain.Domid, command.Kind)), Is.EqualTo(new[]
        {
            (1, HostCommandKind.SetTarget),
            (2, HostCommandKind.SetMaxMem),
            (2, HostCommandKind.SetPodTarget),
            (2, HostCommandKind.SetTarget),
        }));
        HostCommand cap = CommandsOf(plan, 2)[0], target = CommandsOf(plan, 2)[2];
        Assert.That(cap.Value - target.Value, Is.EqualTo(KiB.FromMiB(1)));
    }

    [Test]
    public void After_a_step_down_the_cap_follows_to_what_was_reached()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Run(60, (1, 100), (2, 216));
        Assert.That(host[1].MaxMem, Is.LessThanOrEqualTo(host[1].Actual + KiB.FromMiB(5)));
    }

    [TestCase(DomainLifecycle.Paused)]
    [TestCase(DomainLifecycle.Suspended)]
    [TestCase(DomainLifecycle.Shutdown)]
    [TestCase(DomainLifecycle.Dying)]
    public void A_domain_that_does_not_run_gets_no_commands(DomainLifecycle lifecycle)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100).Reports(2, 216);
        host[1] = host[1] with { Lifecycle = lifecycle };
        Plan plan = host.Decide();
        Assert.That(CommandsOf(plan, 1), Is.Empty);
        Assert.That(Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.NotRunning));
    }

    [Test]
    public void dom0_and_unmanaged_domains_are_left_alone()
    {
        HostBuilder host = new HostBuilder().With(0, 512, 512).With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(0, 100).Reports(1, 100).Reports(2, 216);
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Managed = false })] };
        Plan plan = host.Decide();
        Assert.That(plan.Commands, Is.Empty);
        Assert.That(Of(plan, 0).Reason.Kind, Is.EqualTo(ReasonKind.Unmanaged));
        Assert.That(Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.Unmanaged));
        Assert.That(plan.Host.Alarm, Is.EqualTo(HostAlarm.None), "it may be over in a moment");
        for (int i = 0; i < 10; i++) plan = host.Passes(1).Reports(2, 216).Decide();
        Assert.That(plan.Host.Alarm, Is.EqualTo(HostAlarm.DemandExceedsHost));
    }

    [Test]
    public void A_domid_with_another_uuid_is_another_domain()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(32);
        host.Run(10, (1, 850));
        host[1] = host[1] with { Identity = new DomainIdentity(1, Uuid(77)), Report = null };
        Assert.That(Of(host.Decide(), 1).Demand!.Value.Verdict, Is.EqualTo(ReportVerdict.Silent));
    }

    [Test]
    public void Minimums_that_exceed_the_host_move_nobody_and_raise_the_alarm()
    {
        HostBuilder host = new HostBuilder().With(1, 300, 1024).With(2, 300, 1024).WithFree(40).Reports(1, 250).Reports(2, 100);
        host.Settings = host.Settings with { Defaults = new DomainSettings { Minimum = KiB.FromMiB(800) } };
        Plan plan = host.Decide();
        Assert.That(plan.Host.Alarm, Is.EqualTo(HostAlarm.MinimumsExceedHost));
        Assert.That(plan.Commands, Is.Empty);
    }

    [Test]
    public void A_balloon_that_does_not_take_its_promise_loses_it_and_is_left_in_peace()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).With(2, 256, 1024).WithFree(500).Reports(1, 216).Reports(2, 100);
        DomainSnapshot stuck = host[1];
        for (int i = 0; i < 30; i++)
        {
            host.Passes(1).Reports(1, 216).Reports(2, 100).Act();
            host[1] = host[1] with { Actual = stuck.Actual };
        }

        Plan plan = host.Passes(1).Reports(1, 216).Act();
        Assert.That(Of(plan, 1).Health, Is.EqualTo(BalloonHealth.Stuck));
        Assert.That(host[1].Target, Is.EqualTo(stuck.Actual));
        Assert.That(Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.Stuck));
    }

    [Test]
    public void A_stuck_balloon_that_moves_again_is_cooperative_again()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Run(3, (1, 100), (2, 216));
        KiB held = host[1].Actual + KiB.FromMiB(100);
        for (int i = 0; i < 40; i++)
        {
            host.Passes(1).Reports(1, 100).Reports(2, 216);
            host[1] = host[1] with { Actual = held };
            host.Act();
            host[1] = host[1] with { Actual = held };
        }

        Assert.That(Of(host.Decide(), 1).Health, Is.EqualTo(BalloonHealth.Stuck));
        host[1] = host[1] with { Actual = host[1].Target!.Value };
        Assert.That(Of(host.Passes(1).Decide(), 1).Health, Is.EqualTo(BalloonHealth.Cooperative));
    }

    [Test]
    public void A_heavier_guest_is_entitled_to_more_of_what_both_need()
    {
        HostBuilder host = new HostBuilder().With(1, 500, 1024).With(2, 500, 1024).WithFree(40).Reports(1, 430).Reports(2, 430);
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Weight = 300 })] };
        Plan plan = host.Decide();
        Assert.That(Of(plan, 1).Entitlement, Is.GreaterThan(KiB.FromMiB(564)), "all that it wants");
        Assert.That(Of(plan, 2).Entitlement, Is.EqualTo(KiB.FromMiB(1008) - Of(plan, 1).Entitlement), "the rest");
        Assert.That(Of(plan, 2).Reason.Kind, Is.EqualTo(ReasonKind.InUse), "which is not taken from it");
    }

    [Test]
    public void The_reason_says_in_one_line_what_was_seen_and_what_was_decided()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Decide();
        Plan plan = host.Passes(1).Reports(1, 100).Reports(2, 216).Decide();
        Assert.That(Of(plan, 1).Reason.ToString(), Does.Match(@"^idle: hot 140 MiB \+ headroom 28 MiB; share \d+ MiB; shrinking 900 MiB to \d+ MiB$"));
        Assert.That(Of(plan, 2).Reason.ToString(), Does.Match(@"^starved: hot 256 MiB \+ headroom \d+(\.\d)? MiB; share \d+ MiB; held at 256 MiB until memory is free$"));
    }
}
