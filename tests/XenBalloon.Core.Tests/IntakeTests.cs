using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>What is made of how reports come in, and what is asked where they are old.</summary>
public sealed class IntakeTests
{
    private static GuestVitals Calm { get; } = new() { SwapTotal = KiB.FromMiB(512), SwapUsed = KiB.Zero, MemorySomeTotal = TimeSpan.Zero, Uptime = TimeSpan.FromHours(1) };

    [Test]
    public void A_guest_whose_last_word_was_junk_is_held_where_it_is_though_the_one_before_showed_it_idle()
    {
        HostBuilder host = NeedyBeside(idle: 1);
        host[1] = host[1] with { Intake = ReportIntake.Unreadable };
        DomainDecision held = Of(host.Decide(), 1);
        Assert.That(held.Target, Is.EqualTo(KiB.FromMiB(900)));
        Assert.That(held.Demand!.Value.Verdict, Is.EqualTo(ReportVerdict.Implausible));
        Assert.That(held.Reason.ToString(), Does.StartWith("left at ").And.EndsWith(": its report is unreadable or impossible"));
    }

    [Test]
    public void A_guest_that_floods_is_treated_as_any_other_by_what_it_says_and_that_it_floods_is_told()
    {
        HostBuilder host = NeedyBeside(idle: 1);
        host[1] = host[1] with { Intake = ReportIntake.Flooding };
        DomainDecision shrunk = Of(host.Decide(), 1);
        Assert.That(shrunk.Reason.Kind, Is.EqualTo(ReasonKind.Shrinking));
        Assert.That(shrunk.Demand!.Value.Verdict, Is.EqualTo(ReportVerdict.Flooding));
        Assert.That(shrunk.Reason.ToString(), Does.Contain("; reports too often, so it is read once a second"));
    }

    [Test]
    public void Our_agent_is_asked_before_memory_is_taken_on_an_old_word_of_its()
    {
        HostBuilder host = NeedyBeside(idle: 1);
        host.Decide();
        Plan plan = host.Passes(30).Reports(2, 216, Calm).Decide();
        Assert.That(CommandsOf(plan, 1).Select(command => command.Kind), Is.EqualTo(new[] { HostCommandKind.RequestReport }));
        Assert.That(Of(plan, 1).Target, Is.EqualTo(KiB.FromMiB(900)));

        Assert.That(Of(host.Passes(0.3).Reports(1, 100, Calm).Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Shrinking));
    }

    [Test]
    public void Who_does_not_answer_is_asked_again_after_two_seconds_and_not_sooner()
    {
        HostBuilder host = NeedyBeside(idle: 1);
        host.Decide();
        host.Passes(30).Reports(2, 216, Calm).Decide();
        Assert.That(Asks(host.Passes(1.5).Reports(2, 216, Calm).Decide()), Is.False);
        Assert.That(Asks(host.Passes(1).Reports(2, 216, Calm).Decide()), Is.True);
    }

    [Test]
    public void After_a_start_of_ours_an_agent_that_idles_is_asked_for_its_first_word()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).With(2, 512, 1024).WithFree(32);
        host[1] = host[1] with { HasAgent = true };
        Plan first = host.Decide();
        Assert.That(CommandsOf(first, 1).Select(command => command.Kind), Is.EqualTo(new[] { HostCommandKind.RequestReport }));
        Assert.That(CommandsOf(first, 2), Is.Empty, "nobody is there who would answer");
        Assert.That(Asks(host.Passes(1).Reports(1, 400, Calm).Decide()), Is.False);
    }

    [Test]
    public void Other_agents_are_not_asked_for_they_do_not_listen()
    {
        HostBuilder host = NeedyBeside(idle: 1).Reports(1, 100);
        host.Decide();
        Assert.That(Asks(host.Passes(30).Reports(2, 216, Calm).Decide()), Is.False);
    }

    [Test]
    public void Nobody_is_asked_where_nothing_is_to_be_taken()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).With(2, 512, 1024).WithFree(32).Reports(1, 400, Calm).Reports(2, 400, Calm);
        host.Decide();
        Assert.That(Asks(host.Passes(30).Decide()), Is.False);
    }

    [Test]
    public void A_kernel_started_anew_in_the_same_domain_is_not_held_to_what_the_one_before_used()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(600).Reports(1, 800, Calm);
        host.Decide();
        DomainDemand before = Of(host.Passes(10).Reports(1, 100, Calm).Decide(), 1).Demand!.Value;
        DomainDemand after = Of(host.Passes(10).Reports(1, 100, Calm with { Uptime = TimeSpan.FromSeconds(20) }).Decide(), 1).Demand!.Value;
        Assert.That(before.Kept, Is.GreaterThan(KiB.FromMiB(600)), "what it used lately it may use again");
        Assert.That(after.Kept, Is.LessThan(KiB.FromMiB(250)));
    }

    [Test]
    public void Counters_that_a_new_kernel_began_again_are_no_pain_and_hide_none()
    {
        GuestVitals old = Calm with { MemorySomeTotal = TimeSpan.FromSeconds(500), SwapIns = 1_000_000 };
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(600).Reports(1, 300, old);
        host.Decide();
        GuestVitals young = old with { Uptime = TimeSpan.FromSeconds(5), MemorySomeTotal = TimeSpan.FromSeconds(1), MemorySome = 0.2, SwapIns = 10 };
        Assert.That(Of(host.Passes(1).Reports(1, 300, young).Decide(), 1).Demand!.Value.StallFraction, Is.EqualTo(0.2));
    }

    [Test]
    public void A_moments_wait_between_two_reports_close_together_is_weighed_over_half_a_second()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(600).Reports(1, 300, Calm);
        host.Decide();
        GuestVitals later = Calm with { MemorySomeTotal = TimeSpan.FromMilliseconds(10) };
        Assert.That(Of(host.Passes(0.1).Reports(1, 300, later).Decide(), 1).Demand!.Value.StallFraction, Is.EqualTo(0.02).Within(1e-9));
    }

    [Test]
    public void After_a_long_silence_the_kernels_own_average_tells_of_the_pain_that_the_counters_spread_too_thin()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(600).Reports(1, 300, Calm);
        host.Decide();
        GuestVitals later = Calm with { MemorySomeTotal = TimeSpan.FromMilliseconds(300), MemorySome = 0.03 };
        Assert.That(Of(host.Passes(60).Reports(1, 300, later).Decide(), 1).Demand!.Value.StallFraction, Is.EqualTo(0.03));
    }

    [TestCase(true, false, true)]
    [TestCase(true, true, false)]
    [TestCase(null, false, false)]
    public void Qubes_leaf_is_made_where_the_operator_wants_it_and_there_is_none(bool? wanted, bool isThere, bool made)
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).WithFree(32);
        host.Settings = host.Settings with { Defaults = new DomainSettings { QubesReports = wanted } };
        host[1] = host[1] with { HasQubesLeaf = isThere };
        Assert.That(host.Decide().Commands.Any(command => command.Kind == HostCommandKind.AdmitQubesReports), Is.EqualTo(made));
    }

    /// <summary>A guest in need and another that has what it needs.</summary>
    private static HostBuilder NeedyBeside(int idle) =>
        new HostBuilder().With(idle, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(idle, 100, Calm).Reports(2, 216, Calm);

    private static bool Asks(Plan plan) => plan.Commands.Any(command => command.Kind == HostCommandKind.RequestReport);
}
