using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>A domain that reboots: xl destroys it, sleeps 2 s, and creates it again with its last target.</summary>
public sealed class RebootTests
{
    private const int Web = 1, Neighbour = 2, WebAgain = 7;

    private static KiB BootMemory => KiB.FromMiB(1024);

    [Test]
    public void Memory_of_a_rebooting_domain_is_held_until_it_is_built_again()
    {
        HostBuilder host = FullHost();

        Leave(host, ShutdownReason.Reboot);
        Hunger(host, seconds: 3);
        KiB free = host.Free;
        Return(host, BootMemory);
        host.Decide();

        Assert.That(free, Is.GreaterThanOrEqualTo(BootMemory));
        Assert.That(host.Reservations.Open.Where(reservation => reservation.Claim is null), Is.Empty);
    }

    [TestCase(ShutdownReason.Crash)]
    [TestCase(ShutdownReason.Watchdog)]
    [TestCase(null)]
    public void Memory_is_held_after_a_crash_and_when_a_domain_vanishes(ShutdownReason? reason)
    {
        HostBuilder host = FullHost();
        Leave(host, reason);
        Hunger(host, seconds: 3);
        Assert.That(host.Free, Is.GreaterThanOrEqualTo(BootMemory));
    }

    /// <summary>libxl removes the target before it destroys the domain, and then takes it for the next one.</summary>
    [Test]
    public void Memory_that_a_domain_had_been_given_and_not_taken_when_it_left_is_held_too(
        [Values(ShutdownReason.Reboot, ShutdownReason.Crash, null)] ShutdownReason? reason)
    {
        HostBuilder host = FullHost();
        host[Web] = host[Web] with { Actual = KiB.FromMiB(800) };
        host.Passes(1).Decide();
        if (reason is not null)
        {
            host[Web] = host[Web] with { Lifecycle = DomainLifecycle.Shutdown, ShutdownReason = reason };
            Hunger(host, seconds: 1);
        }

        host[Web] = host[Web] with { Target = null, StaticMax = null, Name = "" };
        if (reason is null) host[Web] = host[Web] with { Lifecycle = DomainLifecycle.Building };
        Hunger(host, seconds: 3);
        host.Remove(Web);
        Hunger(host, seconds: 1);
        Assert.That(host.Free, Is.GreaterThanOrEqualTo(BootMemory));
    }

    /// <summary>With on_crash = "preserve", or if no process of xl watches it.</summary>
    [Test]
    public void Memory_that_a_crashed_domain_had_not_taken_is_released_if_the_domain_is_kept()
    {
        HostBuilder host = FullHost();
        host[Web] = host[Web] with { Actual = KiB.FromMiB(800) };
        host.Passes(1).Decide();
        host[Web] = host[Web] with { Lifecycle = DomainLifecycle.Shutdown, ShutdownReason = ShutdownReason.Crash };
        Hunger(host, seconds: 120);
        Assert.That(host.Free, Is.LessThan(KiB.FromMiB(224)));
    }

    /// <summary>A page that a backend maps keeps it.</summary>
    [Test]
    public void Memory_is_not_held_for_a_dying_domain_that_has_come_back()
    {
        HostBuilder host = FullHost();
        host.WithFree(1100);
        host[Web] = host[Web] with
        {
            Lifecycle = DomainLifecycle.Dying,
            ShutdownReason = ShutdownReason.Reboot,
            Actual = KiB.Page,
        };
        Return(host, KiB.FromMiB(300));
        Hunger(host, seconds: 20);
        Assert.That(host.Free, Is.LessThan(KiB.FromMiB(64)));
    }

    [TestCase(20, false, true)]
    [TestCase(170, false, true)]
    [TestCase(190, false, false, Description = "It has no balloon driver.")]
    [TestCase(20, true, true)]
    [TestCase(60, true, false, Description = "It cannot grow: Linux 5.10 does not exceed its first size.")]
    public void Guest_that_boots_small_keeps_its_raised_target_for_three_minutes_or_until_its_agent_reports(
        int seconds, bool reports, bool isRaised)
    {
        HostBuilder host = FullHost();
        KiB small = Shrink(host);
        Leave(host, ShutdownReason.Reboot);
        Return(host, small);
        host[WebAgain] = host[WebAgain] with { HasRun = false, Lifecycle = DomainLifecycle.Paused };
        host.Passes(1).Decide();
        host[WebAgain] = host[WebAgain] with { HasRun = true, Lifecycle = DomainLifecycle.Running };
        for (int second = 0; second < seconds; second++)
        {
            host.Passes(1).Reports(Neighbour, 300);
            if (reports && second >= 5) host.Reports(WebAgain, 100);
            host.Act();
            host[WebAgain] = host[WebAgain] with { Actual = small };
        }

        Assert.That(host[WebAgain].Target, isRaised ? Is.GreaterThan(small) : Is.EqualTo(small));
    }

