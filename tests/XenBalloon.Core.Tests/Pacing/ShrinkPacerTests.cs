using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Pacing;

/// <summary>How domains shrink.</summary>
public sealed class ShrinkPacerTests
{
    [Test]
    public void Each_report_allows_one_step_down()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100)
            .Reports(2, 216);
        host.Act();
        KiB after = host[1].Actual;
        Assert.That(after, Is.LessThan(KiB.FromMiB(900)));
        for (int i = 0; i < 5; i++) host.Passes(1).Reports(2, 900).Act();
        Assert.That(host[1].Actual, Is.EqualTo(after), "no second step on the same report");
        host.Reports(1, 100).Act();
        Assert.That(host[1].Actual, Is.LessThan(after));
    }

    [TestCase(512)]
    [TestCase(8192)]
    public void Small_need_is_met_though_each_of_many_idle_domains_has_little_too_much(int sizeMib)
    {
        const int Idle = 50;
        HostBuilder host = new HostBuilder().With(Idle, 256, 512);
        for (int domid = 1; domid < Idle; domid++) host.With(domid, sizeMib, sizeMib);
        host.WithFree(32);
        (int, long)[] loads = [.. Enumerable.Range(1, Idle - 1).Select(domid => (domid, 200L)), (Idle, 216)];
        for (int i = 0; i < 30; i++)
        {
            loads[^1] = (Idle, Math.Min(300, (host[Idle].Actual - Overhead).Value / 1024));
            host.Run(1, loads);
        }

        Assert.That(host[Idle].Actual, Is.GreaterThanOrEqualTo(KiB.FromMiB(300) + Overhead));
    }

    [Test]
    public void No_step_down_while_the_balloon_moves()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 600, 1024).WithFree(32).Reports(1, 100)
            .Reports(2, 560);
        host[1] = host[1] with { Target = KiB.FromMiB(800) };
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Settling));
    }

    [Test]
    public void Urgent_step_takes_half_of_the_available_memory_if_that_is_more_than_half_the_gap()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100)
            .Reports(2, 216);
        DomainDecision decision = Of(host.Decide(), 1);
        KiB available = host[1].Report!.Available!.Value - KiB.FromMiB(16);
        Assert.That(
            decision.Target,
            Is.EqualTo(KiB.Max(decision.Entitlement!.Value, KiB.FromMiB(900) - available.Times(0.5)).CeilingToPage()));
    }

    [Test]
    public void Step_down_without_need_is_gentle()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 1024).WithFree(32);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(300) };
        host.Settings = host.Settings with { IdleTax = 0 };
        host.Reports(1, 100).Reports(2, 100).Passes(1).Decide();
        Plan plan = host.Passes(9).Reports(1, 100).Reports(2, 100).Decide();
        Assert.That(plan.Host.Pressure, Is.EqualTo(HostPressure.None));
        Assert.That(
            (KiB.FromMiB(900) - Of(plan, 1).Target!.Value).Value,
            Is.EqualTo(KiB.FromMiB(45).Value).Within(KiB.FromMiB(6).Value));
    }

    [Test]
    public void Old_report_allows_no_step_down()
    {
        var calm = new GuestVitals { MemorySome = 0 };
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100, calm)
            .Reports(2, 100);
        host.Decide();
        host.Passes(60).Reports(2, 216);
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Settling), "it may use far more by now");
        Assert.That(Of(host.Passes(1).Reports(1, 100, calm).Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Shrinking));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Guest_that_reports_rarely_gives_half_of_its_available_memory_between_reports(bool lacks)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 900, 4096).WithFree(32);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(200) };
        host.Settings = host.Settings with { KeepFree = lacks ? KiB.Zero : KiB.FromMiB(600) };
        host.Decide();
        host.Passes(60).Reports(1, 100).Reports(2, 100).Decide();
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
        host.Passes(6);
        for (int i = 0; i < 50; i++) host.Passes(1).Reports(2, lacks ? 2000 : 100).Act();
        KiB least = KiB.FromMiB(900 - (760 / 2));
        Assert.That(host[1].Target, lacks ? Is.InRange(least, least + KiB.FromMiB(12)) : Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void Step_down_is_bounded_by_available_memory_even_with_a_wrong_overhead()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(2, 216);
        host[1] = host[1] with
        {
            Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(100), KiB.FromMiB(160), host.Now),
        };
        host[1] = host[1] with { Actual = KiB.FromMiB(899) };
        Assert.That(KiB.FromMiB(900) - Of(host.Decide(), 1).Target!.Value, Is.LessThanOrEqualTo(KiB.FromMiB(60 - 16)));
    }

    [Test]
    public void Kernel_overhead_is_not_measured_while_the_balloon_moves()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host[1] = host[1] with { Target = KiB.FromMiB(500) };
        host.Decide();
        host.Passes(1);
        host[1] = host[1] with
        {
            Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(100), KiB.FromMiB(890), host.Now),
            Actual = KiB.FromMiB(880),
        };
        Assert.That(
            Of(host.Decide(), 1).Demand!.Value.InUse, Is.EqualTo(KiB.FromMiB(100 + 64 + 16)), "assumed, not 880 − 890");
    }
}

