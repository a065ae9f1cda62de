using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>Domains that start, stop, or are left alone.</summary>
public sealed class LifecycleTests
{
    [Test]
    public void dom0_is_left_alone_whatever_the_settings_for_all_domains()
    {
        HostBuilder host = new HostBuilder().With(0, 512, 512).WithFree(500);
        host.Settings = host.Settings with { Defaults = new DomainSettings { Managed = true } };
        host[0] = host[0] with { Target = KiB.FromMiB(552), StaticMax = KiB.FromMiB(2048) };
        for (int i = 0; i < 60; i++) Assert.That(host.Passes(1).Decide().Commands, Is.Empty);
    }

    [Test]
    public void Restore_keeps_its_memory_while_it_takes_more()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 4096).With(2, 100, 2048).WithFree(2000).Reports(1, 216);
        for (int i = 0; i < 30; i++)
        {
            host[2] = host[2] with
            {
                Lifecycle = DomainLifecycle.Building,
                Target = null,
                Actual = KiB.FromMiB(100 + (10 * i)),
            };
            host.Passes(10).Reports(1, 216);
            Assert.That(CommandsOf(host.Decide(), 1), Is.Empty);
        }
    }

    [TestCase(DomainLifecycle.Paused)]
    [TestCase(DomainLifecycle.Suspended)]
    [TestCase(DomainLifecycle.Shutdown)]
    [TestCase(DomainLifecycle.Dying)]
    public void Domain_that_does_not_run_gets_no_commands(DomainLifecycle lifecycle)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100)
            .Reports(2, 216);
        host[1] = host[1] with { Lifecycle = lifecycle };
        Plan plan = host.Decide();
        Assert.That(CommandsOf(plan, 1), Is.Empty);
        Assert.That(Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.NotRunning));
    }

    [Test]
    public void Migrating_domain_gets_no_commands_and_keeps_what_its_target_promises()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(232).Reports(1, 100)
            .Reports(2, 216);
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Migrating, Actual = KiB.FromMiB(700) };
        for (int i = 0; i < 20; i++)
        {
            Plan plan = host.Passes(1).Reports(2, 1000).Act();
            Assert.That(CommandsOf(plan, 1), Is.Empty);
            Assert.That(Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.Migrating));
        }

        Assert.That(host.Free, Is.GreaterThanOrEqualTo(KiB.FromMiB(200)), "it may still take them");
    }

    [Test]
    public void Domain_that_was_not_sent_after_all_is_balanced_again()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Migrating };
        host.Run(20, (1, 100), (2, 216));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Running };
        host.Run(20, (1, 100), (2, 216));
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(900)));
    }

    [Test]
    public void dom0_and_unmanaged_domains_are_left_alone()
    {
        HostBuilder host = new HostBuilder().With(0, 512, 512).With(1, 900, 1024).With(2, 256, 1024).WithFree(32)
            .Reports(0, 100).Reports(1, 100).Reports(2, 216);
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Managed = false })] };
        Plan plan = host.Decide();
        Assert.That(plan.Commands, Is.Empty);
        Assert.That(Of(plan, 0).Reason.Kind, Is.EqualTo(ReasonKind.Unmanaged));
        Assert.That(Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.Unmanaged));
        Assert.That(plan.Host.Alarm, Is.EqualTo(HostAlarm.None), "it may end soon");
        for (int i = 0; i < 10; i++) plan = host.Passes(1).Reports(2, 216).Decide();
        Assert.That(plan.Host.Alarm, Is.EqualTo(HostAlarm.DemandExceedsHost));
    }

    [Test]
    public void Free_memory_below_the_slack_raises_an_alarm_if_no_domain_can_give_any_up()
    {
        HostBuilder host = new HostBuilder().With(0, 512, 512).With(1, 900, 1024).WithFree(31).Reports(1, 100);
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Managed = false })] };
        Assert.That(host.Decide().Host.Alarm, Is.EqualTo(HostAlarm.None), "it may end soon");

        Assert.That(host.Passes(10).Decide().Host.Alarm, Is.EqualTo(HostAlarm.FreeBelowSlack));

        host.Settings = host.Settings with { Rules = [] };
        Assert.That(host.Passes(1).Reports(1, 100).Decide().Host.Alarm, Is.EqualTo(HostAlarm.None), "it gives up some");
    }

    [Test]
    public void Reused_domid_with_another_uuid_is_another_domain()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(32);
        host.Run(10, (1, 850));
        host[1] = host[1] with { Identity = new DomainIdentity(1, Uuid(77)), Report = null };
        Assert.That(Of(host.Decide(), 1).Demand!.Value.Verdict, Is.EqualTo(ReportVerdict.Silent));
    }

    [Test]
    public void Domain_that_populates_on_demand_is_left_alone()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024, DomainKind.Hvm).With(2, 256, 1024).WithFree(32);
        host[1] = host[1] with { PopulatesOnDemand = true };
        Plan plan = host.Reports(1, 100).Reports(2, 216).Decide();
        Assert.That(Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.Starting));
        Assert.That(CommandsOf(plan, 1), Is.Empty);
    }

    /// <summary>
    /// libxl writes the target, then runs the disks' hotplug scripts and starts QEMU, which allocates video memory.
    /// </summary>
    [Test]
    public void Video_memory_stays_free_however_long_the_device_model_takes_to_start()
    {
        KiB video = KiB.FromMiB(16), built = KiB.FromMiB(256);
        HostBuilder host = new HostBuilder().With(1, 256, 512, DomainKind.Hvm).With(2, 256, 1024).WithFree(112);
        host[1] = host[1] with
        {
            Lifecycle = DomainLifecycle.Paused,
            HasRun = false,
            VideoRam = video,
            MaxMem = built + video + KiB.FromMiB(1),
        };
        host.Run(100, (2, 1000));
        Assert.That(host[2].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(256 + 60)), "64 MiB are nobody's");
        Assert.That(host.Free, Is.GreaterThanOrEqualTo(video + host.Settings.Slack), "QEMU would fail");
    }

    [Test]
    public void Domain_that_stays_paused_does_not_count_as_moving()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024, DomainKind.Hvm).WithFree(32);
        host[1] = host[1] with { PopulatesOnDemand = true, Lifecycle = DomainLifecycle.Paused };
        Assert.That(host.Decide().IsMoving);
        Assert.That(host.Passes(120).Decide().IsMoving, Is.False);
    }

    [TestCase(DomainLifecycle.Paused, null)]
    [TestCase(DomainLifecycle.Migrating, ShutdownReason.Suspend)]
    public void Balloon_of_a_domain_that_did_not_run_has_time_to_follow_its_target(
        DomainLifecycle lifecycle, ShutdownReason? reason)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Run(5, (1, 800), (2, 200));
        KiB target = KiB.FromMiB(600);
        host.Settings = host.Settings with { Override = OverrideHandling.Ignore };
        host[1] = host[1] with { Target = target, Lifecycle = lifecycle, ShutdownReason = reason };
        host.Run(60, (2, 200));
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Running, ShutdownReason = null };
        BalloonHealth HealthAfter(int seconds) =>
            Of(host.Passes(seconds).Reports(1, 500).Reports(2, 200).Decide(), 1).Health;
        Assert.That(HealthAfter(1), Is.Not.EqualTo(BalloonHealth.Stuck));
        Assert.That(HealthAfter(18), Is.Not.EqualTo(BalloonHealth.Stuck));
        Assert.That(HealthAfter(5), Is.EqualTo(BalloonHealth.Stuck));
    }

    [Test]
    public void Domain_with_a_passed_through_device_is_left_alone()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host[1] = host[1] with { HasPassthrough = true };
        Plan plan = host.Reports(1, 100).Reports(2, 216).Decide();
        Assert.That(Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.Passthrough));
        Assert.That(CommandsOf(plan, 1), Is.Empty);
    }
}

