using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Domains;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>
/// The agent as a guest of a real xenstored, with a guest's permissions, and the daemon's host at the other end.
/// </summary>
internal sealed class AgentTests(string daemon) : XenStoreTest(daemon)
{
    private static readonly TestDomain Domain = Describe(5);

    private FakeProc proc = null!;
    private GuestSocket bus = null!;
    private AgentProcess? agent;

    [SetUp]
    public void Boot()
    {
        proc = new FakeProc(Path.Combine(Daemon.Home, "proc"));
        GuestRing ring = Create(Domain);
        Host.Observe();
        bus = ring.Serve(Path.Combine(Daemon.Home, "guest"));
    }

    [TearDown]
    public void ShutDown()
    {
        agent?.Dispose();
        agent = null;
        bus.Dispose();
    }

    [Test]
    public void Snapshot_shows_the_numbers_of_the_guests_kernel()
    {
        Start();
        GuestReport first = NextReport(Domain);

        // Set only now: the agent writes its trigger into the pressure file, which here is an ordinary file.
        proc.Set(someUs: 100_000);

        GuestReport report = NextReport(Domain, first);
        Assert.That(report.Source, Is.EqualTo(ReportSource.Agent));
        Assert.That(report.Used, Is.EqualTo(new KiB(200_000)));
        Assert.That(report.Total, Is.EqualTo(new KiB(500_000)));
        Assert.That(report.Vitals!.SwapUsed, Is.EqualTo(new KiB(50_000)));
        Assert.That(report.Vitals.MemorySome, Is.EqualTo(0.0125));
        Assert.That(report.Vitals.SwapIns, Is.EqualTo(11));
    }

    [Test]
    public void Used_memory_is_reported_before_the_heartbeat()
    {
        Start();
        GuestReport first = NextReport(Domain);

        proc.Set(availableKiB: 250_000);

        Eventually.True(() => Snapshot(Domain).Report!.Used == new KiB(250_000), "the agent reports it");
        Assert.That(Snapshot(Domain).Report!.ReceivedAt, Is.GreaterThan(first.ReceivedAt));
    }

    [Test]
    public void Requested_report_is_written_although_nothing_changed()
    {
        Start();
        GuestReport settled = SettledReport();

        Assert.That(Execute(HostCommandKind.RequestReport, Domain), Is.EqualTo(CommandOutcome.Done));

        Assert.That(NextReport(Domain, settled).Used, Is.EqualTo(settled.Used));
    }

    [Test]
    public void New_target_makes_the_agent_report_as_a_migration_does()
    {
        Start();
        GuestReport settled = SettledReport();

        SetTarget(Domain, 200_000);

        Assert.That(NextReport(Domain, settled).Used, Is.EqualTo(settled.Used));
    }

    [Test]
    public void Idle_agent_reports_at_each_heartbeat()
    {
        Start("--heartbeat", "1");
        GuestReport report = SettledReport();
        for (int i = 0; i < 3; i++) report = NextReport(Domain, report);
    }

    [Test]
    public void Restarted_agent_reports_again()
    {
        Start();
        GuestReport first = NextReport(Domain);
        agent!.Dispose();

        Start();

        Assert.That(NextReport(Domain, first).Source, Is.EqualTo(ReportSource.Agent));
    }

    [Test]
    public void Restarted_daemon_finds_the_agent()
    {
        Assert.That(Snapshot(Domain).HasAgent, Is.False);
        Start();
        NextReport(Domain);

        using XenHost restarted = OpenHost();

        DomainSnapshot shown = restarted.Observe().Domains.Single(domain => domain.Identity == Domain.Identity);
        Assert.That(shown.HasAgent, Is.True);
        Assert.That(shown.Report, Is.Null, "the age of the record is unknown");
    }

