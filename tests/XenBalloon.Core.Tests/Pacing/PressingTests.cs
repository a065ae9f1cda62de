using CsCheck;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.ContendedHost;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Pacing;

/// <summary>Domains that use more than their share while others are deprived.</summary>
public sealed class PressingTests
{
    [Test]
    public void Memory_used_beyond_a_share_returns_slowly_to_a_neighbour_below_its_entitlement()
    {
        HostBuilder host = Contended();
        KiB before = host[1].Target!.Value;
        Use(host, 3, WithSwap);
        Assert.That(
            before - host[1].Target!.Value, Is.InRange(KiB.FromMiB(20), KiB.FromMiB(42)), "one or two steps of 2 %");
        Use(host, 600, WithSwap);
        Assert.That(
            host[1].Target!.Value.Value,
            Is.EqualTo(host[2].Target!.Value.Value).Within(KiB.FromMiB(40).Value),
            "until both have the same");
    }

    [TestCase(1024, 20)]
    [TestCase(500, 10)]
    [TestCase(300, 8)]
    public void Small_domain_is_pressed_by_8_MiB_but_at_most_three_percent(int mib, int stepMib)
    {
        HostBuilder host = new HostBuilder().With(1, mib, 2048).With(2, 80, 1024).WithFree(32);
        Use(host, 1, WithSwap);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(mib - stepMib - 1), KiB.FromMiB(mib - stepMib)));
    }

    [Test]
    public void Stalled_domain_is_pressed_more_slowly()
    {
        HostBuilder well = Contended(), hurting = Contended();
        Use(well, 30, WithSwap);
        Use(hurting, 30, WithSwap with { MemorySome = 0.2 });
        KiB given = KiB.FromMiB(1024) - hurting[1].Target!.Value;
        Assert.That(
            given,
            Is.GreaterThan(KiB.FromMiB(40)).And.LessThan((KiB.FromMiB(1024) - well[1].Target!.Value).Times(0.7)));
    }

    [Test]
    public void Guest_that_reports_no_swap_data_keeps_its_use_within_its_boot_memory()
    {
        HostBuilder host = Contended();
        Use(host, 300, null);
        Use(host, 300, WithSwap with { SwapTotal = KiB.FromMiB(64) });
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void Guest_that_reports_no_swap_data_is_pressed_to_its_boot_memory_only(
        [Values] bool hasAgent)
    {
        HostBuilder host = Contended(bootMib: 800);
        Use(host, 20, hasAgent ? new GuestVitals() : null);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(820), KiB.FromMiB(900)), "slowly");
        Use(host, 600, hasAgent ? new GuestVitals() : null);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(800), KiB.FromMiB(812)), "within the dead band");
    }

    [Test]
    public void Swap_setting_takes_precedence_over_the_report(
        [Values] bool saysThatItHasNone)
    {
        HostBuilder host = Contended(bootMib: 1024);
        Say(host, new DomainSettings { Swap = true });
        Use(host, 600, saysThatItHasNone ? WithSwap with { SwapTotal = KiB.Zero } : null);
        Assert.That(host[1].Target!.Value.Value, Is.EqualTo(host[2].Target!.Value.Value).Within(KiB.FromMiB(40).Value));
    }

    [Test]
    public void Swap_setting_does_not_matter_if_the_swap_is_full()
    {
        HostBuilder host = Contended(bootMib: 256);
        Say(host, new DomainSettings { Swap = true });
        Use(host, 300, WithSwap with { SwapUsed = KiB.FromMiB(2048) });
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void Guest_configured_without_swap_is_not_pressed()
    {
        HostBuilder host = Contended(bootMib: 256);
        Say(host, new DomainSettings { Swap = false });
        Use(host, 300, WithSwap);
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void Need_beyond_the_guaranteed_share_presses_a_neighbour_if_entitled()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 2048).With(2, 500, 2048).With(3, 100, 1024).WithFree(32);
        for (int i = 0; i < 300; i++)
        {
            host.Passes(1).Reports(1, 2000, WithSwap).Reports(2, 2000, WithSwap).Reports(3, 10, WithSwap).Act();
        }

        Assert.That(host[2].Target!.Value, Is.InRange(KiB.FromMiB(670), KiB.FromMiB(720)), "its share is 500 MiB");
    }

    [Test]
    public void Guest_that_reports_rarely_is_pressed_between_its_reports()
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
    public void Guest_whose_swap_is_nearly_full_is_not_pressed()
    {
        HostBuilder host = Contended();
        Use(host, 300, WithSwap with { SwapUsed = KiB.FromMiB(2048 - 64) });
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void No_domain_is_pressed_if_press_to_share_is_off()
    {
        HostBuilder host = Contended();
        host.Settings = host.Settings with { PressToShare = false };
        Use(host, 300, WithSwap);
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.InUse));
    }

    [Test]
    public void No_domain_is_pressed_if_all_others_have_their_share()
    {
        HostBuilder host = Contended();
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Weight = 1000 })] };
        Use(host, 300, WithSwap);
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void Guest_that_falls_silent_does_not_keep_lent_memory([Values] bool writesJunk)
    {
        HostBuilder host = Contended(bootMib: 256);
        Use(host, 1, WithSwap);
        Silence(host, writesJunk ? 10 : 40, writesJunk);
        Assert.That(host[1].Target, Is.InRange(KiB.FromMiB(850), KiB.FromMiB(1000)), "little by little");
        Silence(host, 600, writesJunk);
        Assert.That(
            Of(host.Decide(), 1).Reason.ToString(),
            Does.Contain(writesJunk ? "; its report is unreadable" : "; its last report is too old")
                .And.Not.Contain("in use"));
        Assert.That(
            host[1].Target!.Value.Value,
            Is.EqualTo(host[2].Target!.Value.Value).Within(KiB.FromMiB(40).Value),
            "both have their share");
    }

    [Test]
    public void Guest_that_fell_silent_keeps_its_minimum([Values] bool writesJunk)
    {
        HostBuilder host = Contended(bootMib: 256);
        Say(host, new DomainSettings { Minimum = KiB.FromMiB(900) });
        Use(host, 1, WithSwap);
        Silence(host, 900, writesJunk);
        Assert.That(host[1].Target!.Value, Is.GreaterThanOrEqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void Guest_that_fell_silent_keeps_its_boot_memory()
    {
        HostBuilder host = Contended(bootMib: 900);
        Use(host, 1, WithSwap);
        Silence(host, 900, writesJunk: false);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(900), KiB.FromMiB(912)), "within the dead band");
    }

    [Test]
    public void Guest_that_fell_silent_without_swap_data_keeps_its_boot_memory()
    {
        HostBuilder host = Contended(bootMib: 800);
        Use(host, 1, new GuestVitals());
        Silence(host, 900, writesJunk: false);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(800), KiB.FromMiB(812)), "within the dead band");
    }

    [Test]
    public void Silent_guest_is_pressed_into_no_more_swap_than_last_reported()
    {
        HostBuilder host = Contended(bootMib: 256);
        Use(host, 1, WithSwap with { SwapTotal = KiB.FromMiB(150 + 64) });
        Silence(host, 1800, writesJunk: true);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(1024 - 150), KiB.FromMiB(1024 - 130)));
    }

    [Test]
    public void Silent_guest_is_pressed_within_its_last_reported_swap_and_at_the_pace_of_its_stall() =>
        Gen.Select(Gen.Int[0, 1024], Gen.Int[0, 1024], Gen.Double[0, 0.49], Gen.Bool)
            .Sample((totalMib, usedMib, strain, writesJunk) =>
        {
            KiB total = KiB.FromMiB(totalMib), used = KiB.Min(total, KiB.FromMiB(usedMib));
            HostBuilder host = Contended(bootMib: 256);
            KiB before = host[1].Target!.Value;
            Use(host, 1, WithSwap with { SwapTotal = total, SwapUsed = used, MemorySome = strain });
            Silence(host, 40, writesJunk);
            KiB soon = before - host[1].Target!.Value;
            Silence(host, 1000, writesJunk);
            KiB given = before - host[1].Target!.Value;
            KiB room = KiB.Max(KiB.Zero, total - used - KiB.FromMiB(64));
            KiB step = before.Times(0.02) + KiB.Page;
            bool slowly = strain >= DomainDemand.StallThreshold || !writesJunk;
            bool unhurriedly =
                soon <= new KiB(step.Value * (2 + (40 / (slowly ? 6 : 2)))); // one of them was taken on its word
            bool somethingGoes = given > KiB.Zero || room < step;
            return given <= room && unhurriedly && somethingGoes;
        });

    [Test]
    public void Guest_with_unreadable_reports_is_pressed_fast_for_an_eighth_and_then_slowly()
    {
        HostBuilder host = Contended(bootMib: 256);
        Use(host, 1, WithSwap);
        Silence(host, 40, writesJunk: true);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(805), KiB.FromMiB(835)));
        Silence(host, 30, writesJunk: true);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(720), KiB.FromMiB(760)));
    }

    [Test]
    public void Silent_guest_that_last_reported_a_stall_is_pressed_slowly()
    {
        HostBuilder host = Contended(bootMib: 256);
        Use(host, 1, WithSwap with { MemorySome = 0.2 });
        Silence(host, 40, writesJunk: true);
        Assert.That(host[1].Target!.Value, Is.InRange(KiB.FromMiB(870), KiB.FromMiB(910)));
    }

    [Test]
    public void Guest_that_reports_too_rarely_is_still_pressed()
    {
        HostBuilder host = Contended(bootMib: 256);
        for (int i = 0; i < 4; i++)
        {
            Use(host, 1, WithSwap);
            Silence(host, 148, writesJunk: false);
        }

        Assert.That(Of(host.Decide(), 1).Demand!.Value.IsReported, Is.True);
        Assert.That(host[1].Target!.Value, Is.LessThan(KiB.FromMiB(700)), "a request was not answered");
    }

    [Test]
    public void Guest_that_answers_requests_is_pressed_as_one_that_reports_by_itself()
    {
        HostBuilder host = Contended();
        Use(host, 1, WithSwap);
        for (int i = 0; i < 600; i++)
        {
            Plan plan = host.Passes(1).Reports(2, 2000, WithSwap).Act();
            // A heartbeat, and the answers to requests.
            if (i % 60 == 0 || CommandsOf(plan, 1).Any(command => command.Kind == HostCommandKind.RequestReport))
            {
                host.Passes(0.1).Reports(1, 2000, WithSwap).Act();
            }
        }

        Assert.That(host[1].Target!.Value.Value, Is.EqualTo(host[2].Target!.Value.Value).Within(KiB.FromMiB(40).Value));
    }

    [Test]
    public void Guest_that_fell_silent_does_not_get_boot_memory_within_a_neighbours_share()
    {
        HostBuilder host = Contended(bootMib: 1024);
        Use(host, 600, WithSwap);
        Silence(host, 900, writesJunk: false);
        Assert.That(host[2].Target!.Value, Is.GreaterThan(KiB.FromMiB(600)), "half of what there is");
    }

    [Test]
    public void Report_that_swap_is_gone_is_accepted()
    {
        HostBuilder host = Contended(bootMib: 256);
        Use(host, 60, WithSwap);
        KiB before = host[1].Target!.Value;
        Use(host, 600, WithSwap with { SwapTotal = KiB.Zero });
        Assert.That(
            before - host[1].Target!.Value,
            Is.LessThanOrEqualTo(KiB.FromMiB(12)),
            "at most the step in progress");
    }

    [Test]
    public void Guest_that_fell_silent_keeps_lent_memory_while_all_domains_have_their_entitlement()
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

