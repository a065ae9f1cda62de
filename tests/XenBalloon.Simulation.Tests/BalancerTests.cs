using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

/// <summary>The guarantees of the balancer on several seeds of simple scenarios.</summary>
public sealed class BalancerTests
{
    private static IEnumerable<TestCaseData> Runs() =>
        from scenario in BuiltInScenarios.All
        where scenario.Name is "demo" or "quiet" or "misfits"
        from seed in Enumerable.Range(1, 5)
        select new TestCaseData(scenario with { Seed = (ulong)seed }).SetArgDisplayNames(scenario.Name, $"seed {seed}");

    [TestCaseSource(nameof(Runs))]
    public void Balancer_causes_no_kill_promises_no_memory_twice_and_keeps_the_slack_free(Scenario scenario)
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
    public void Demo_guests_rarely_wait_under_the_balancer()
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
    public void Quiet_host_gets_no_target_writes_once_memory_is_balanced()
    {
        using var host = new VirtualHost(BuiltInScenarios.All.Single(scenario => scenario.Name == "quiet"));
        BalancedHost.Balance(host, TimeSpan.FromMinutes(10));
        int settled = TargetsWritten(host);
        BalancedHost.Balance(host, TimeSpan.FromMinutes(50));
        Assert.That(TargetsWritten(host), Is.EqualTo(settled));
    }

    [Test]
    public void Guest_with_full_memory_and_swap_is_probed_rarely_and_survives()
    {
        // It has borrowed all memory that its neighbours do not use, and all but a megabyte of its swap is full.
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
            Assert.That(
                host.Outcome("full").TargetsWritten - written,
                Is.InRange(2, 16),
                "down and up again, at growing intervals");
            Assert.That(host.Domain("full").Target, Is.GreaterThan(most - KiB.FromMiB(4)));
            Assert.That(host.Host.Report().Guests.Sum(guest => guest.OomKills), Is.Zero);
        });
    }

    private static LoadPoint At(double seconds, int mib) => new(TimeSpan.FromSeconds(seconds), KiB.FromMiB(mib));

    private static int TargetsWritten(VirtualHost host) => host.Host.Report().Guests.Sum(guest => guest.TargetsWritten);
}

/// <summary>Runs the balancer on a simulated host as the daemon does: at every change, and once a second.</summary>
internal static class BalancedHost
{
    public static void Balance(VirtualHost host, TimeSpan time)
    {
        var balancer = new Balancer();
        BalancerSettings settings = FairSharePolicy.SettingsOf(host.Host.Scenario);
        for (int tenth = 0; tenth < time.TotalSeconds * 10; tenth++)
        {
            if (tenth % 10 == 0 || host.Host.WaitForChangeAsync(CancellationToken.None).IsCompleted)
            {
                foreach (HostCommand command in balancer.Step(host.Host.Observe(), settings).Commands)
                    host.Host.Execute(command);
            }

            host.Run(0.1);
        }
    }
}
