using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

/// <summary>Guests that shut down or reboot.</summary>
internal sealed class LeavingTests(string daemon) : XenStoreTest(daemon)
{
    [TestCase("reboot")]
    [TestCase("poweroff")]
    [TestCase("halt")]
    public void Request_of_the_toolstack_to_shut_down_is_seen_although_the_guest_empties_it(string request)
    {
        TestDomain domain = Ready();

        Toolstack.Write($"{domain.Home}/control/shutdown", request);
        Eventually.True(() => Snapshot(domain).LeavingSince is not null, "the request is seen");
        Toolstack.Write($"{domain.Home}/control/shutdown", "");
        AwaitEvents();

        Assert.That(Snapshot(domain).LeavingSince, Is.Not.Null);
    }

    [Test]
    public void Suspended_guest_does_not_leave()
    {
        TestDomain domain = Ready();
        Toolstack.Write($"{domain.Home}/control/shutdown", "suspend");
        Toolstack.Write($"{domain.Home}/control/shutdown", "");
        AwaitEvents();
        Assert.That(Snapshot(domain).LeavingSince, Is.Null);
    }

    [Test]
    public void Request_that_is_older_than_the_daemon_is_not_seen()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Write($"{domain.Home}/control/shutdown", "reboot");
        Host.Observe();
        AwaitEvents();
        Assert.That(Snapshot(domain).LeavingSince, Is.Null);
    }

    [Test]
    public void Announcement_of_the_agent_counts_until_its_next_report()
    {
        TestDomain domain = Ready();
        string record = $"{domain.Home}/data/xenballoon";

        Toolstack.Write(record, "v=1 seq=1 leaving=1 total_kib=200000 available_kib=100000");
        Eventually.True(() => Snapshot(domain).LeavingSince is not null, "the announcement is seen");
        Toolstack.Write(record, "v=1 seq=1 total_kib=200000 available_kib=100000");

        Eventually.True(() => Snapshot(domain).LeavingSince is null, "the agent has started again");
    }

    [TestCase(1, ShutdownReason.Reboot, DomainLifecycle.Shutdown)]
    [TestCase(2, ShutdownReason.Suspend, DomainLifecycle.Suspended)]
    [TestCase(3, ShutdownReason.Crash, DomainLifecycle.Shutdown)]
    [TestCase(99, ShutdownReason.Crash, DomainLifecycle.Shutdown)]
    public void Reason_of_a_shutdown_is_shown(int code, ShutdownReason reason, DomainLifecycle lifecycle)
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Hypervisor.Add(FakeHypervisor.Describe(domain) with { ShutdownReason = code });
        DomainSnapshot shown = Snapshot(domain);
        Assert.That((shown.ShutdownReason, shown.Lifecycle), Is.EqualTo((reason, lifecycle)));
    }

    [Test]
    public void Boot_memory_that_a_command_names_is_recorded()
    {
        TestDomain domain = Describe(5) with { TargetKiB = 200_000 };
        Create(domain);
        Snapshot(domain);
        var command = new HostCommand(
            HostCommandKind.SetTarget, domain.Identity, new KiB(300_000), BootMemory: new KiB(400_000));

        Assert.That(Host.Execute(command), Is.EqualTo(CommandOutcome.Done));

        Assert.That(Snapshot(domain).BootMemory, Is.EqualTo(new KiB(400_000)));
    }

    /// <summary>A domain whose watches are set, so that their first events have passed.</summary>
    private TestDomain Ready()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Write($"{domain.Home}/control/shutdown", "");
        Host.Observe();
        AwaitEvents();
        return domain;
    }
}
