using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>In which order targets and the hypervisor's caps move.</summary>
public sealed class CapTests
{
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
    public void Up_is_the_cap_first_and_down_is_the_target_first()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024, DomainKind.Hvm).WithFree(60).Reports(1, 100).Reports(2, 216);
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
}
