using System.Text;
using Microsoft.Extensions.Time.Testing;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Domains;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

internal sealed class FloodTests(string daemon) : XenStoreTest(daemon)
{
    private readonly string daemon = daemon;

    // xenstored drops events that equal one which is queued, so fewer arrive.
    private const int Flood = 10 * EventLimit.Allowed;

    [Test]
    public void Guest_that_floods_is_no_longer_watched_and_others_still_are()
    {
        TestDomain flooding = Describe(5);
        TestDomain other = Describe(6);
        GuestRing floodingGuest = Create(flooding);
        GuestRing otherGuest = Create(other);
        Host.Observe();
        AwaitEvents();
        long before = Host.WatchEvents;

        for (int i = 0; i < Flood; i++) floodingGuest.Write("data/meminfo_free", "50000");
        otherGuest.Report(200_000, 50_000);

        Assert.That(NextReport(other).Used, Is.EqualTo(new KiB(150_000)));
        Assert.That(Host.WatchEvents - before, Is.LessThan(Flood / 2), "events end soon after the limit");
        Assert.That(Snapshot(flooding).Intake, Is.EqualTo(ReportIntake.Flooding));
        Assert.That(Snapshot(other).Intake, Is.EqualTo(ReportIntake.Normal));
    }

    [Test]
    public void Guest_that_flooded_is_polled_once_a_second_and_later_watched_again()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();
        for (int i = 0; i < Flood; i++) guest.Write("data/meminfo_free", "50000");
        AwaitEvents();

        guest.Report(200_000, 60_000);
        GuestReport first = NextReport(domain);
        guest.Report(200_000, 70_000);
        Assert.That(Snapshot(domain).Report, Is.EqualTo(first), "not before a second has passed");
        Time.Advance(ReportCollector.PollInterval);
        GuestReport second = Snapshot(domain).Report!;
        Assert.That(second.Used, Is.EqualTo(new KiB(130_000)));
        Assert.That(second.ReceivedAt, Is.GreaterThan(first.ReceivedAt));
        Time.Advance(ReportCollector.PollInterval);
        Assert.That(Snapshot(domain).Report, Is.EqualTo(second), "an unchanged value is not a new report");