/// <summary>
/// Domains that lack their guaranteed share while another exceeds its own and cannot give memory back.
/// </summary>
public sealed class DeprivedDomainTests
{
    private static readonly GuestVitals NoSwapLeft = new()
    {
        MemorySome = 0.5,
        SwapTotal = KiB.FromMiB(1024),
        SwapUsed = KiB.FromMiB(1024),
    };
    private static readonly GuestVitals Well = new()
    {
        MemorySome = 0,
        SwapTotal = KiB.FromMiB(1024),
        SwapUsed = KiB.Zero,
    };

    [Test]
    public void Idle_memory_of_a_third_domain_goes_to_domains_that_are_entitled_to_it()
    {
        HostBuilder host = Host(borrower: 1500, deprived: 400, idle: 600);
        Run(host, 60, borrower: 1460, deprived: 500, idle: 100);
        Assert.That(host[2].Target, Is.GreaterThan(KiB.FromMiB(540)));
        Assert.That(
            host[1].Target,
            Is.GreaterThanOrEqualTo(KiB.FromMiB(1500)),
            "memory in use is not taken without free swap");
    }

    [Test]
    public void Missing_memory_is_not_lent_to_a_domain_that_cannot_give_it_back()
    {
        HostBuilder host = Host(borrower: 800, deprived: 800, idle: 800);
        host.Settings = host.Settings with { Spare = SpareUse.Keep };
        Run(host, 300, borrower: 2000, deprived: 600, idle: 600);
        Assert.That(
            host[1].Target,
            Is.InRange(KiB.FromMiB(800), KiB.FromMiB(960)),
            "its share, and three quarters of the unused shares of others");
    }

    private static HostBuilder Host(long borrower, long deprived, long idle) =>
        new HostBuilder().With(1, borrower, 2048).With(2, deprived, 2048).With(3, idle, 2048).WithFree(32);

    private static void Run(HostBuilder host, int seconds, long borrower, long deprived, long idle)
    {
        for (int i = 0; i < seconds; i++)
        {
            host.Passes(1).Reports(1, borrower, NoSwapLeft).Reports(2, deprived, Well).Reports(3, idle, Well).Act();
        }
    }
}
