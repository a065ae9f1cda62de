using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

public sealed class CommandTests
{
    [Test]
    public void A_command_for_another_domain_of_the_same_domid_is_not_carried_out()
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        DomainIdentity impostor = host.Domain().Identity with { Uuid = Guid.NewGuid() };
        CommandOutcome outcome = host.Host.Execute(new HostCommand(HostCommandKind.SetTarget, impostor, KiB.FromMiB(256)));
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Status, Is.EqualTo(CommandStatus.DomainGone));
            Assert.That(host.Domain().Target, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(host.Outcome().TargetsWritten, Is.Zero);
        });
    }

    [Test]
    public void A_command_for_no_domain_finds_it_gone()
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        CommandOutcome outcome = host.Host.Execute(new HostCommand(HostCommandKind.SetMaxMem, new DomainIdentity(99, Guid.NewGuid()), KiB.FromMiB(256)));
        Assert.That(outcome.Status, Is.EqualTo(CommandStatus.DomainGone));
    }

    [Test]
    public void Dom0_is_fixed()
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
    public void A_target_for_a_domain_that_is_still_being_built_is_refused()
    {
        using var host = new VirtualHost(VirtualHost.Guest() with { CreatedAt = TimeSpan.FromSeconds(1), BuildTime = TimeSpan.FromSeconds(5) });
        host.Run(2);
        Assert.That(host.Order(HostCommandKind.SetTarget, 256).Status, Is.EqualTo(CommandStatus.Refused));
    }

    [Test]
    public void A_cap_below_what_the_domain_holds_is_accepted_and_takes_nothing_away()
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
    public void A_populate_on_demand_target_changes_nothing(HostCommandKind kind)
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
    public void Promising_more_growth_than_is_free_is_a_violation_and_promising_what_is_free_is_none()
    {
        Scenario scenario = VirtualHost.Hosting(VirtualHost.Guest("one"), VirtualHost.Guest("two")) with { HostTotal = KiB.FromMiB(512 + 1024 + 400) };
        using var host = new VirtualHost(scenario);
        host.Resize(512 + 300, "one");
        int kept = host.Host.Report().Host.Violations;
        host.Resize(512 + 101, "two");
        Assert.Multiple(() =>
        {
            Assert.That(kept, Is.Zero);
            Assert.That(host.Host.Report().Host.Violations, Is.EqualTo(1));
        });
    }

    [Test]
    public void Shrinking_one_and_growing_another_by_what_is_not_yet_free_is_a_violation()
    {
        Scenario scenario = VirtualHost.Hosting(VirtualHost.Guest("one"), VirtualHost.Guest("two")) with { HostTotal = KiB.FromMiB(512 + 1024 + 10) };
        using var host = new VirtualHost(scenario);
        host.Resize(400, "one");
        host.Resize(600, "two");
        int tooEarly = host.Host.Report().Host.Violations;
        host.Resize(512, "two");
        host.Run(1);
        host.Resize(600, "two");
        Assert.Multiple(() =>
        {
            Assert.That(tooEarly, Is.EqualTo(1));
            Assert.That(host.Host.Report().Host.Violations, Is.EqualTo(1));
        });
    }

    [Test]
    public void Targets_and_their_changes_of_direction_are_counted()
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