/// <summary>Domains that their toolstack could not create again with less than their maximum.</summary>
public sealed class NotRecreatableTests
{
    private static readonly KiB Maximum = KiB.FromMiB(900);

    [Test]
    public void Domain_at_its_maximum_is_left_alone([Values] CreationLimit limit)
    {
        HostBuilder host = WithFixed(900, limit);
        host.Run(20, (1, 100), (2, 900));
        DomainDecision decision = Of(host.Decide(), 1);
        Assert.That(host[1].Target, Is.EqualTo(Maximum));
        Assert.That(decision.Reason.Kind, Is.EqualTo(ReasonKind.NotRecreatable));
        Assert.That(decision.Reason.Facts!.Value.FixedBy, Is.EqualTo(limit));
    }

    [Test]
    public void Settings_do_not_shrink_it()
    {
        HostBuilder host = WithFixed(900);
        var settings = new DomainSettings { Minimum = KiB.FromMiB(200), Maximum = KiB.FromMiB(400) };
        host.Settings = host.Settings with
        {
            Rules =
            [
                new DomainRule("g1", settings),
                new DomainRule("g1", new DomainSettings { Pin = KiB.FromMiB(300) }),
            ],
        };
        host.Run(20, (1, 100), (2, 900));
        Assert.That(host[1].Target, Is.EqualTo(Maximum));
    }