    [Test]
    public void Refused_report_is_logged_once_and_the_agent_keeps_running()
    {
        Toolstack.Forbid($"{Domain.Home}/data", Domain.Domid);

        Start();

        Eventually.True(() => !agent!.Errors.IsEmpty, "the agent logs an error");
        Assert.That(agent!.Errors, Has.One.Contains("EACCES"));
        Assert.That(agent.IsRunning, Is.True);
    }

    [Test]
    public void Refused_report_is_written_once_permitted_although_nothing_changed()
    {
        Toolstack.Forbid($"{Domain.Home}/data", Domain.Domid);
        Start();
        Eventually.True(() => !agent!.Errors.IsEmpty, "the agent logs an error");

        Toolstack.Permit($"{Domain.Home}/data", Domain.Domid);

        Assert.That(NextReport(Domain).Used, Is.EqualTo(new KiB(200_000)));
        Eventually.True(() => agent!.Errors.Count > 1, "the agent logs that the error is over");
        Assert.That(agent!.Errors, Has.Exactly(2).Items.And.Some.Contains("accepts reports again"));
    }

    [Test]
    public void Terminated_agent_exits_without_an_error()
    {
        Start();
        NextReport(Domain);

        agent!.Terminate();

        Assert.That(agent.ExitStatus(), Is.Zero);
        Assert.That(agent.Errors, Is.Empty);
    }

    [Test]
    public void Terminated_agent_announces_that_it_leaves_and_a_new_one_revokes_that()
    {
        Start();
        NextReport(Domain);

        agent!.Terminate();
        Assert.That(agent.ExitStatus(), Is.Zero);
        Eventually.True(() => Snapshot(Domain).LeavingSince is not null, "the daemon sees the announcement");
        agent.Dispose();

        Start();
        Eventually.True(() => Snapshot(Domain).LeavingSince is null, "the daemon sees the new agent");
    }

    [Test]
    public void Lost_xenstore_ends_the_agent_with_an_error()
    {
        Start();
        NextReport(Domain);

        bus.Dispose();

        Assert.That(agent!.ExitStatus(), Is.EqualTo(1));
        Assert.That(string.Concat(agent.Errors), Does.Contain("cannot continue"));
    }

    [Test]
    public void Printed_record_of_this_machine_is_a_report()
    {
        string record = Repository.Run(AgentProcess.Program, "--print");
        Assert.That(AgentReport.Parse(record, new KiB(1L << 45))?.Used, Is.GreaterThan(KiB.Zero), record);
    }

    [TestCase("--heartbeat", "0", "seconds")]
    [TestCase("--heartbeat", "1h", "1h")]
    [TestCase("--heartbeat", "121", "1 to 120")]
    [TestCase("--device", "/nowhere", "/nowhere")]
    [TestCase("--procfs", "/nowhere", "meminfo")]
    [TestCase("--frob", "x", "frob")]
    [TestCase("frob", "x", "frob")]
    public void Invalid_argument_is_reported(string option, string value, string expected)
    {
        using AgentProcess invalid = new(option, value);
        Assert.That(invalid.ExitStatus(), Is.InRange(1, 2));
        Assert.That(string.Concat(invalid.Errors), Does.Contain(expected));
    }

    [Test]
    public void Agent_needs_at_most_1_MiB()
    {
        Start();
        NextReport(Domain);
        long kib = agent!.ResidentKiB(), fileKib = new FileInfo(AgentProcess.Program).Length / 1024;
        TestContext.Out.WriteLine($"the agent: {fileKib} KiB on disk, {kib} KiB in memory");
        Assert.That(kib, Is.LessThanOrEqualTo(1024));
    }

    private void Start(params string[] more)
    {
        string device = Path.Combine(Daemon.Home, "guest");
        agent = new AgentProcess(["--device", device, "--procfs", proc.Root, "--sysfs", proc.Root, .. more]);
    }

    /// <summary>The report after which none is due: the second one, when nothing changes.</summary>
    private GuestReport SettledReport() => NextReport(Domain, NextReport(Domain));
}