        Time.Advance(ReportCollector.PollDuration);
        Host.Observe();
        AwaitEvents();
        guest.Report(200_000, 80_000);
        Assert.That(NextReport(domain, second).Used, Is.EqualTo(new KiB(120_000)));
        Assert.That(Snapshot(domain).Intake, Is.EqualTo(ReportIntake.Normal));
    }

    [Test]
    public void New_target_of_a_guest_that_floods_ends_the_wait_and_is_shown()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();
        for (int i = 0; i < Flood; i++) guest.Write("data/meminfo_free", "50000");
        AwaitEvents();
        Assert.That(Snapshot(domain).Intake, Is.EqualTo(ReportIntake.Flooding));
        AwaitEvents();
        Host.Observe();
        Task change = Host.WaitForChangeAsync(CancellationToken.None);

        Toolstack.Write($"{domain.Home}/memory/target", "123456");

        Assert.That(async () => await change.WaitAsync(TimeSpan.FromSeconds(20)), Throws.Nothing);
        Assert.That(Snapshot(domain).Target, Is.EqualTo(new KiB(123_456)));
    }

    [TestCase("data/xenballoon")]
    [TestCase("data/updated")]
    [TestCase("data/meminfo_free/x")]
    [TestCase("data/x")]
    public void Writes_to_any_node_count(string node)
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();
        AwaitEvents();
        long before = Host.WatchEvents;

        for (int i = 0; i < Flood; i++) guest.Write(node, "x");
        AwaitEvents();

        Assert.That(Host.WatchEvents - before, Is.LessThan(Flood / 2));
    }

    [Test]
    public void Record_of_a_guest_that_floods_is_read_and_checked()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();
        for (int i = 0; i < Flood; i++) guest.Write("data/xenballoon", "junk");
        AwaitEvents();
        Assert.That(Snapshot(domain).Intake, Is.EqualTo(ReportIntake.Unreadable));

        guest.Write("data/xenballoon", "v=1 total_kib=200000 available_kib=60000");
        Time.Advance(ReportCollector.PollInterval);

        Assert.That(NextReport(domain).Source, Is.EqualTo(ReportSource.Agent));
        Assert.That(Snapshot(domain).Intake, Is.EqualTo(ReportIntake.Flooding));
    }

    [Test]
    public void Flood_in_one_node_does_not_renew_the_report_in_another()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();
        guest.Write("data/xenballoon", "v=1 total_kib=200000 available_kib=60000");
        GuestReport report = NextReport(domain);
        for (int i = 0; i < Flood; i++) guest.Write("data/meminfo_free", "50000");
        AwaitEvents();
        Assert.That(Snapshot(domain).Intake, Is.EqualTo(ReportIntake.Flooding));

        for (int available = 0; available < 3; available++)
        {
            guest.Report(200_000, available);
            Time.Advance(ReportCollector.PollInterval);
            Assert.That(Snapshot(domain).Report, Is.EqualTo(report));
        }
    }

    [Test]
    public void Empty_node_of_a_guest_that_floods_is_not_an_invalid_report()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();
        for (int i = 0; i < Flood; i++) guest.Write("data/meminfo_free", "50000");
        Toolstack.Write($"{domain.Home}/memory/meminfo", "");
        AwaitEvents();

        Assert.That(Snapshot(domain).Intake, Is.EqualTo(ReportIntake.Flooding));
        Assert.That(Snapshot(domain).Report, Is.Null);
    }

    [Test]
    public void Guest_that_fills_its_directory_does_not_break_the_connection()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();
        guest.Report(200_000, 50_000);
        int created = 0;
        while (created < 2000 && guest.Write($"data/n{created}", "x") is null) created++;
        Assert.That(created, Is.LessThan(1000), "the guest's quota is used up");

        guest.Report(200_000, 40_000);

        Assert.That(NextReport(domain).Used, Is.EqualTo(new KiB(160_000)));
        Assert.That(SetTarget(domain, 200_000), Is.EqualTo(CommandOutcome.Done));

        // Why nothing is ever listed: oxenstored closes the connection that lists this directory.
        if (this.daemon == "oxenstored") Assert.That(Toolstack.CanList($"{domain.Home}/data"), Is.False);
    }
}

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ChangedNodesTests
{
    private readonly ChangedNodes changed = new(new MonotonicClock(new FakeTimeProvider()));
    private readonly DomainWatch watch;

    public ChangedNodesTests() => watch = changed.Add(new DomainPaths(5));

    [TestCase("Target")]
    [TestCase("StaticMax")]
    [TestCase("Name")]
    [TestCase("PciDevice")]
    public void Change_of_a_toolstack_node_is_taken_once(string name)
    {
        var node = Enum.Parse<WatchedNode>(name);
        Assert.That(Fire(node), Is.AnyOf(WatchEffect.Changed, WatchEffect.ChangedInPart));
        Assert.That(changed.Take(watch, node), Is.Not.Null);
        Assert.That(changed.Take(watch, node), Is.Null);
    }

    [TestCase("AgentRecord")]
    [TestCase("MeminfoFree")]
    [TestCase("MeminfoUpdated")]
    [TestCase("QubesMeminfo")]
    public void Change_of_a_guest_node_is_taken_once(string name)
    {
        var node = Enum.Parse<WatchedNode>(name);
        Assert.That(Fire(node), Is.AnyOf(WatchEffect.Changed, WatchEffect.ChangedInPart));
        Assert.That(changed.Take(watch, node), Is.Not.Null);
        Assert.That(changed.Take(watch, node), Is.Null);
    }

    /// <summary>
    /// As when the watch is set, and when a directory is removed. What guests wrote before is of unknown age.
    /// </summary>
    [TestCase("/local/domain/5")]
    [TestCase("/local/domain/5/memory")]
    public void Event_of_a_directory_marks_the_toolstacks_nodes_in_it_and_no_report(string directory)
    {
        Assert.That(Fire(directory), Is.EqualTo(WatchEffect.Changed));
        Assert.That(changed.Take(watch, WatchedNode.Target), Is.Not.Null);
        Assert.That(changed.Take(watch, WatchedNode.PciDevice), Is.Null);
        Assert.That(changed.Take(watch, WatchedNode.QubesMeminfo), Is.Null);
        Assert.That(changed.Take(watch, WatchedNode.AgentRecord), Is.Null);
    }

    [TestCase("/local/domain/5/name/x")]
    [TestCase("/local/domain/5/data/xenballoon/x")]
    [TestCase("/local/domain/5/data")]
    [TestCase("/local/domain/5/device/vif/0/state")]
    [TestCase("/local/domain/5/mem")]
    public void Event_of_any_other_node_is_ignored(string path) =>
        Assert.That(Fire(path), Is.EqualTo(WatchEffect.None));

    [Test]
    public void Toolstacks_nodes_count_after_a_flood()
    {
        for (int i = 0; i < EventLimit.Allowed; i++)
            Assert.That(Fire("/local/domain/5/x"), Is.EqualTo(WatchEffect.None));
        Assert.That(Fire("/local/domain/5/x"), Is.EqualTo(WatchEffect.Flooded));
        Assert.That(Fire(WatchedNode.AgentRecord), Is.EqualTo(WatchEffect.None));
        Assert.That(Fire(WatchedNode.Target), Is.EqualTo(WatchEffect.Changed));
    }

    [Test]
    public void Backends_of_a_driver_domain_are_not_its_flood()
    {
        for (int i = 0; i < 2 * EventLimit.Allowed; i++) Fire("/local/domain/5/backend/vbd/7/51712/state");
        Assert.That(watch.Flooded, Is.False);
        Assert.That(Fire(WatchedNode.AgentRecord), Is.EqualTo(WatchEffect.Changed));
    }

    [Test]
    public void Only_the_toolstacks_nodes_of_dom0_are_watched()
    {
        var paths = new DomainPaths(0);
        DomainWatch dom0 = changed.Add(paths);
        Assert.That(dom0.Home, Is.Null);
        Assert.That(dom0.Watched, Does.Contain(paths.Target).And.Not.Contain(paths.AgentRecord));
        Assert.That(dom0.WatchedAfterFlood, Is.Empty);
    }

    private WatchEffect Fire(WatchedNode node) => Fire(watch.Path(node).ToString());

    private WatchEffect Fire(string path) =>
        changed.Record(Encoding.ASCII.GetBytes(path), watch.Token.Bytes, out _);
}