    /// <summary>As with kexec: it goes on as the same domain, with the same target.</summary>
    [Test]
    public void Domain_that_resets_itself_keeps_what_it_was_given()
    {
        HostBuilder host = FullHost();
        host[Web] = host[Web] with
        {
            Actual = KiB.FromMiB(800),
            Lifecycle = DomainLifecycle.Shutdown,
            ShutdownReason = ShutdownReason.SoftReset,
        };
        Hunger(host, seconds: 5);
        host[Web] = host[Web] with { Target = null, StaticMax = null, Name = "", Lifecycle = DomainLifecycle.Building };
        Hunger(host, seconds: 5);
        Assert.That(host.Free, Is.GreaterThanOrEqualTo(KiB.FromMiB(1024 - 800)));
    }

    [TestCase(ShutdownReason.PowerOff)]
    [TestCase(ShutdownReason.Suspend)]
    public void Memory_is_not_held_after_a_shutdown_or_a_save(ShutdownReason reason)
    {
        HostBuilder host = FullHost();
        Leave(host, reason);
        Hunger(host, seconds: 3);
        Assert.That(host.Free, Is.LessThan(BootMemory));
    }

    [Test]
    public void Memory_of_a_domain_that_does_not_come_back_is_released()
    {
        HostBuilder host = FullHost();
        Leave(host, ShutdownReason.Reboot);
        Hunger(host, seconds: 90);
        Assert.That(host.Free, Is.LessThan(BootMemory));
        Assert.That(host.Reservations.Open, Is.Empty);
    }

    [Test]
    public void Memory_that_a_dying_domain_gives_back_page_by_page_is_held()
    {
        HostBuilder host = FullHost();
        host[Web] = host[Web] with
        {
            Lifecycle = DomainLifecycle.Dying,
            ShutdownReason = ShutdownReason.Reboot,
            Actual = KiB.FromMiB(100),
        };
        Hunger(host, seconds: 3);
        Assert.That(host.Free + KiB.FromMiB(100), Is.GreaterThanOrEqualTo(BootMemory));
    }

    [Test]
    public void Domain_that_never_ran_holds_nothing_when_it_vanishes()
    {
        HostBuilder host = FullHost();
        host = host.With(WebAgain, 512, 512).WithFree(32);
        host[WebAgain] = host[WebAgain] with { Lifecycle = DomainLifecycle.Building, Target = null };
        Hunger(host, seconds: 1);
        host.Remove(WebAgain);
        Hunger(host, seconds: 1);
        Assert.That(host.Reservations.Open, Is.Empty);
    }

    [Test]
    public void Request_for_the_start_of_the_same_domain_replaces_what_is_held_for_it()
    {
        HostBuilder host = FullHost();
        Leave(host, ShutdownReason.Reboot);
        Hunger(host, seconds: 1);

        BookChange change = host.Reservations.Request(
            new ReservationRequest(BootMemory, BootMemory, "test", For: "g1"), host.Now);

        Assert.That(change.Book.Open.Single().Owner, Is.EqualTo("test"));
        Assert.That(change.Changed[1].State, Is.EqualTo(ReservationState.Cancelled));
    }

    [Test]
    public void Domain_that_is_created_again_small_gets_its_boot_memory_back()
    {
        HostBuilder host = FullHost();
        KiB small = Shrink(host);

        Leave(host, ShutdownReason.Reboot);
        Return(host, small + new KiB(1)); // libxl rounds

        for (int i = 0; i < 10; i++) host.Passes(1).Reports(Neighbour, 300).Act();

        Assert.That(small, Is.LessThan(BootMemory));
        Assert.That(host[WebAgain].Target, Is.EqualTo(BootMemory));
    }

