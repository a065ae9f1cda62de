using System.Text;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Domains;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

/// <summary>Reports of XenServer's agents and of Qubes' meminfo-writer.</summary>
internal sealed class ReportTests(string daemon) : XenStoreTest(daemon)
{
    [Test]
    public void Values_from_before_the_watch_are_not_a_report()
    {
        TestDomain domain = Describe(5);
        Create(domain).Report(200_000, 50_000);

        Host.Observe();
        AwaitEvents();

        Assert.That(Snapshot(domain).Report, Is.Null);
    }

    [Test]
    public void Values_written_under_the_watch_are_a_report()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();

        guest.Report(200_000, 50_000);

        GuestReport report = NextReport(domain);
        Assert.That(report.Source, Is.EqualTo(ReportSource.XenServer));
        Assert.That(report.Used, Is.EqualTo(new KiB(150_000)));
        Assert.That(report.Total, Is.EqualTo(new KiB(200_000)));
        Assert.That(report.Available, Is.EqualTo(new KiB(50_000)));
    }

    [Test]
    public void Equal_values_are_a_new_report_with_a_later_time_before_the_snapshots()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();

        GuestReport? previous = null;
        for (int i = 0; i < 5; i++)
        {
            guest.Report(200_000, 50_000);
            previous = NextReport(domain, previous);
        }

        Assert.That(previous!.ReceivedAt, Is.LessThan(Host.Observe().At));
    }

    [Test]
    public void Agent_may_write_total_after_free()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();

        guest.Write("data/meminfo_free", "50000");
        AwaitEvents();
        Assert.That(Snapshot(domain).Report, Is.Null);
        guest.Write("data/meminfo_total", "200000");

        Assert.That(NextReport(domain).Used, Is.EqualTo(new KiB(150_000)));
    }

    [TestCase("-1")]
    [TestCase("")]
    [TestCase("12e3")]
    [TestCase("50000 kB")]
    [TestCase("٥٠٠٠٠")]
    [TestCase("50\u0000000")]
    [TestCase("1000000000000000")]
    [TestCase("200001")]
    public void Invalid_value_is_not_a_report_and_does_not_replace_one(string invalid)
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();
        guest.Report(200_000, 50_000);
        GuestReport valid = NextReport(domain);

        Assert.That(guest.Write("data/meminfo_free", Encoding.UTF8.GetBytes(invalid)), Is.Null);
        AwaitEvents();

        Assert.That(Snapshot(domain).Report, Is.EqualTo(valid));
    }

    [Test]
    public void Longest_value_that_a_guest_may_write_is_not_a_report()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();

        Assert.That(guest.Write("data/meminfo_total", new string('9', 2000)), Is.Null);
        Assert.That(guest.Write("data/meminfo_free", [.. Enumerable.Repeat((byte)0xff, 2000)]), Is.Null);
        AwaitEvents();

        Assert.That(Snapshot(domain).Report, Is.Null);
    }

    [Test]
    public void Nodes_below_or_beside_the_reported_ones_are_not_a_report()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        guest.Report(200_000, 50_000);
        Host.Observe();

        Assert.That(guest.Write("data/meminfo_free/x/y", "1"), Is.Null);
        Assert.That(guest.Write("data/other", "1"), Is.Null);
        AwaitEvents();

        Assert.That(Snapshot(domain).Report, Is.Null);
    }

    [Test]
    public void Reported_memory_is_cut_to_the_static_maximum()
    {
        TestDomain domain = Describe(5) with { StaticMaxKiB = 524_288 };
        GuestRing guest = Create(domain);
        Host.Observe();

        guest.Report(999_999_999_999_999, 0);

        GuestReport report = NextReport(domain);
        Assert.That(report.Used, Is.EqualTo(new KiB(524_288)));
        Assert.That(report.Total, Is.EqualTo(new KiB(524_288)));
    }

    [Test]
    public void Qubes_report_counts_only_without_a_better_one()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();

        Assert.That(AdmitQubesReports(domain), Is.EqualTo(CommandOutcome.Done));
        AwaitEvents();
        Assert.That(Snapshot(domain).Report, Is.Null, "an empty node is neither a report nor invalid");
        Assert.That(Snapshot(domain).Intake, Is.EqualTo(ReportIntake.Normal));
        Assert.That(guest.Write("memory/meminfo", "123456"), Is.Null);
        GuestReport qubes = NextReport(domain);
        GuestReport expected = new(ReportSource.Qubes, new KiB(123_456), null, qubes.ReceivedAt);
        Assert.That(qubes, Is.EqualTo(expected));

        guest.Report(200_000, 50_000);
        GuestReport better = NextReport(domain, qubes);
        Assert.That(better.Source, Is.EqualTo(ReportSource.XenServer));

        guest.Write("memory/meminfo", "123457");
        AwaitEvents();
        Assert.That(Snapshot(domain).Report, Is.EqualTo(better));
    }

    [Test]
    public void Qubes_node_is_writable_only_by_its_guest_and_only_once_admitted()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain), neighbour = Create(Describe(6));
        Assert.That(Snapshot(domain).HasQubesNode, Is.False);
        Assert.That(guest.Write("memory/meminfo", "1"), Is.EqualTo("EACCES"));

        AdmitQubesReports(domain);

        Assert.That(Snapshot(domain).HasQubesNode, Is.True);
        Assert.That(guest.Write("memory/meminfo", "1"), Is.Null);
        Assert.That(guest.Write("memory/target", "1"), Is.EqualTo("EACCES"));
        Assert.That(neighbour.Read($"{domain.Home}/memory/meminfo"), Is.EqualTo("error EACCES"));
        Assert.That(neighbour.Write($"{domain.Home}/memory/meminfo", "2"), Is.EqualTo("EACCES"));
    }

    [Test]
    public void Node_that_Qubes_created_is_not_changed()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Toolstack.Write($"{domain.Home}/memory/meminfo", "7");

        Assert.That(AdmitQubesReports(domain), Is.EqualTo(CommandOutcome.Done));

        Assert.That(Toolstack.Read($"{domain.Home}/memory/meminfo"), Is.EqualTo("7"));
        Assert.That(guest.Write("memory/meminfo", "8"), Is.EqualTo("EACCES"));
    }

    [Test]
    public void New_domain_with_an_old_domid_starts_without_a_report()
    {
        TestDomain old = Describe(5);
        Create(old);
        Host.Observe();
        Toolstack.Write($"{old.Home}/memory/meminfo", "1000");
        NextReport(old);

        TestDomain young = Describe(5);
        Hypervisor.Add(young);

        Assert.That(Snapshot(young).Report, Is.Null);
        AwaitEvents();
        Assert.That(Snapshot(young).Report, Is.Null, "the watches are new, too");
    }

    private CommandOutcome AdmitQubesReports(TestDomain domain) =>
        Execute(HostCommandKind.AdmitQubesReports, domain);
}

