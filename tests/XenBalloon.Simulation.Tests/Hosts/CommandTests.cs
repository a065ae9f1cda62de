using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Hosts;

public sealed class CommandTests
{
    [Test]
    public void Command_for_another_domain_with_the_same_domid_is_not_executed()
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        DomainIdentity other = host.Domain().Identity with { Uuid = Guid.NewGuid() };
        CommandOutcome outcome =
            host.Host.Execute(new HostCommand(HostCommandKind.SetTarget, other, KiB.FromMiB(256)));
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Status, Is.EqualTo(CommandStatus.DomainGone));
            Assert.That(host.Domain().Target, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(host.Outcome().TargetsWritten, Is.Zero);
        });
    }

    [Test]
    public void Command_for_an_unknown_domain_fails_as_gone()
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        CommandOutcome outcome = host.Host.Execute(
            new HostCommand(HostCommandKind.SetMaxMem, new DomainIdentity(99, Guid.NewGuid()), KiB.FromMiB(256)));
        Assert.That(outcome.Status, Is.EqualTo(CommandStatus.DomainGone));
    }

    [Test]
    public void Dom0_target_is_refused()
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        CommandOutcome outcome = host.Order(HostCommandKind.SetTarget, 256, "Domain-0");
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Status, Is.EqualTo(CommandStatus.Refused));
            Assert.That(host.Domain("Domain-0").Actual, Is.EqualTo(KiB.FromMiB(512)));
        });
    }

    [Test]
    public void Target_for_a_domain_that_is_being_built_is_refused()
    {
        using var host = new VirtualHost(
            VirtualHost.Guest() with { CreatedAt = TimeSpan.FromSeconds(1), BuildTime = TimeSpan.FromSeconds(5) });
        host.Run(2);
        Assert.That(host.Order(HostCommandKind.SetTarget, 256).Status, Is.EqualTo(CommandStatus.Refused));
    }

    [Test]
    public void Cap_below_the_memory_of_a_domain_is_accepted_and_takes_nothing_away()
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        CommandOutcome outcome = host.Order(HostCommandKind.SetMaxMem, 256);
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Status, Is.EqualTo(CommandStatus.Done));
            Assert.That(host.Domain().MaxMem, Is.EqualTo(KiB.FromMiB(256)));
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(512)));
        });
    }

    [TestCase(HostCommandKind.SetPodTarget)]
    public void Populate_on_demand_target_changes_nothing(HostCommandKind kind)
    {
        using var host = new VirtualHost(VirtualHost.Guest() with { Kind = DomainKind.Hvm });
        DomainSnapshot before = host.Domain();
        CommandOutcome outcome = host.Order(kind, 256);
        Assert.Multiple(() =>
        {
            Assert.That(outcome, Is.EqualTo(CommandOutcome.Done));
            Assert.That(host.Domain(), Is.EqualTo(before));
        });
    }

    [Test]
    public void Promised_growth_beyond_free_memory_is_a_violation()
    {
        Scenario scenario = VirtualHost.Hosting(VirtualHost.Guest("first"), VirtualHost.Guest("second"));
        using var host = new VirtualHost(scenario with { HostTotal = KiB.FromMiB(512 + 1024 + 400) });
        host.Resize(512 + 300, "first");
        int kept = host.Host.Report().Host.Violations;
        host.Resize(512 + 101, "second");
        Assert.Multiple(() =>
        {
            Assert.That(kept, Is.Zero);
            Assert.That(host.Host.Report().Host.Violations, Is.EqualTo(1));
        });
    }

    [Test]
    public void Growth_by_memory_that_another_guest_has_not_freed_yet_is_a_violation()
    {
        Scenario scenario = VirtualHost.Hosting(VirtualHost.Guest("first"), VirtualHost.Guest("second"));
        using var host = new VirtualHost(scenario with { HostTotal = KiB.FromMiB(512 + 1024 + 10) });
        host.Resize(400, "first");
        host.Resize(600, "second");
        int tooEarly = host.Host.Report().Host.Violations;
        host.Resize(512, "second");
        host.Run(1);
        host.Resize(600, "second");
        Assert.Multiple(() =>
        {
            Assert.That(tooEarly, Is.EqualTo(1));
            Assert.That(host.Host.Report().Host.Violations, Is.EqualTo(1));
        });
    }

    [Test]
    public void Written_targets_and_reversals_are_counted()
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        foreach (int mib in (int[])[600, 700, 650, 650, 640, 900])
        {
            host.Resize(mib);
            host.Run(5);
        }

        Assert.Multiple(() =>
        {
            Assert.That(host.Outcome().TargetsWritten, Is.EqualTo(6));
            Assert.That(host.Outcome().Reversals, Is.EqualTo(2));
            Assert.That(host.Outcome().LeastActual, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(host.Outcome().MostActual, Is.EqualTo(KiB.FromMiB(900)));
            Assert.That(host.Outcome().Moved, Is.EqualTo(KiB.FromMiB(188 + 60 + 260)));
        });
    }
}