    /// <summary>xl reads the target when the domain has shut down: the guest may be faster than the balancer.</summary>
    [Test]
    public void Boot_memory_is_remembered_if_xl_read_the_target_before_it_was_raised()
    {
        HostBuilder host = FullHost();
        KiB small = Shrink(host);
        host[Web] = host[Web] with { LeavingSince = host.Now };
        host.Passes(1).Reports(Web, 100).Reports(Neighbour, 300).Act();
        KiB raised = host[Web].Target!.Value;

        Leave(host, ShutdownReason.Reboot);
        Return(host, small);
        for (int i = 0; i < 10; i++) host.Passes(1).Reports(Neighbour, 300).Act();

        Assert.That(raised, Is.GreaterThan(small));
        Assert.That(host[WebAgain].Target, Is.EqualTo(BootMemory));
    }

    [Test]
    public void Domain_that_was_created_again_small_grows_while_it_is_populated_on_demand()
    {
        HostBuilder host = FullHost(DomainKind.Hvm);
        KiB small = Shrink(host);
        Leave(host, ShutdownReason.Reboot);
        Return(host, small, DomainKind.Hvm);
        host[WebAgain] = host[WebAgain] with { PopulatesOnDemand = true };

        ImmutableArray<HostCommand> commands = HostBuilder.CommandsOf(host.Passes(1).Decide(), WebAgain);

        Assert.That(
            commands.Select(command => command.Kind),
            Is.EqualTo(new[] { HostCommandKind.SetMaxMem, HostCommandKind.SetPodTarget, HostCommandKind.SetTarget }));
        Assert.That(commands[^1].Value, Is.GreaterThan(small));
    }

    [Test]
    public void Domain_with_another_configuration_boots_with_what_that_says()
    {
        HostBuilder host = FullHost();
        Shrink(host);
        Leave(host, ShutdownReason.Reboot);
        Return(host, KiB.FromMiB(640)); // not the target that it left with
        Plan first = host.Passes(1).Decide();
        Assert.That(HostBuilder.CommandsOf(first, WebAgain), Is.Empty, "it has its boot memory");

        host.Passes(1).Reports(WebAgain, 100).Reports(Neighbour, 2000);
        HostCommand shrunk = HostBuilder.CommandsOf(host.Decide(), WebAgain).Single();
        Assert.That(shrunk.BootMemory, Is.EqualTo(KiB.FromMiB(640)));
    }

    [Test]
    public void Domain_that_leaves_at_its_boot_memory_is_forgotten()
    {
        var balancer = new Balancer();
        HostBuilder host = FullHost();
        balancer.Step(host.Snapshot(), host.Settings);
        host[Web] = host[Web] with { Target = KiB.FromMiB(400) };
        balancer.Step(host.Passes(1).Snapshot(), host.Settings with { Observes = true });
        Assert.That(balancer.RememberedGuests.Values.Single().BootMemory, Is.EqualTo(BootMemory));

        host[Web] = host[Web] with { Target = BootMemory };
        balancer.Step(host.Passes(1).Snapshot(), host.Settings with { Observes = true });
        host.Remove(Web);
        balancer.Step(host.Passes(1).Snapshot(), host.Settings);
        Assert.That(balancer.RememberedGuests, Is.Empty);
    }

    [Test]
    public void Leaving_domain_gets_its_boot_memory_back_before_it_goes()
    {
        HostBuilder host = FullHost();
        KiB small = Shrink(host);
        host[Web] = host[Web] with { LeavingSince = host.Now };

        for (int i = 0; i < 10; i++) host.Passes(1).Reports(Web, 100).Reports(Neighbour, 300).Act();

        Assert.That(small, Is.LessThan(BootMemory));
        Assert.That(host[Web].Target, Is.EqualTo(BootMemory));
    }

    [Test]
    public void Memory_is_held_for_the_last_target_that_a_leaving_domain_was_given()
    {
        HostBuilder host = FullHost();
        KiB small = Shrink(host);
        host.Passes(1).Reports(Neighbour, 300).Act();
        host[Web] = host[Web] with { LeavingSince = host.Now };
        host.Passes(1).Reports(Web, 100).Reports(Neighbour, 300).Act();
        KiB raised = host[Web].Target!.Value;

        host.Remove(Web);
        host.Passes(0.2).Act();

        Assert.That(raised, Is.GreaterThan(small));
        Assert.That(host.Reservations.Open.Single().Minimum, Is.GreaterThanOrEqualTo(raised));
    }