/// <summary>Reports of xenballoon-agent, and what else a guest writes to its node.</summary>
internal sealed class AgentReportTests(string daemon) : XenStoreTest(daemon)
{
    private const string Node = "data/xenballoon";

    private TestDomain domain = null!;

    private GuestRing Guest => Guests[^1];

    [SetUp]
    public void CreateWatchedDomain()
    {
        this.domain = Describe(5);
        Create(this.domain);
        Host.Observe();
    }

    [Test]
    public void Record_is_a_report()
    {
        WriteRecord(available: 50_000);
        Assert.That(NextReport(this.domain).Available, Is.EqualTo(new KiB(50_000)));
    }

    [Test]
    public void Equal_record_is_not_a_new_report_since_each_record_has_its_own_number()
    {
        WriteRecord(available: 50_000);
        GuestReport first = NextReport(this.domain);

        WriteRecord(available: 50_000);
        AwaitEvents();

        Assert.That(Snapshot(this.domain).Report, Is.SameAs(first));
    }

    [Test]
    public void XenServer_report_counts_only_while_the_agent_does_not_report()
    {
        WriteRecord(available: 50_000);
        GuestReport agents = NextReport(this.domain);
        Guest.Report(200_000, 60_000);
        AwaitEvents();
        Assert.That(Snapshot(this.domain).Report, Is.SameAs(agents));

        Time.Advance(TimeSpan.FromMinutes(4));
        Guest.Report(200_000, 60_000);

        Assert.That(NextReport(this.domain, agents).Source, Is.EqualTo(ReportSource.XenServer));
    }

