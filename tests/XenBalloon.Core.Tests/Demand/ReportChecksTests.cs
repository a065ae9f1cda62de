using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Demand;

/// <summary>Reports that no kernel can have written.</summary>
public sealed class PlausibilityTests
{
    private static readonly KiB Total = KiB.FromMiB(900);
    private static readonly KiB Used = KiB.FromMiB(300);
    private static readonly KiB Beyond = KiB.FromMiB(901);
    private static readonly KiB Negative = new(-1);
    private static readonly KiB Huge = new((1L << 40) + 1);

    private static IEnumerable<TestCaseData> Sane()
    {
        yield return Case("only used memory", Report(Used, null));
        yield return Case("all of it used", Report(Total, Total));
        yield return Case("more than is held now, while memory is on its way", Report(Used, KiB.FromMiB(2048)));
        yield return Case("swap that is full", With(new GuestVitals { SwapTotal = Beyond, SwapUsed = Beyond }));
        yield return Case("waiting all the time", With(new GuestVitals { MemorySome = 1, IoSome = 1 }));
        yield return Case("counters at zero", With(new GuestVitals { SwapIns = 0, MemorySomeTotal = TimeSpan.Zero }));
    }

    private static IEnumerable<TestCaseData> Insane()
    {
        yield return Case("negative used memory", Report(Negative, Total));
        yield return Case("more used than total", Report(Beyond, Total));
        yield return Case("more used than it can ever have", Report(KiB.FromMiB(2049), null));
        yield return Case("more than it can ever have", Report(Used, KiB.FromMiB(2049)));
        yield return Case("no memory at all", Report(KiB.Zero, KiB.Zero));
        yield return Case("more free than there is", With(new GuestVitals { Free = Beyond }));
        yield return Case("more anonymous than there is", With(new GuestVitals { Anonymous = Beyond }));
        yield return Case("more cache than there is", With(new GuestVitals { FileCache = Beyond }));
        yield return Case("more shared than there is", With(new GuestVitals { Shared = Beyond }));
        yield return Case("negative cache", With(new GuestVitals { FileCache = Negative }));
        yield return Case(
            "more swapped than there is swap",
            With(new GuestVitals { SwapTotal = Used, SwapUsed = Used + new KiB(1) }));
        yield return Case("more swap than any machine has", With(new GuestVitals { SwapTotal = Huge }));
        yield return Case("waiting for more than all of its time", With(new GuestVitals { MemorySome = 1.01 }));
        yield return Case("waiting for less than none of its time", With(new GuestVitals { MemorySome = -0.01 }));
        yield return Case("a waiting time that is not a number", With(new GuestVitals { IoSome = double.NaN }));
        yield return Case("a negative count of swap-ins", With(new GuestVitals { SwapIns = -1 }));
        yield return Case("a negative count of killed programs", With(new GuestVitals { OomKills = -1 }));
        yield return Case("a negative time", With(new GuestVitals { MemorySomeTotal = TimeSpan.FromTicks(-1) }));
    }

    [TestCaseSource(nameof(Sane))]
    public void Possible_report_is_accepted(GuestReport report) =>
        Assert.That(Verdict(report), Is.EqualTo(ReportVerdict.Fresh));

    [TestCaseSource(nameof(Insane))]
    public void Impossible_report_is_rejected(GuestReport report) =>
        Assert.That(Verdict(report), Is.EqualTo(ReportVerdict.Implausible));