    [Test]
    public void Leaving_domain_that_does_not_report_gets_its_boot_memory_back()
    {
        HostBuilder host = FullHost();
        Shrink(host);
        host[Web] = host[Web] with { LeavingSince = host.Now, Report = null };
        for (int i = 0; i < 10; i++) host.Passes(1).Reports(Neighbour, 300).Act();
        Assert.That(host[Web].Target, Is.EqualTo(BootMemory));
    }

    [Test]
    public void Domain_that_only_says_that_it_leaves_is_balanced_again_after_two_minutes()
    {
        HostBuilder host = FullHost();
        Shrink(host);
        for (int i = 0; i < 150; i++)
        {
            host[Web] = host[Web] with { LeavingSince = host.Now }; // says so again and again
            host.Passes(1).Reports(Web, 100).Reports(Neighbour, 300).Act();
        }

        Hunger(host, seconds: 60, leaving: true);
        Assert.That(host[Web].Target, Is.LessThan(BootMemory));
    }

    [Test]
    public void Reason_says_that_a_domain_leaves()
    {
        HostBuilder host = FullHost();
        Shrink(host);
        host[Web] = host[Web] with { LeavingSince = host.Now };
        host.Passes(1).Reports(Web, 100).Reports(Neighbour, 300).Act();
        Plan plan = host.Passes(1).Reports(Web, 100).Reports(Neighbour, 300).Decide();
        Assert.That(
            HostBuilder.Of(plan, Web).Reason.ToString(), Does.Contain("it is shutting down or rebooting"));
    }

    [TestCase(DomainKind.Pv, 256)]
    [TestCase(DomainKind.Hvm, 512)]
    public void Idle_domain_keeps_a_minimum_that_survives_a_boot(DomainKind kind, int leastMib)
    {
        HostBuilder host = new HostBuilder().With(Web, 1024, 2048, kind).With(Neighbour, 512, 4096).WithFree(32);
        for (int i = 0; i < 120; i++) host.Passes(1).Reports(Web, 60).Reports(Neighbour, 4000).Act();
        Assert.That(host[Web].Target, Is.EqualTo(KiB.FromMiB(leastMib)));
    }

    private static HostBuilder FullHost(DomainKind kind = DomainKind.Pv)
    {
        HostBuilder host = new HostBuilder().With(Web, 1024, 1024, kind).With(Neighbour, 512, 4096).WithFree(64);
        host.Reports(Web, 900).Reports(Neighbour, 300).Decide();
        return host;
    }

    /// <summary>The neighbour needs more, and the domain is idle.</summary>
    private static KiB Shrink(HostBuilder host)
    {
        for (int i = 0; i < 40; i++) host.Passes(1).Reports(Web, 100).Reports(Neighbour, 900).Act();
        return host[Web].Target!.Value;
    }

    private static void Leave(HostBuilder host, ShutdownReason? reason)
    {
        if (reason is not null)
        {
            host[Web] = host[Web] with { Lifecycle = DomainLifecycle.Shutdown, ShutdownReason = reason };
            host.Passes(0.2).Decide();
        }

        // libxl removes a domain from xenstore before the hypervisor destroys it.
        host[Web] = host[Web] with { Target = null, StaticMax = null, Name = "" };
        host.Passes(0.2).Decide();
        host.Remove(Web);
        host.Passes(0.2).Act();
    }

    private static void Return(HostBuilder host, KiB size, DomainKind kind = DomainKind.Pv)
    {
        host.Passes(2).Decide();
        host.With(WebAgain, 1, 1024);
        host[WebAgain] = host[WebAgain] with
        {
            Identity = new DomainIdentity(WebAgain, HostBuilder.Uuid(Web)),
            Name = "g1",
            Kind = kind,
            Actual = size,
            Target = size,
            MaxMem = size + KiB.FromMiB(1),
        };
    }

    /// <summary>The neighbour needs all that it can get.</summary>
    private static void Hunger(HostBuilder host, int seconds, bool leaving = false)
    {
        for (int i = 0; i < seconds; i++)
        {
            host.Passes(1).Reports(Neighbour, 4000);
            if (leaving) host.Reports(Web, 100);
            host.Act();
        }
    }
}
