using System.Globalization;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Reports;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>The agent as a guest of a real xenstored, with a guest's permissions, and the daemon's intake at the other end.</summary>
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
    public void What_the_guests_kernel_says_is_in_the_next_snapshot()
    {
        Start();
        GuestReport first = NextReport(Domain);

        // Set only now: to a file that is not the kernel's the agent's pressure trigger is text like any other.
        proc.Set(someUs: 100_000);

        GuestReport report = NextReport(Domain, first);
        Assert.That(report.Source, Is.EqualTo(ReportSource.Agent));
        Assert.That(report.Used, Is.EqualTo(new KiB(200_000)));
        Assert.That(report.Total, Is.EqualTo(new KiB(500_000)));
        Assert.That(report.Vitals!.SwapUsed, Is.EqualTo(new KiB(50_000)));
        Assert.That(report.Vitals.MemorySome, Is.EqualTo(0.0125));
        Assert.That(report.Vitals.Refaults, Is.EqualTo(7));
        Assert.That(report.Vitals.Balloon, Is.Null, "this machine has no balloon");
    }

    [Test]
    public void Memory_that_goes_is_reported_without_waiting_for_the_heartbeat()
    {
        Start();
        GuestReport first = NextReport(Domain);

        proc.Set(availableKiB: 250_000);

        Eventually.True(() => Look(Domain).Report!.Used == new KiB(250_000), "the report of it");
        Assert.That(Look(Domain).Report!.ReceivedAt, Is.GreaterThan(first.ReceivedAt));
    }

    [Test]
    public void Asked_it_reports_though_nothing_is_new()
    {
        Start();
        GuestReport settled = Settled();

        CommandOutcome outcome = Host.Execute(new HostCommand(HostCommandKind.Ask, Domain.Identity, KiB.Zero));

        Assert.That(outcome, Is.EqualTo(CommandOutcome.Done));
        Assert.That(NextReport(Domain, settled).Used, Is.EqualTo(settled.Used));
    }

    [Test]
    public void A_new_target_for_its_balloon_makes_it_report_as_the_return_from_another_host_would()
    {
        Start();
        GuestReport settled = Settled();

        SetTarget(Domain, 200_000);

        Assert.That(NextReport(Domain, settled).Used, Is.EqualTo(settled.Used));
    }

    [Test]
    public void At_rest_it_is_heard_at_each_heartbeat()
    {
        Start("--heartbeat", "1");
        GuestReport report = Settled();
        for (int i = 0; i < 3; i++) report = NextReport(Domain, report);
    }

    [Test]
    public void Started_anew_it_goes_on()
    {
        Start();
        GuestReport first = NextReport(Domain);
        agent!.Dispose();

        Start();

        Assert.That(NextReport(Domain, first).Source, Is.EqualTo(ReportSource.Agent));
    }

    [Test]
    public void A_daemon_started_anew_sees_that_there_is_one_to_ask()
    {
        Assert.That(Look(Domain).HasAgent, Is.False);
        Start();
        NextReport(Domain);

        using XenHost young = OpenHost();

        DomainSnapshot seen = young.Observe().Domains.Single(domain => domain.Identity == Domain.Identity);
        Assert.That(seen.HasAgent, Is.True);
        Assert.That(seen.Report, Is.Null, "what is found may be of any age");
    }

    [Test]
    public void Where_it_may_not_write_it_says_so_once_and_lives_on()
    {
        Toolstack.Forbid($"{Domain.Home}/data", Domain.Domid);

        Start();

        Eventually.True(() => !agent!.Said.IsEmpty, "a word of the agent's");
        Assert.That(agent!.Said, Has.One.Contains("EACCES"));
        Assert.That(agent.Lives, Is.True);
    }

    [Test]
    public void A_refused_report_is_told_as_soon_as_it_may_be_though_nothing_is_new()
    {
        Toolstack.Forbid($"{Domain.Home}/data", Domain.Domid);
        Start();
        Eventually.True(() => !agent!.Said.IsEmpty, "a word of the agent's");

        Toolstack.Permit($"{Domain.Home}/data", Domain.Domid);

        Assert.That(NextReport(Domain).Used, Is.EqualTo(new KiB(200_000)));
        Eventually.True(() => agent!.Said.Count > 1, "a word that it is over");
        Assert.That(agent!.Said, Has.Exactly(2).Items.And.Some.Contains("accepts reports again"));
    }

    [Test]
    public void Told_to_end_it_ends_well()
    {
        Start();
        NextReport(Domain);

        agent!.Terminate();

        Assert.That(agent.Status(), Is.Zero);
        Assert.That(agent.Said, Is.Empty);
    }

    [Test]
    public void Without_xenstore_it_ends_and_says_why()
    {
        Start();
        NextReport(Domain);

        bus.Dispose();

        Assert.That(agent!.Status(), Is.EqualTo(1));
        Assert.That(string.Concat(agent.Said), Does.Contain("cannot continue"));
    }

    [Test]
    public void What_it_prints_of_this_very_machine_is_a_report()
    {
        string record = Repository.Run(AgentFiles.Program, "--print");
        Assert.That(AgentReport.Parse(record, new KiB(1L << 45))?.Used, Is.GreaterThan(KiB.Zero), record);
    }

    [TestCase("--heartbeat", "0", "seconds")]
    [TestCase("--heartbeat", "1h", "1h")]
    [TestCase("--heartbeat", "121", "1 to 120")]
    [TestCase("--device", "/nowhere", "/nowhere")]
    [TestCase("--procfs", "/nowhere", "meminfo")]
    [TestCase("--frob", "x", "frob")]
    [TestCase("frob", "x", "frob")]
    public void What_it_cannot_do_it_says(string option, string value, string said)
    {
        using AgentProcess wrong = new(option, value);
        Assert.That(wrong.Status(), Is.InRange(1, 2));
        Assert.That(string.Concat(wrong.Said), Does.Contain(said));
    }

    [Test]
    public void It_is_small()
    {
        Start();
        NextReport(Domain);
        long kib = agent!.ResidentKiB();
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the agent: {new FileInfo(AgentFiles.Program).Length / 1024} KiB on disk, {kib} KiB in memory"));
        Assert.That(kib, Is.LessThanOrEqualTo(1024));
    }

    private void Start(params string[] more) =>
        agent = new AgentProcess(["--device", Path.Combine(Daemon.Home, "guest"), "--procfs", proc.Root, "--sysfs", proc.Root, .. more]);

    /// <summary>The report after which nothing is left to say: the second, when nothing moves.</summary>
    private GuestReport Settled() => NextReport(Domain, NextReport(Domain));
}
