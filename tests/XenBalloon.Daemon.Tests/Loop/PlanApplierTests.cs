using NSubstitute;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.Tests.Logging;

namespace XenBalloon.Daemon.Tests.Loop;

internal sealed class PlanApplierTests
{
    private static readonly DomainIdentity Web = new(1, Guid.NewGuid()), Db = new(2, Guid.NewGuid());

    private static readonly HostCommand
        WebTarget = new(HostCommandKind.SetTarget, Web, KiB.FromMiB(100)),
        DbCap = new(HostCommandKind.SetMaxMem, Db, KiB.FromMiB(201)),
        DbTarget = new(HostCommandKind.SetTarget, Db, KiB.FromMiB(200));

    private IXenHost host;
    private RecordingLogger<PlanApplier> log;

    [SetUp]
    public void SetUp() => (host, log) = (Substitute.For<IXenHost>(), new RecordingLogger<PlanApplier>());

    [TearDown]
    public void TearDown() => host.Dispose();

    [Test]
    public void Commands_are_carried_out_in_the_order_of_the_plan()
    {
        host.Execute(default).ReturnsForAnyArgs(CommandOutcome.Done);
        Apply();
        Received.InOrder(() =>
        {
            host.Execute(WebTarget);
            host.Execute(DbCap);
            host.Execute(DbTarget);
        });
    }

    [TestCase(CommandStatus.Refused)]
    [TestCase(CommandStatus.DomainGone)]
    public void Failed_command_stops_the_other_commands_of_its_domain_only(CommandStatus status)
    {
        host.Execute(default).ReturnsForAnyArgs(CommandOutcome.Done);
        host.Execute(DbCap).Returns(new CommandOutcome(status, "no"));
        Apply();
        host.Received().Execute(WebTarget);
        host.DidNotReceive().Execute(DbTarget);
    }

    [TestCase(HostCommandKind.RequestReport)]
    [TestCase(HostCommandKind.AdmitQubesReports)]
    public void Refused_request_does_not_stop_the_target_of_its_domain(HostCommandKind kind)
    {
        var request = new HostCommand(kind, Web, KiB.Zero);
        host.Execute(default).ReturnsForAnyArgs(CommandOutcome.Done);
        host.Execute(request).Returns(new CommandOutcome(CommandStatus.Refused, "EACCES"));
        Apply(request, WebTarget);
        host.Received().Execute(WebTarget);
    }

    [Test]
    public void Refused_target_is_logged_once_also_after_a_refused_request()
    {
        var request = new HostCommand(HostCommandKind.RequestReport, Web, KiB.Zero);
        host.Execute(request).Returns(new CommandOutcome(CommandStatus.Refused, "EACCES"));
        host.Execute(WebTarget).Returns(new CommandOutcome(CommandStatus.Refused, "ENOSPC"));
        var applier = new PlanApplier(host, log);
        for (int i = 0; i < 3; i++) applier.Apply(PlanOf(request, WebTarget), new BalancerSettings());
        Assert.That(log.Lines, Has.Exactly(2).Items);
        Assert.That(log.Lines[0], Does.Contain("EACCES"));
        Assert.That(log.Lines[1], Does.Contain("ENOSPC"));
    }

    [Test]
    public void Lost_host_is_reported_to_the_caller()
    {
        host.Execute(default).ReturnsForAnyArgs(_ => throw new HostLostException("xenstored is gone"));
        Assert.Throws<HostLostException>(() => Apply());
    }

    private void Apply(params HostCommand[] commands) =>
        new PlanApplier(host, log).Apply(PlanOf(commands), new BalancerSettings());

    private static Plan PlanOf(params HostCommand[] commands) => new()
    {
        At = TimeSpan.Zero,
        Host = default,
        Domains = [Decision(Web, "web"), Decision(Db, "db")],
        Ended = [],
        Commands = commands is [] ? [WebTarget, DbCap, DbTarget] : [.. commands],
    };

    private static DomainDecision Decision(DomainIdentity identity, string name) => new()
    {
        Domain = new DomainSnapshot { Identity = identity, Name = name, Actual = KiB.Zero, MaxMem = KiB.Zero },
    };
}
