using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Outcomes;

namespace XenBalloon.Simulation.Tests;

/// <summary>What the balancer promises, held on several seeds of the scenarios that need nothing but a balancer.</summary>
public sealed class BalancerTests
{
    private static IEnumerable<TestCaseData> Runs() =>
        from scenario in Scenarios.All
        where scenario.Name is "demo" or "quiet" or "misfits"
        from seed in Enumerable.Range(1, 5)
        select new TestCaseData(scenario with { Seed = (ulong)seed }).SetArgDisplayNames(scenario.Name, $"seed {seed}");

    [TestCaseSource(nameof(Runs))]
    public void Nobody_is_killed_nothing_is_promised_twice_and_the_slack_stays_free(Scenario scenario)
    {
        using var host = new VirtualHost(scenario);
        BalancedHost.Balance(host, TimeSpan.FromMinutes(5));
        SimulationReport report = host.Host.Report();
        Assert.Multiple(() =>
        {
            Assert.That(report.Guests.Sum(guest => guest.OomKills + guest.Panics), Is.Zero);
            Assert.That(report.Host.Violations, Is.Zero);
            Assert.That(report.Host.RefusedGrowth, Is.Zero);
            Assert.That(report.Host.FailedStarts, Is.Zero);
            Assert.That(report.Host.LowestFree, Is.GreaterThanOrEqualTo(scenario.Slack));
        });
    }

    [Test]
    public void The_demo_shows_guests_that_hardly_ever_wait()
    {
        using var host = new VirtualHost(Scenarios.All.Single(scenario => scenario.Name == "demo"));
        BalancedHost.Balance(host, TimeSpan.FromMinutes(2));
        SimulationReport report = host.Host.Report();
        Assert.Multiple(() =>
        {
            Assert.That(report.Guests.Select(guest => guest.Moved), Is.All.GreaterThan(KiB.FromMiB(250)));
            Assert.That(report.Guests.Select(guest => guest.Stalled), Is.All.LessThan(TimeSpan.FromSeconds(12)));
        });
    }

    [Test]
    public void A_quiet_host_gets_no_writes_once_memory_lies_where_it_should()
    {
        using var host = new VirtualHost(Scenarios.All.Single(scenario => scenario.Name == "quiet"));
        BalancedHost.Balance(host, TimeSpan.FromMinutes(10));
        int settled = TargetsWritten(host);
        BalancedHost.Balance(host, TimeSpan.FromMinutes(50));
        Assert.That(TargetsWritten(host), Is.EqualTo(settled));
    }

    private static int TargetsWritten(VirtualHost host) => host.Host.Report().Guests.Sum(guest => guest.TargetsWritten);
}
