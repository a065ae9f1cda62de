using XenBalloon.Bus;
using XenBalloon.Core;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Dom0;
using XenBalloon.Daemon.Loop;

namespace XenBalloon.Daemon.Tests.Control;

/// <summary>The mode, and the restoration that a mode ends.</summary>
public sealed class ModeRequestTests : RequestHandlerTests
{
    [Test]
    public void Setting_the_mode_ends_a_restoration()
    {
        Restoration restoration = Handler.Restore(TimeSpan.FromSeconds(60));

        Handler.SetMode(BalancerMode.Active);

        string? error = restoration.Completion.Exception?.InnerException?.Message;
        Assert.That(error, Does.Contain("the mode was set to active"));
        Assert.That(Log.Lines, Has.One.EqualTo("mode changed to active by xenballoond"));
        Assert.That(Balancer.Settings.ToBalancerSettings().Restores, Is.False);
    }

    [Test]
    public void Refused_mode_does_not_end_a_restoration()
    {
        Dom0 = Ballooned;
        Restoration restoration = Handler.Restore(TimeSpan.FromSeconds(60));

        Refused(ControlError.Failed, () => Handler.SetMode(BalancerMode.Active));

        Assert.That(restoration.Completion.IsCompleted, Is.False);
        Assert.That(Balancer.Settings.ToBalancerSettings().Restores, Is.True);
    }

    [Test]
    public void Mode_active_is_refused_while_xl_may_shrink_dom0()
    {
        Dom0 = Ballooned;

        Refused(
            ControlError.Failed,
            () => Handler.SetMode(BalancerMode.Active),
            "mode active is refused, since xl may shrink dom0 while memory is balanced (no dom0_mem on Xen's command "
                + "line): add dom0_mem=SIZE,max:SIZE");

        Assert.That(Balancer.Settings.Mode, Is.EqualTo(BalancerMode.Observe));
        Assert.That(Balancer.Settings.RequestedMode, Is.EqualTo(BalancerMode.Observe));
        Dom0 = Fixed;
        Handler.SetMode(BalancerMode.Active);
        Assert.That(Balancer.Settings.Mode, Is.EqualTo(BalancerMode.Active));
    }

    [Test]
    public void Configured_mode_active_is_observe_while_xl_may_shrink_dom0()
    {
        Dom0 = Ballooned;
        Configure("[host]\nmode = active\n");

        Start();

        Publication held = Balancer.MakePlan();
        Assert.That(held.Mode, Is.EqualTo(BalancerMode.Observe));
        Assert.That(
            held.ModeReason,
            Does.StartWith("mode active is refused, since xl may shrink").And.Contain("allow-autoballoon = yes"));
        Dom0 = Fixed;
        Handler.SetMode(BalancerMode.Active);
        Publication active = Balancer.MakePlan();
        Assert.That((active.Mode, active.ModeReason), Is.EqualTo((BalancerMode.Active, "")));
        Assert.That(Log.Lines, Is.EqualTo(new[] { "mode changed to active by xenballoond" }));
    }

    [Test]
    public void Reload_applies_the_file_but_not_mode_active_while_xl_may_shrink_dom0()
    {
        Dom0 = Ballooned;
        Configure("[host]\nmode = active\nslack = 32m\n");

        Handler.Reload();

        Assert.That(Balancer.Settings.Mode, Is.EqualTo(BalancerMode.Observe));
        Assert.That(Balancer.Settings.ToBalancerSettings().Slack, Is.EqualTo(KiB.FromMiB(32)));
        Assert.That(
            Log.Lines[^1],
            Does.StartWith("the mode is observe: mode active is refused, since xl may shrink dom0"));
        Dom0 = Fixed;
        Handler.Reload();
        Assert.That(Balancer.Settings.Mode, Is.EqualTo(BalancerMode.Active));
    }

    [Test]
    public void Mode_active_is_allowed_by_the_configuration_although_xl_may_shrink_dom0()
    {
        Dom0 = Ballooned;
        Configure("[host]\nmode = active\nallow-autoballoon = yes\n");

        Start();

        Assert.That(Balancer.Settings.Mode, Is.EqualTo(BalancerMode.Active));
        Assert.That(Balancer.Settings.ModeReason, Is.Null);
    }

    [Test]
    public void Mode_observe_set_at_run_time_stays_when_mode_active_is_no_longer_refused()
    {
        Dom0 = Ballooned;
        Configure("[host]\nmode = active\n");
        Start();
        Handler.SetMode(BalancerMode.Observe);
        Dom0 = Fixed;

        Handler.Reload();

        Assert.That(Balancer.Settings.Mode, Is.EqualTo(BalancerMode.Observe));
    }

    private static Dom0Facts Ballooned => new("console=com1", new Version(4, 17), null);

    private static Dom0Facts Fixed => Ballooned with { XenCommandLine = "dom0_mem=1G,max:1G" };
}
