using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Pacing;

/// <summary>The commands for a decision, and what is not written.</summary>
public sealed class CommandWriterTests
{
    [Test]
    public void Cap_a_little_too_high_is_not_lowered()
    {
        HostBuilder host = Balanced();
        host[1] = host[1] with { MaxMem = KiB.FromMiB(512 + 1 + 4) };
        for (int i = 0; i < 10; i++) Assert.That(host.Passes(1).Decide().Commands, Is.Empty);
        host[1] = host[1] with { MaxMem = host[1].MaxMem + KiB.Page };
        host.Decide();
        Assert.That(host.Passes(3).Decide().Commands, Is.EqualTo(new[] { Cap(host, 512 + 1) }));
    }

    [Test]
    public void Cap_that_is_high_enough_is_not_raised_for_growth()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).WithFree(500).Reports(1, 216);
        host[1] = host[1] with { MaxMem = KiB.FromMiB(1025) };
        Assert.That(
            host.Decide().Commands.Select(command => command.Kind), Is.EqualTo(new[] { HostCommandKind.SetTarget }));
    }

    [TestCase(272)]
    [TestCase(256)]
    public void Cap_includes_video_memory_whatever_the_offset(long holds)
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024, DomainKind.Hvm).WithFree(1000);
        host[1] = host[1] with { Actual = KiB.FromMiB(holds), VideoRam = KiB.FromMiB(16), MaxMem = KiB.FromMiB(273) };
        for (int i = 0; i < 12; i++) host.Passes(1).Reports(1, 216).Decide();
        KiB target = Of(host.Decide(), 1).Target!.Value;
        Assert.That(target, Is.GreaterThan(KiB.FromMiB(256)));
        Assert.That(CommandsOf(host.Decide(), 1)[0].Value, Is.EqualTo(target + KiB.FromMiB(16 + 1)));
    }

    [Test]
    public void Cap_includes_the_offset()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).WithFree(1000);
        host[1] = host[1] with { Actual = KiB.FromMiB(266), MaxMem = KiB.FromMiB(267) };
        for (int i = 0; i < 12; i++) host.Passes(1).Reports(1, 230).Decide();
        Plan plan = host.Decide();
        Assert.That(CommandsOf(plan, 1)[0].Value, Is.EqualTo(Of(plan, 1).Target + KiB.FromMiB(10 + 1)));
    }

    [Test]
    public void Populate_on_demand_target_includes_video_memory_and_the_allowance()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024, DomainKind.Hvm).WithFree(500).Reports(1, 216);
        host[1] = host[1] with { VideoRam = KiB.FromMiB(16) };
        Plan plan = host.Decide();
        HostCommand populate = CommandsOf(plan, 1).Single(command => command.Kind == HostCommandKind.SetPodTarget);
        Assert.That(populate.Value, Is.EqualTo(Of(plan, 1).Target + KiB.FromMiB(16 + 1)));
    }

    [Test]
    public void Cap_of_a_paused_domain_without_a_promise_is_kept()
    {
        HostBuilder host = Asleep(holds: 699);
        Assert.That(host.Passes(10).Decide().Commands, Is.Empty, "within what its cap may be above its target");
        Assert.That(Asleep(holds: 500).Passes(10).Decide().Commands, Is.Not.Empty);
    }

    [Test]
    public void Nothing_is_written_to_a_domain_that_has_never_run(
        [Values(DomainLifecycle.Paused, DomainLifecycle.Running)] DomainLifecycle lifecycle)
    {
        HostBuilder host = Asleep(holds: 500);
        host[1] = host[1] with { Lifecycle = lifecycle, HasRun = false, HasAgent = true, VideoRam = KiB.FromMiB(16) };
        for (int i = 0; i < 30; i++) Assert.That(host.Passes(1).Decide().Commands, Is.Empty);
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Starting));
    }

    [Test]
    public void Cap_of_an_unmanaged_paused_domain_is_kept()
    {
        HostBuilder host = Asleep(holds: 500);
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Managed = false })] };
        Assert.That(host.Passes(10).Decide().Commands, Is.Empty);
    }

    [Test]
    public void Cap_of_a_migrating_or_dying_domain_is_kept(
        [Values(DomainLifecycle.Migrating, DomainLifecycle.Dying)] DomainLifecycle lifecycle)
    {
        HostBuilder host = Asleep(holds: 500);
        host[1] = host[1] with { Lifecycle = lifecycle };
        Assert.That(host.Passes(10).Decide().Commands, Is.Empty);
    }

    [Test]
    public void Cap_of_a_silent_guest_is_kept()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).WithFree(500);
        host[1] = host[1] with { MaxMem = KiB.FromMiB(800) };
        for (int i = 0; i < 10; i++) Assert.That(host.Passes(1).Decide().Commands, Is.Empty);
    }

    [Test]
    public void Cap_withholds_what_a_stuck_balloon_does_not_take()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).WithFree(500);
        for (int i = 0; i < 40; i++)
        {
            host.Passes(1).Reports(1, 216).Act();
            host[1] = host[1] with { Actual = KiB.FromMiB(256) };
        }

        Assert.That((host[1].Target, host[1].MaxMem), Is.EqualTo(((KiB?)KiB.FromMiB(256), KiB.FromMiB(257))));
    }

    private static HostBuilder Balanced()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).WithFree(500).Reports(1, 300);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(468) };
        return host;
    }

    private static HostBuilder Asleep(long holds)
    {
        HostBuilder host = new HostBuilder().With(1, 700, 1024).WithFree(100);
        host[1] = host[1] with { Actual = KiB.FromMiB(holds), Lifecycle = DomainLifecycle.Paused };
        host.Decide();
        return host;
    }

    private static HostCommand Cap(HostBuilder host, long mib) =>
        new(HostCommandKind.SetMaxMem, host[1].Identity, KiB.FromMiB(mib));
}