    [Test]
    public void Guest_with_an_impossible_report_keeps_its_memory_and_the_reason_shows_it()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 2048).With(2, 256, 2048).WithFree(32).Reports(2, 250);
        host[1] = host[1] with { Report = Report(Negative, Total) with { ReceivedAt = host.Now } };
        Plan plan = host.Decide();
        Assert.That(CommandsOf(plan, 1), Is.Empty);
        Assert.That(Of(plan, 1).Reason.ToString(), Does.EndWith(": its report is unreadable or impossible"));
    }

    [Test]
    public void Next_possible_report_is_accepted()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 2048).WithFree(32);
        host[1] = host[1] with { Report = Report(Negative, Total) with { ReceivedAt = host.Now } };
        host.Decide();
        Assert.That(
            Of(host.Passes(1).Reports(1, 300).Decide(), 1).Demand!.Value.Verdict, Is.EqualTo(ReportVerdict.Fresh));
    }

    private static ReportVerdict Verdict(GuestReport report)
    {
        HostBuilder host = new HostBuilder().With(1, 940, 2048).WithFree(32);
        host[1] = host[1] with { Report = report with { ReceivedAt = host.Now } };
        return Of(host.Decide(), 1).Demand!.Value.Verdict;
    }

    private static TestCaseData Case(string what, GuestReport report) =>
        new TestCaseData(report).SetArgDisplayNames(what);

    private static GuestReport Report(KiB used, KiB? total) => new(ReportSource.Agent, used, total, TimeSpan.Zero);

    private static GuestReport With(GuestVitals vitals) => Report(Used, Total) with { Vitals = vitals };
}

/// <summary>How reports arrive, and when new ones are requested.</summary>
public sealed class ReportIntakeTests
{
    private static GuestVitals Calm { get; } = new()
    {
        SwapTotal = KiB.FromMiB(512),
        SwapUsed = KiB.Zero,
        MemorySomeTotal = TimeSpan.Zero,
        Uptime = TimeSpan.FromHours(1),
    };

    [Test]
    public void Guest_with_an_unreadable_report_is_held_although_the_previous_showed_it_idle()
    {
        HostBuilder host = NeedyBeside(idle: 1);
        host[1] = host[1] with { Intake = ReportIntake.Unreadable };
        DomainDecision held = Of(host.Decide(), 1);
        Assert.That(held.Target, Is.EqualTo(KiB.FromMiB(900)));
        Assert.That(held.Demand!.Value.Verdict, Is.EqualTo(ReportVerdict.Implausible));
        Assert.That(
            held.Reason.ToString(),
            Does.StartWith("left at ").And.EndsWith(": its report is unreadable or impossible"));
    }

    [Test]
    public void Flooding_guest_is_balanced_by_its_reports_and_the_reason_shows_the_flooding()
    {
        HostBuilder host = NeedyBeside(idle: 1);
        host[1] = host[1] with { Intake = ReportIntake.Flooding };
        DomainDecision shrunk = Of(host.Decide(), 1);
        Assert.That(shrunk.Reason.Kind, Is.EqualTo(ReasonKind.Shrinking));
        Assert.That(shrunk.Demand!.Value.Verdict, Is.EqualTo(ReportVerdict.Flooding));
        Assert.That(shrunk.Reason.ToString(), Does.Contain("; reports too often, so it is read once a second"));
    }

    [Test]
    public void Report_is_requested_from_our_agent_before_memory_is_taken_on_an_old_one()
    {
        HostBuilder host = NeedyBeside(idle: 1);
        host.Decide();
        Plan plan = host.Passes(30).Reports(2, 216, Calm).Decide();
        Assert.That(
            CommandsOf(plan, 1).Select(command => command.Kind), Is.EqualTo(new[] { HostCommandKind.RequestReport }));
        Assert.That(Of(plan, 1).Target, Is.EqualTo(KiB.FromMiB(900)));

        Assert.That(
            Of(host.Passes(0.3).Reports(1, 100, Calm).Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Shrinking));
    }

    [Test]
    public void Request_for_a_report_is_repeated_after_two_seconds()
    {
        HostBuilder host = NeedyBeside(idle: 1);
        host.Decide();
        host.Passes(30).Reports(2, 216, Calm).Decide();
        Assert.That(Asks(host.Passes(1.5).Reports(2, 216, Calm).Decide()), Is.False);
        Assert.That(Asks(host.Passes(1).Reports(2, 216, Calm).Decide()), Is.True);
    }

