using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Pacing;

/// <summary>What is written for a decision, and what is not worth a write or none of our business.</summary>
public sealed class CommandWriterTests
{
    [Test]
    public void A_cap_that_is_a_little_too_high_is_not_worth_a_hypercall()
    {
        HostBuilder host = Balanced();
        host[1] = host[1] with { MaxMem = KiB.FromMiB(512 + 1 + 4) };
        for (int i = 0; i < 10; i++) Assert.That(host.Passes(1).Decide().Commands, Is.Empty);
        host[1] = host[1] with { MaxMem = host[1].MaxMem + KiB.Page };
        host.Decide();
        Assert.That(host.Passes(3).Decide().Commands, Is.EqualTo(new[] { Cap(host, 512 + 1) }));
    }

    [Test]
    public void A_cap_that_has_room_enough_is_not_raised_for_a_step_up()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).WithFree(500).Reports(1, 216);
        host[1] = host[1] with { MaxMem = KiB.FromMiB(1025) };
        Assert.That(host.Decide().Commands.Select(command => command.Kind), Is.EqualTo(new[] { HostCommandKind.SetTarget }));
    }

    [TestCase(272)]
    [TestCase(256)]
    public void A_cap_leaves_room_for_video_memory_wherever_the_guest_rests(long holds)
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024, DomainKind.Hvm).WithFree(1000);
        host[1] = host[1] with { Actual = KiB.FromMiB(holds), VideoRam = KiB.FromMiB(16), MaxMem = KiB.FromMiB(273) };
        for (int i = 0; i < 12; i++) host.Passes(1).Reports(1, 216).Decide();
        KiB target = Of(host.Decide(), 1).Target!.Value;
        Assert.That(target, Is.GreaterThan(KiB.FromMiB(256)));
        Assert.That(CommandsOf(host.Decide(), 1)[0].Value, Is.EqualTo(target + KiB.FromMiB(16 + 1)));
    }

    [Test]
    public void What_a_guest_rests_on_top_of_its_target_is_part_of_its_cap()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).WithFree(1000);
        host[1] = host[1] with { Actual = KiB.FromMiB(266), MaxMem = KiB.FromMiB(267) };
        for (int i = 0; i < 12; i++) host.Passes(1).Reports(1, 230).Decide();
        Plan plan = host.Decide();
        Assert.That(CommandsOf(plan, 1)[0].Value, Is.EqualTo(Of(plan, 1).Target + KiB.FromMiB(10 + 1)));
    }

    [Test]
    public void The_populate_on_demand_target_is_the_target_and_what_the_toolstack_allows_on_top()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024, DomainKind.Hvm).WithFree(500).Reports(1, 216);
        Plan plan = host.Decide();
        HostCommand populate = CommandsOf(plan, 1).Single(command => command.Kind == HostCommandKind.SetPodTarget);
        Assert.That(populate.Value, Is.EqualTo(Of(plan, 1).Target + KiB.FromMiB(1)));
    }

    [Test]
    public void The_cap_of_a_paused_domain_that_was_promised_nothing_is_left()
    {
        HostBuilder host = Asleep(holds: 699);
        Assert.That(host.Passes(10).Decide().Commands, Is.Empty, "within what its cap may be above its target");
        Assert.That(Asleep(holds: 500).Passes(10).Decide().Commands, Is.Not.Empty);
    }

    [Test]
    public void The_cap_of_a_paused_domain_that_is_not_managed_is_left()
    {
        HostBuilder host = Asleep(holds: 500);
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Managed = false })] };
        Assert.That(host.Passes(10).Decide().Commands, Is.Empty);
    }

    [Test]
    public void The_cap_of_a_domain_that_sleeps_otherwise_is_left([Values(DomainLifecycle.Migrating, DomainLifecycle.Dying)] DomainLifecycle lifecycle)
    {
        HostBuilder host = Asleep(holds: 500);
        host[1] = host[1] with { Lifecycle = lifecycle };
        Assert.That(host.Passes(10).Decide().Commands, Is.Empty);
    }

    [Test]
    public void The_cap_of_a_guest_that_says_nothing_is_left()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).WithFree(500);
        host[1] = host[1] with { MaxMem = KiB.FromMiB(800) };
        for (int i = 0; i < 10; i++) Assert.That(host.Passes(1).Decide().Commands, Is.Empty);
    }

    [Test]
    public void What_a_stuck_balloon_does_not_take_is_withheld_by_its_cap_too()
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

    private static HostCommand Cap(HostBuilder host, long mib) => new(HostCommandKind.SetMaxMem, host[1].Identity, KiB.FromMiB(mib));
}