/// <summary>The order of targets and the hypervisor's caps.</summary>
public sealed class CapOrderTests
{
    [Test]
    public void Cap_that_was_just_raised_is_not_lowered()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).WithFree(500).Reports(1, 300);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(468) };
        for (int i = 0; i < 20; i++) host.Passes(1).Decide();
        host[1] = host[1] with { MaxMem = KiB.FromMiB(1025) };
        Assert.That(
            host.Passes(1).Reports(1, 300).Decide().Commands,
            Is.Empty,
            "xl mem-set raises the cap before it writes the target");
        Assert.That(host.Passes(1).Decide().Commands, Is.Empty);
        Assert.That(host.Passes(3).Decide().Commands.Single().Kind, Is.EqualTo(HostCommandKind.SetMaxMem));
    }

    [Test]
    public void Cap_below_the_target_in_force_is_raised()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).WithFree(500).Reports(1, 450);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(468), Headroom = 0.01 };
        host[1] = host[1] with { MaxMem = KiB.FromMiB(400) };
        Plan plan = host.Decide();
        Assert.That(
            CommandsOf(plan, 1)[0],
            Is.EqualTo(
                new HostCommand(
                    HostCommandKind.SetMaxMem, host[1].Identity, Of(plan, 1).Target!.Value + KiB.FromMiB(1))));
    }

    [Test]
    public void Growth_writes_the_cap_first_and_shrinking_writes_the_target_first()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024, DomainKind.Hvm).WithFree(60)
            .Reports(1, 100).Reports(2, 216);
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
    public void Cap_follows_the_size_after_a_step_down()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Run(60, (1, 100), (2, 216));
        Assert.That(host[1].MaxMem, Is.LessThanOrEqualTo(host[1].Actual + KiB.FromMiB(5)));
    }
}

/// <summary>Domains that do not run and have not taken all that was promised.</summary>
public sealed class WithheldPromiseTests
{
    [TestCase(DomainLifecycle.Paused)]
    [TestCase(DomainLifecycle.Suspended)]
    public void Cap_of_a_domain_that_does_not_run_goes_down_to_its_size(DomainLifecycle lifecycle)
    {
        HostBuilder host = Asleep();
        host[1] = host[1] with { Lifecycle = lifecycle };
        HostCommand cap = CommandsOf(host.Passes(5).Decide(), 1).Single();
        Assert.That(cap.Kind, Is.EqualTo(HostCommandKind.SetMaxMem));
        Assert.That(cap.Value, Is.EqualTo(KiB.FromMiB(501)));
    }

    [Test]
    public void Domain_that_runs_again_gets_its_promise_back_if_the_memory_is_free()
    {
        HostBuilder host = Asleep();
        host.Passes(5).Act();
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Running };
        HostCommand cap = CommandsOf(host.Passes(1).Decide(), 1).Single();
        Assert.That(cap.Kind, Is.EqualTo(HostCommandKind.SetMaxMem));
        Assert.That(cap.Value, Is.GreaterThanOrEqualTo(KiB.FromMiB(700)));
    }

    [Test]
    public void Domain_that_runs_again_takes_no_memory_granted_to_others()
    {
        HostBuilder host = Asleep();
        host.Passes(5).Act();
        host.With(2, 250, 1024);
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Running };
        Plan plan = host.Passes(1).Decide();
        Assert.That(Of(plan, 1).Target, Is.EqualTo(KiB.FromMiB(500)));
        Assert.That(CommandsOf(plan, 1).Select(command => command.Kind), Does.Not.Contain(HostCommandKind.SetMaxMem));
    }

    [TestCase(DomainLifecycle.Migrating)]
    [TestCase(DomainLifecycle.Shutdown)]
    public void Cap_of_a_domain_that_arrives_or_has_ended_is_kept(DomainLifecycle lifecycle)
    {
        HostBuilder host = Asleep();
        host[1] = host[1] with { Lifecycle = lifecycle };
        Assert.That(host.Passes(60).Decide().Commands, Is.Empty);
    }

    private static HostBuilder Asleep()
    {
        HostBuilder host = new HostBuilder().With(1, 700, 1024).WithFree(100);
        host[1] = host[1] with { Actual = KiB.FromMiB(500), Lifecycle = DomainLifecycle.Paused };
        host.Decide();
        return host;
    }
}