    [Test]
    public void Report_is_requested_from_an_idle_agent_after_a_start_of_the_daemon()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).With(2, 512, 1024).WithFree(32);
        host[1] = host[1] with { HasAgent = true };
        Plan first = host.Decide();
        Assert.That(
            CommandsOf(first, 1).Select(command => command.Kind), Is.EqualTo(new[] { HostCommandKind.RequestReport }));
        Assert.That(CommandsOf(first, 2), Is.Empty, "no agent would answer");
        Assert.That(Asks(host.Passes(1).Reports(1, 400, Calm).Decide()), Is.False);
    }

    [Test]
    public void No_report_is_requested_from_other_agents()
    {
        HostBuilder host = NeedyBeside(idle: 1).Reports(1, 100);
        host.Decide();
        Assert.That(Asks(host.Passes(30).Reports(2, 216, Calm).Decide()), Is.False);
    }

    [Test]
    public void No_report_is_requested_if_nothing_is_to_be_taken()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).With(2, 512, 1024).WithFree(32).Reports(1, 400, Calm)
            .Reports(2, 400, Calm);
        host.Decide();
        Assert.That(Asks(host.Passes(30).Decide()), Is.False);
    }

    [Test]
    public void Reboot_resets_the_memory_in_use()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(600).Reports(1, 800, Calm);
        host.Decide();
        DomainDemand before = Of(host.Passes(10).Reports(1, 100, Calm).Decide(), 1).Demand!.Value;
        DomainDemand after =
            Of(host.Passes(10).Reports(1, 100, Calm with { Uptime = TimeSpan.FromSeconds(20) }).Decide(), 1)
                .Demand!.Value;
        Assert.That(before.Kept, Is.GreaterThan(KiB.FromMiB(600)), "recent use may return");
        Assert.That(after.Kept, Is.LessThan(KiB.FromMiB(250)));
    }

    [Test]
    public void Counters_after_a_reboot_neither_show_nor_hide_a_stall()
    {
        GuestVitals old = Calm with { MemorySomeTotal = TimeSpan.FromSeconds(500), SwapIns = 1_000_000 };
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(600).Reports(1, 300, old);
        host.Decide();
        GuestVitals young = old with
        {
            Uptime = TimeSpan.FromSeconds(5),
            MemorySomeTotal = TimeSpan.FromSeconds(1),
            MemorySome = 0.2,
            SwapIns = 10,
        };
        Assert.That(Of(host.Passes(1).Reports(1, 300, young).Decide(), 1).Demand!.Value.StallFraction, Is.EqualTo(0.2));
    }

    [Test]
    public void Short_stall_between_close_reports_is_averaged_over_half_a_second()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(600).Reports(1, 300, Calm);
        host.Decide();
        GuestVitals later = Calm with { MemorySomeTotal = TimeSpan.FromMilliseconds(10) };
        Assert.That(
            Of(host.Passes(0.1).Reports(1, 300, later).Decide(), 1).Demand!.Value.StallFraction,
            Is.EqualTo(0.02).Within(1e-9));
    }

    [Test]
    public void Average_of_the_kernel_shows_a_stall_after_a_long_silence()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(600).Reports(1, 300, Calm);
        host.Decide();
        GuestVitals later = Calm with { MemorySomeTotal = TimeSpan.FromMilliseconds(300), MemorySome = 0.03 };
        Assert.That(
            Of(host.Passes(60).Reports(1, 300, later).Decide(), 1).Demand!.Value.StallFraction, Is.EqualTo(0.03));
    }

    [TestCase(true, false, true)]
    [TestCase(true, true, false)]
    [TestCase(null, false, false)]
    public void Qubes_node_is_created_if_configured_and_missing(bool? wanted, bool isThere, bool made)
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).WithFree(32);
        host.Settings = host.Settings with { Defaults = new DomainSettings { QubesReports = wanted } };
        host[1] = host[1] with { HasQubesNode = isThere };
        Assert.That(
            host.Decide().Commands.Any(command => command.Kind == HostCommandKind.AdmitQubesReports), Is.EqualTo(made));
    }

    /// <summary>A guest in need and another that has what it needs.</summary>
    private static HostBuilder NeedyBeside(int idle) =>
        new HostBuilder().With(idle, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(idle, 100, Calm)
            .Reports(2, 216, Calm);

    private static bool Asks(Plan plan) => plan.Commands.Any(command => command.Kind == HostCommandKind.RequestReport);
}
