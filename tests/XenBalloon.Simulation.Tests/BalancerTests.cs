using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

/// <summary>What the balancer promises, held on several seeds of the scenarios that need nothing but a balancer.</summary>
public sealed class BalancerTests
{
    private static IEnumerable<TestCaseData> Runs() =>
        from scenario in BuiltInScenarios.All
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
        using var host = new VirtualHost(BuiltInScenarios.All.Single(scenario => scenario.Name == "demo"));
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
        using var host = new VirtualHost(BuiltInScenarios.All.Single(scenario => scenario.Name == "quiet"));
        BalancedHost.Balance(host, TimeSpan.FromMinutes(10));
        int settled = TargetsWritten(host);
        BalancedHost.Balance(host, TimeSpan.FromMinutes(50));
        Assert.That(TargetsWritten(host), Is.EqualTo(settled));
    }

    [Test]
    public void A_guest_that_truly_has_nothing_left_is_asked_for_memory_now_and_then_and_survives_it()
    {
        // It has borrowed all that its neighbours do not use, and filled its swap but for a megabyte.
        KiB most = KiB.FromMiB(640);
        GuestDescription full = VirtualHost.Guest("full") with
        {
            BootMemory = KiB.FromMiB(320),
            StaticMax = most,
            KernelOverhead = KiB.FromMiB(87),
            Anonymous = new RampLoad([At(0, 30), At(60, 30), At(90, 638)]),
            Swap = new SwapDescription { Size = KiB.FromMiB(90) },
            Reporting = new ReportingDescription { Source = ReportSource.Agent, Interval = TimeSpan.FromSeconds(60) },
        };
        GuestDescription owner = full with
        {
            Anonymous = new RampLoad([At(0, 30), At(240, 30), At(270, 270)]),
            Swap = new SwapDescription { Size = KiB.FromMiB(512) },
        };
        using var host = new VirtualHost(new Scenario
        {
            Name = "full",
            HostTotal = KiB.FromMiB(1865),
            Dom0Memory = KiB.FromMiB(512),
            KeepFree = KiB.Zero,
            Guests = [owner with { Name = "owner1" }, owner with { Name = "owner2" }, full],
        });
        BalancedHost.Balance(host, TimeSpan.FromMinutes(4));
        int written = host.Outcome("full").TargetsWritten;
        BalancedHost.Balance(host, TimeSpan.FromMinutes(10));
        Assert.Multiple(() =>
        {
            Assert.That(host.Outcome("full").TargetsWritten - written, Is.InRange(2, 16), "down and up again, ever more seldom");
            Assert.That(host.Domain("full").Target, Is.GreaterThan(most - KiB.FromMiB(4)));
            Assert.That(host.Host.Report().Guests.Sum(guest => guest.OomKills), Is.Zero);
        });
    }

    private static LoadPoint At(double seconds, int mib) => new(TimeSpan.FromSeconds(seconds), KiB.FromMiB(mib));

    private static int TargetsWritten(VirtualHost host) => host.Host.Report().Guests.Sum(guest => guest.TargetsWritten);
}