    [TestCase("")]
    [TestCase("v=2 total_kib=200000 available_kib=50000")]
    [TestCase("v=1 total_kib=200000 available_kib=-1")]
    [TestCase("v=1 total_kib=200000 available_kib=200001")]
    public void Invalid_record_marks_the_report_as_old_until_the_next(string invalid)
    {
        WriteRecord(available: 50_000);
        GuestReport valid = NextReport(this.domain);

        Assert.That(Guest.Write(Node, invalid), Is.Null);
        Eventually.True(() => Snapshot(this.domain).Intake == ReportIntake.Unreadable, "the record is rejected");
        Assert.That(Snapshot(this.domain).Report, Is.SameAs(valid));

        WriteRecord(available: 40_000);
        NextReport(this.domain, valid);
        Assert.That(Snapshot(this.domain).Intake, Is.EqualTo(ReportIntake.Normal));
    }

    [Test]
    public void Longest_record_that_a_guest_may_write_is_invalid()
    {
        Assert.That(Guest.Write(Node, "v=1 " + new string('9', 2000)), Is.Null);
        Eventually.True(() => Snapshot(this.domain).Intake == ReportIntake.Unreadable, "the record is rejected");
    }

    [Test]
    public void Removed_record_changes_nothing()
    {
        WriteRecord(available: 50_000);
        GuestReport report = NextReport(this.domain);

        for (int i = 0; i < 5; i++) Guest.Remove(Node);
        AwaitEvents();

        Assert.That(Snapshot(this.domain).Report, Is.SameAs(report));
        Assert.That(Snapshot(this.domain).Intake, Is.EqualTo(ReportIntake.Normal));
    }

    [Test]
    public void Changed_permissions_change_nothing_and_do_not_exclude_dom0()
    {
        WriteRecord(available: 50_000);
        GuestReport report = NextReport(this.domain);

        Assert.That(Guest.SetPermissions(Node, "n5"), Is.Null);
        AwaitEvents();
        Assert.That(Snapshot(this.domain).Report, Is.SameAs(report));

        WriteRecord(available: 40_000);
        Assert.That(NextReport(this.domain, report).Available, Is.EqualTo(new KiB(40_000)));
    }

    [Test]
    public void Updated_node_of_XenServer_is_a_report_when_no_number_changed()
    {
        Guest.Report(200_000, 50_000);
        GuestReport first = NextReport(this.domain);

        Guest.Write("data/updated", "1");

        Assert.That(NextReport(this.domain, first).Used, Is.EqualTo(first.Used));
    }

    [Test]
    public void XenServer_numbers_that_do_not_match_are_invalid_after_the_completion_timeout()
    {
        Guest.Report(200_000, 300_000);
        AwaitEvents();
        Assert.That(Snapshot(this.domain).Intake, Is.EqualTo(ReportIntake.Normal), "the total may follow");

        Time.Advance(ReportCollector.CompletionTimeout * 2);

        Assert.That(Snapshot(this.domain).Intake, Is.EqualTo(ReportIntake.Unreadable));
    }

    [Test]
    public void Report_request_is_readable_by_the_guest_and_goes_to_no_other_or_removed_domain()
    {
        Assert.That(Execute(HostCommandKind.RequestReport, this.domain), Is.EqualTo(CommandOutcome.Done));
        Assert.That(Guest.Read("memory/xenballoon-ask"), Is.EqualTo("1"));
        Assert.That(Guest.Write("memory/xenballoon-ask", "2"), Is.EqualTo("EACCES"));

        TestDomain other = Describe(this.domain.Domid);
        Assert.That(Execute(HostCommandKind.RequestReport, other).Status, Is.EqualTo(CommandStatus.DomainGone));
        Toolstack.Remove(this.domain.Home);
        Assert.That(Execute(HostCommandKind.RequestReport, this.domain).Status, Is.EqualTo(CommandStatus.DomainGone));
        Assert.That(Toolstack.Read($"{this.domain.Home}/memory/xenballoon-ask"), Is.Null);
    }

    private void WriteRecord(long available) =>
        Assert.That(Guest.Write(Node, $"v=1 seq=1 total_kib=200000 available_kib={available}"), Is.Null);
}