/// <summary>Memory that no domain needs.</summary>
public sealed class SpareTests
{
    [Test]
    public void Spare_memory_is_taken_slowly_from_a_guest_that_reports_stalls()
    {
        HostBuilder host = Host(SpareUse.Keep);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(300) };
        Run(host, new GuestVitals { MemorySome = 0, SwapTotal = KiB.FromMiB(512) });
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(400)));
    }

    [Test]
    public void Spare_memory_is_not_taken_below_boot_memory()
    {
        HostBuilder host = Host(SpareUse.Keep);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(700) };
        Run(host, new GuestVitals { MemorySome = 0, SwapTotal = KiB.FromMiB(512) });
        Assert.That(host[1].Target, Is.InRange(KiB.FromMiB(700), KiB.FromMiB(710)));
    }

    [Test]
    public void Swapless_guest_keeps_its_boot_memory_until_it_is_needed()
    {
        HostBuilder host = Host(SpareUse.Keep);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(700) };
        Run(host, new GuestVitals { MemorySome = 0, SwapTotal = KiB.Zero });
        Assert.That(host[1].Target, Is.InRange(KiB.FromMiB(700), KiB.FromMiB(710)));
    }

    [Test]
    public void Guest_that_reports_no_swap_data_keeps_its_spare_memory_like_a_swapless_one()
    {
        HostBuilder host = Host(SpareUse.Keep);
        Run(host, new GuestVitals { MemorySome = 0 });
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void Guest_without_stall_reports_keeps_its_spare_memory_until_it_is_needed()
    {
        HostBuilder host = Host(SpareUse.Keep);
        Run(host, null);
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void Guest_with_early_stalls_keeps_its_cache()
    {
        HostBuilder host = Host(SpareUse.Keep);
        Run(host, new GuestVitals { MemorySome = 0.004 });
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void Pace_of_zero_leaves_spare_memory_until_it_is_needed()
    {
        HostBuilder host = Host(SpareUse.Keep);
        host.Settings = host.Settings with { Pace = 0 };
        Run(host, new GuestVitals { MemorySome = 0 });
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void Spare_memory_is_lent_if_configured()
    {
        HostBuilder host = Host(SpareUse.Lend);
        Run(host, null);
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(1000)));
    }

    private static HostBuilder Host(SpareUse spare)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 2048).WithFree(500);
        host.Settings = host.Settings with { Spare = spare };
        return host;
    }

    private static void Run(HostBuilder host, GuestVitals? vitals)
    {
        for (int i = 0; i < 300; i++) host.Passes(1).Reports(1, 200, vitals).Act();
    }
}

/// <summary>The search for memory that guests count as used and do not use.</summary>
public sealed class ProbingTests
{
    private static readonly GuestVitals Quiet = new()
    {
        MemorySome = 0,
        IoSome = 0,
        SwapTotal = KiB.FromMiB(1024),
        SwapUsed = KiB.Zero,
    };

    [Test]
    public void Quiet_guest_is_probed_in_small_steps()
    {
        HostBuilder host = Starving();
        Probe(host, 100, Quiet);
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(835)));
    }

    [Test]
    public void Probing_is_off_by_default()
    {
        HostBuilder host = Starving();
        host.Settings = host.Settings with { Probing = false };
        Probe(host, 100, Quiet);
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(840)));
    }

    [Test]
    public void Guest_without_swap_is_not_probed()
    {
        HostBuilder host = Starving();
        Probe(host, 100, Quiet with { SwapTotal = KiB.Zero });
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(840)));
    }

    [Test]
    public void First_stall_pauses_the_probe()
    {
        HostBuilder host = Starving();
        Probe(host, 100, Quiet);
        KiB before = host[1].Target!.Value;
        host.Passes(1).Reports(1, 800, Quiet with { MemorySome = 0.05 }).Reports(2, 900).Act();
        Probe(host, 60, Quiet);
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(before));
    }

    private static HostBuilder Starving()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Settings = host.Settings with { Probing = true, PressToShare = false, IdleTax = 0 };
        return host;
    }

    private static void Probe(HostBuilder host, int seconds, GuestVitals vitals)
    {
        for (int i = 0; i < seconds; i++) host.Passes(1).Reports(1, 760, vitals).Reports(2, 900).Act();
    }
}
