using CsCheck;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.ContendedHost;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>Domains that use more than their share while others lack theirs.</summary>
public sealed class PressingTests
{
    [Test]
    public void What_is_used_beyond_a_share_goes_back_little_by_little_to_a_neighbour_that_lacks_its_own()
    {
        HostBuilder host = Contended();
        KiB before = host[1].Target!.Value;
        Use(host, 3, WithSwap);
        Assert.That(before - host[1].Target!.Value, Is.InRange(KiB.FromMiB(20), KiB.FromMiB(42)), "one or two steps of 2 %");
        Use(host, 600, WithSwap);
        Assert.That(host[1].Target!.Value.Value, Is.EqualTo(host[2].Target!.Value.Value).Within(KiB.FromMiB(40).Value), "until both have the same");
    }

    [TestCase(1024, 20)]
    [TestCase(500, 10)]
    [TestCase(300, 8)]
    public void A_small_domain_gives_as_much_at_a_time_as_a_disk_writes_unnoticed_but_no_more_than_three_hundredths_of_it(int mib, int stepMib)
    {
        HostBuilder host = new HostBuilder().With(1, mib, 2048).With(2, 80, 1024).WithFree(32);
        Use(host, 1, WithSwap);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(mib - stepMib - 1), KiB.FromMiB(mib - stepMib)));
    }

    [Test]
    public void One_that_waits_for_memory_already_is_pressed_more_slowly()
    {
        HostBuilder well = Contended(), hurting = Contended();
        Use(well, 30, WithSwap);
        Use(hurting, 30, WithSwap with { MemorySome = 0.2 });
        KiB given = KiB.FromMiB(1024) - hurting[1].Target!.Value;
        Assert.That(given, Is.GreaterThan(KiB.FromMiB(40)).And.LessThan((KiB.FromMiB(1024) - well[1].Target!.Value).Times(0.7)));
    }

    [Test]
    public void A_guest_that_does_not_say_that_it_has_swap_keeps_what_it_uses_of_what_it_booted_with()
    {
        HostBuilder host = Contended();
        Use(host, 300, null);
        Use(host, 300, WithSwap with { SwapTotal = KiB.FromMiB(64) });
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void A_guest_that_says_nothing_of_swap_is_pressed_down_to_what_it_booted_with_and_no_further(
        [Values] bool hasAgent)
    {
        HostBuilder host = Contended(bootMib: 800);
        Use(host, 20, hasAgent ? new GuestVitals() : null);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(820), KiB.FromMiB(900)), "slowly");
        Use(host, 600, hasAgent ? new GuestVitals() : null);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(800), KiB.FromMiB(812)), "within the dead band");
    }

    [Test]
    public void The_operators_word_that_a_guest_has_swap_counts_for_more_than_its_own_or_none(
        [Values] bool saysThatItHasNone)
    {
        HostBuilder host = Contended(bootMib: 1024);
        Say(host, new DomainSettings { Swap = true });
        Use(host, 600, saysThatItHasNone ? WithSwap with { SwapTotal = KiB.Zero } : null);
        Assert.That(host[1].Target!.Value.Value, Is.EqualTo(host[2].Target!.Value.Value).Within(KiB.FromMiB(40).Value));
    }

    [Test]
    public void Of_a_guest_whose_swap_is_full_the_operators_word_that_it_has_swap_changes_nothing()
    {
        HostBuilder host = Contended(bootMib: 256);
        Say(host, new DomainSettings { Swap = true });
        Use(host, 300, WithSwap with { SwapUsed = KiB.FromMiB(2048) });
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void Nothing_is_pressed_out_of_a_guest_of_which_the_operator_says_that_it_has_no_swap()
    {
        HostBuilder host = Contended(bootMib: 256);
        Say(host, new DomainSettings { Swap = false });
        Use(host, 300, WithSwap);
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void Need_beyond_a_guaranteed_share_is_reason_enough_where_the_neighbour_is_entitled_to_it()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 2048).With(2, 500, 2048).With(3, 100, 1024).WithFree(32);
        for (int i = 0; i < 300; i++)
        {
            host.Passes(1).Reports(1, 2000, WithSwap).Reports(2, 2000, WithSwap).Reports(3, 10, WithSwap).Act();
        }

        Assert.That(host[2].Target!.Value, Is.InRange(KiB.FromMiB(670), KiB.FromMiB(720)), "its share is 500 MiB");
    }

    [Test]
    public void One_that_reports_seldom_is_pressed_between_its_reports_too()
    {
        HostBuilder host = Contended(bootMib: 256);
        for (int i = 0; i < 4; i++)
        {
            if (i > 0) host.Passes(20);
            host.Reports(1, 2000).Reports(2, 2000).Act();
        }

        KiB before = host[1].Target!.Value;
        for (int i = 0; i < 20; i++) host.Passes(1).Reports(2, 2000).Act();
        Assert.That(before - host[1].Target!.Value, Is.GreaterThan(KiB.FromMiB(60)));
    }

    [Test]
    public void A_guest_whose_swap_is_nearly_full_keeps_what_it_uses()
    {
        HostBuilder host = Contended();
        Use(host, 300, WithSwap with { SwapUsed = KiB.FromMiB(2048 - 64) });
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void Nothing_that_is_used_is_taken_where_the_operator_does_not_want_it()
    {
        HostBuilder host = Contended();
        host.Settings = host.Settings with { PressToShare = false };
        Use(host, 300, WithSwap);
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.InUse));
    }

    [Test]
    public void A_neighbour_that_has_its_share_is_no_reason_to_press_anybody()
    {
        HostBuilder host = Contended();
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Weight = 1000 })] };
        Use(host, 300, WithSwap);
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void Falling_silent_makes_nothing_a_guests_own_that_was_lent_to_it([Values] bool writesJunk)
    {
        HostBuilder host = Contended(bootMib: 256);
        Use(host, 1, WithSwap);
        Silence(host, writesJunk ? 10 : 40, writesJunk);
        Assert.That(host[1].Target, Is.InRange(KiB.FromMiB(850), KiB.FromMiB(1000)), "little by little");
        Silence(host, 600, writesJunk);
        Assert.That(Of(host.Decide(), 1).Reason.ToString(), Does.Contain(writesJunk ? "; its report is unreadable" : "; its last report is too old").And.Not.Contain("in use"));
        Assert.That(host[1].Target!.Value.Value, Is.EqualTo(host[2].Target!.Value.Value).Within(KiB.FromMiB(40).Value), "both have their share");
    }

    [Test]
    public void A_guest_that_fell_silent_keeps_its_minimum_too([Values] bool writesJunk)
    {
        HostBuilder host = Contended(bootMib: 256);
        Say(host, new DomainSettings { Minimum = KiB.FromMiB(900) });
        Use(host, 1, WithSwap);
        Silence(host, 900, writesJunk);
        Assert.That(host[1].Target!.Value, Is.GreaterThanOrEqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void A_guest_that_fell_silent_keeps_what_it_booted_with()
    {
        HostBuilder host = Contended(bootMib: 900);
        Use(host, 1, WithSwap);
        Silence(host, 900, writesJunk: false);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(900), KiB.FromMiB(912)), "within the dead band");
    }

    [Test]
    public void A_guest_that_fell_silent_and_never_said_that_it_has_swap_keeps_what_it_booted_with_too()
    {
        HostBuilder host = Contended(bootMib: 800);
        Use(host, 1, new GuestVitals());
        Silence(host, 900, writesJunk: false);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(800), KiB.FromMiB(812)), "within the dead band");
    }

    [Test]
    public void Nobody_is_pressed_unheard_into_more_swap_than_he_last_said_he_had_and_some_is_left()
    {
        HostBuilder host = Contended(bootMib: 256);
        Use(host, 1, WithSwap with { SwapTotal = KiB.FromMiB(150 + 64) });
        Silence(host, 1800, writesJunk: true);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(1024 - 150), KiB.FromMiB(1024 - 130)));
    }

    [Test]
    public void Whatever_swap_and_pain_one_last_spoke_of_silence_costs_it_no_more_than_that_swap_and_goes_at_the_pace_of_its_pain() =>
        Gen.Select(Gen.Int[0, 1024], Gen.Int[0, 1024], Gen.Double[0, 0.49], Gen.Bool).Sample((totalMib, usedMib, strain, writesJunk) =>
        {
            KiB total = KiB.FromMiB(totalMib), used = KiB.Min(total, KiB.FromMiB(usedMib));
            HostBuilder host = Contended(bootMib: 256);
            KiB before = host[1].Target!.Value;
            Use(host, 1, WithSwap with { SwapTotal = total, SwapUsed = used, MemorySome = strain });
            Silence(host, 40, writesJunk);
            KiB soon = before - host[1].Target!.Value;
            Silence(host, 1000, writesJunk);
            KiB given = before - host[1].Target!.Value, room = KiB.Max(KiB.Zero, total - used - KiB.FromMiB(64)), step = before.Times(0.02) + KiB.Page;
            bool slowly = strain >= DomainDemand.StallThreshold || !writesJunk;
            bool unhurriedly = soon <= new KiB(step.Value * (2 + (40 / (slowly ? 6 : 2)))); // one of them was taken on its word
            bool somethingGoes = given > KiB.Zero || room < step;
            return given <= room && unhurriedly && somethingGoes;
        });

    [Test]
    public void What_is_taken_from_one_that_writes_junk_goes_fast_for_an_eighth_and_then_as_slowly_as_from_one_in_pain()
    {
        HostBuilder host = Contended(bootMib: 256);
        Use(host, 1, WithSwap);
        Silence(host, 40, writesJunk: true);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(805), KiB.FromMiB(835)));
        Silence(host, 30, writesJunk: true);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(720), KiB.FromMiB(760)));
    }

    [Test]
    public void One_that_last_said_that_it_waits_for_memory_is_pressed_unheard_as_slowly_as_if_it_said_so_still()
    {
        HostBuilder host = Contended(bootMib: 256);
        Use(host, 1, WithSwap with { MemorySome = 0.2 });
        Silence(host, 40, writesJunk: true);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(870), KiB.FromMiB(910)));
    }

    [Test]
    public void Speaking_seldom_keeps_nobody_from_being_pressed()
    {
        HostBuilder host = Contended(bootMib: 256);
        for (int i = 0; i < 4; i++)
        {
            Use(host, 1, WithSwap);
            Silence(host, 148, writesJunk: false);
        }

        Assert.That(Of(host.Decide(), 1).Demand!.Value.IsReported, Is.True);
        Assert.That(host[1].Target!.Value, Is.LessThan(KiB.FromMiB(700)), "it was asked and did not answer");
    }

    [Test]
    public void One_that_answers_when_it_is_asked_is_pressed_as_one_that_speaks_by_itself()
    {
        HostBuilder host = Contended();
        Use(host, 1, WithSwap);
        for (int i = 0; i < 600; i++)
        {
            Plan plan = host.Passes(1).Reports(2, 2000, WithSwap).Act();
            // A heartbeat, and its answers.
            if (i % 60 == 0 || CommandsOf(plan, 1).Any(command => command.Kind == HostCommandKind.RequestReport)) host.Passes(0.1).Reports(1, 2000, WithSwap).Act();
        }

        Assert.That(host[1].Target!.Value.Value, Is.EqualTo(host[2].Target!.Value.Value).Within(KiB.FromMiB(40).Value));
    }

    [Test]
    public void By_falling_silent_nobody_gets_the_boot_memory_back_that_is_a_neighbours_by_right()
    {
        HostBuilder host = Contended(bootMib: 1024);
        Use(host, 600, WithSwap);
        Silence(host, 900, writesJunk: false);
        Assert.That(host[2].Target!.Value, Is.GreaterThan(KiB.FromMiB(600)), "half of what there is");
    }

    [Test]
    public void One_that_says_that_it_has_no_swap_any_more_is_believed_for_pressing_it_might_kill_it()
    {
        HostBuilder host = Contended(bootMib: 256);
        Use(host, 60, WithSwap);
        KiB before = host[1].Target!.Value;
        Use(host, 600, WithSwap with { SwapTotal = KiB.Zero });
        Assert.That(before - host[1].Target!.Value, Is.LessThanOrEqualTo(KiB.FromMiB(12)), "no more than the step that was under way");
    }

    [Test]
    public void A_guest_that_fell_silent_keeps_what_was_lent_to_it_while_nobody_lacks_his_own()
    {
        HostBuilder host = Contended(bootMib: 256);
        host.Passes(1).Reports(1, 2000, WithSwap).Act();
        for (int i = 0; i < 900; i++) host.Passes(1).Reports(2, 100, WithSwap).Act();
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(1024)));
    }

    private static void Silence(HostBuilder host, int seconds, bool writesJunk)
    {
        if (writesJunk) host[1] = host[1] with { Intake = ReportIntake.Unreadable };
        for (int i = 0; i < seconds; i++) host.Passes(1).Reports(2, 2000, WithSwap).Act();
    }
}