    [Test]
    public void Domain_with_less_grows_back_and_no_more_shrinks()
    {
        HostBuilder host = WithFixed(400);
        host.Run(20, (1, 100), (2, 216));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(400)), "no memory is free");
        host.WithFree(600).Run(60, (1, 100), (2, 216));
        Assert.That(host[1].Target, Is.EqualTo(Maximum));
    }

    [Test]
    public void Domain_that_never_reports_grows_back()
    {
        HostBuilder host = WithFixed(400).WithFree(600);
        host.Run(200, (2, 216));
        Assert.That(host[1].Target, Is.EqualTo(Maximum));
    }

    [Test]
    public void Target_above_a_lowered_cap_is_kept_while_the_memory_for_it_is_missing()
    {
        HostBuilder host = WithFixed(900);
        host[1] = host[1] with { Actual = KiB.FromMiB(700), MaxMem = KiB.FromMiB(701) };
        Assert.That(CommandsOf(host.WithFree(100).Decide(), 1), Is.Empty);
        HostCommand raised = CommandsOf(host.WithFree(300).Passes(1).Decide(), 1).Single();
        Assert.That(
            (raised.Kind, raised.Value), Is.EqualTo((HostCommandKind.SetMaxMem, Maximum + KiB.FromMiB(1))));
    }

    [Test]
    public void Domain_without_a_known_maximum_has_no_range()
    {
        HostBuilder host = WithFixed(900);
        host[1] = host[1] with { StaticMax = null };
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.NoRange));
    }

    private static HostBuilder WithFixed(long mib, CreationLimit limit = CreationLimit.VirtualNuma)
    {
        HostBuilder host = new HostBuilder().With(1, mib, 900, DomainKind.Hvm).With(2, 256, 1024).WithFree(32);
        host[1] = host[1] with { FixedBy = limit };
        return host;
    }
}

/// <summary>Guests that do not report, or no longer.</summary>
public sealed class SilentGuestTests
{
    [Test]
    public void Silent_guest_keeps_what_it_has()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(40);
        host.Run(30, (2, 250));
        Assert.That(host[1].Actual, Is.EqualTo(KiB.FromMiB(900)));
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Silent));
    }

    [Test]
    public void Guest_that_falls_silent_grows_back_to_its_boot_memory()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(40);
        host.Run(120, (1, 100), (2, 800));
        Assert.That(host[1].Actual, Is.LessThan(KiB.FromMiB(600)), "lent out");
        host.Run(600, (2, 100));
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(890)), "given back, to within the dead band");
    }

    [Test]
    public void Recorded_boot_memory_takes_precedence_over_the_first_target()
    {
        HostBuilder host = new HostBuilder().With(1, 300, 1024).WithFree(1000);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(600) };
        host.Run(200);
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(600)));
    }

    [Test]
    public void Guest_that_reported_every_second_is_stale_after_a_minute([Values(1, 40)] int secondsBetween)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(40);
        for (int i = 0; i < 10; i++) host.Passes(secondsBetween).Reports(1, 300).Act();
        Assert.That(Verdict(host, 59), Is.EqualTo(ReportVerdict.Fresh));
        Assert.That(
            Verdict(host, 2),
            Is.EqualTo(secondsBetween == 1 ? ReportVerdict.Stale : ReportVerdict.Fresh),
            "three times what is usual");
        Assert.That(Verdict(host, 60), Is.EqualTo(ReportVerdict.Stale));
    }

    [Test]
    public void Quiet_agent_is_stale_only_after_two_missed_heartbeats()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(40);
        for (int i = 0; i < 10; i++) host.Passes(1).Reports(1, 300, new GuestVitals()).Act();
        Assert.That(Verdict(host, 149), Is.EqualTo(ReportVerdict.Fresh));
        Assert.That(Verdict(host, 2), Is.EqualTo(ReportVerdict.Stale));
    }

    private static ReportVerdict Verdict(HostBuilder host, int secondsLater) =>
        Of(host.Passes(secondsLater).Decide(), 1).Demand!.Value.Verdict;

    [Test]
    public void Guests_that_have_not_reported_yet_are_not_moved_after_a_start()
    {
        HostBuilder host = new HostBuilder().With(1, 300, 1024).With(2, 800, 1024).WithFree(500);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(600) };
        host.Run(60, (2, 700));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(300)));
        host.Run(150, (2, 700));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(600)));
    }
}
