using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Files;

/// <summary>The demo needs a balancer that moves memory often, and a simple one can handle it.</summary>
public sealed class DemoScenarioTests
{
    private static readonly Scenario Demo = BuiltInScenarios.All.Single(scenario => scenario.Name == "demo");

    [Test]
    public void Static_maxima_are_more_than_twice_the_memory()
    {
        long most = Demo.Guests.Sum(guest => guest.StaticMax.Value);
        Assert.That(most, Is.GreaterThan(2 * (Demo.HostTotal - Demo.Dom0Memory).Value));
    }

    [Test]
    public void Used_memory_always_fits_with_a_margin()
    {
        for (int second = 0; second < 600; second++)
        {
            TimeSpan time = TimeSpan.FromSeconds(second);
            long used = Demo.Guests.Sum(guest => guest.Anonymous.At(time, 1).Value + guest.Files.At(time, 1).Value);
            Assert.That(used * 1.25, Is.LessThan((Demo.HostTotal - Demo.Dom0Memory).Value), $"at {time}");
        }
    }

    [Test]
    public void Guests_swap_without_a_balancer()
    {
        using var host = new VirtualHost(Demo);
        host.Run(60);
        SimulationReport report = host.Host.Report();
        Assert.That(report.Guests.Sum(guest => guest.SwappedKiBSeconds), Is.GreaterThan(5 * KiB.FromMiB(1024).Value));
    }

    [Test]
    public void Simple_balancer_moves_memory_between_all_guests_in_20_s_and_hardly_swaps()
    {
        using var host = new VirtualHost(Demo);
        SimpleBalancer.Balance(host, 20);
        SimulationReport first = host.Host.Report();
        SimpleBalancer.Balance(host, 40);
        SimulationReport report = host.Host.Report();
        Assert.Multiple(() =>
        {
            Assert.That(first.Guests.Select(guest => guest.Moved), Is.All.GreaterThan(KiB.FromMiB(300)));
            Assert.That(first.Guests.Select(guest => guest.Reversals), Is.All.GreaterThanOrEqualTo(1));
            Assert.That(report.Guests.Sum(guest => guest.SwappedKiBSeconds), Is.LessThan(KiB.FromMiB(1024).Value));
            Assert.That(report.Guests.Sum(guest => guest.OomKills + guest.Panics), Is.Zero);
            Assert.That(report.Host.Violations, Is.Zero);
            Assert.That(report.Host.LowestFree, Is.GreaterThanOrEqualTo(Demo.Slack));
        });
    }
}

/// <summary>
/// A simple balancer: each guest gets the memory that it uses and a reserve, and grows only into free memory. It shows
/// what a scenario needs, not what a good policy is.
/// </summary>
internal static class SimpleBalancer
{
    private static readonly KiB Slack = KiB.FromMiB(64);
    private static readonly KiB KernelOverhead = KiB.FromMiB(96);
    private static readonly KiB DeadBand = KiB.FromMiB(16);

    /// <summary>Balances for this long, once a second.</summary>
    public static void Balance(VirtualHost host, int seconds)
    {
        for (int second = 0; second < seconds; second++)
        {
            Step(host.Host);
            host.Run(1);
        }
    }

    private static void Step(SimulatedHost host)
    {
        HostSnapshot snapshot = host.Observe();
        KiB spare = snapshot.Free - Slack;
        foreach (DomainSnapshot domain in snapshot.Domains)
            spare -= KiB.Max(KiB.Zero, (domain.Target ?? domain.Actual) - domain.Actual);
        foreach (DomainSnapshot domain in snapshot.Domains)
        {
            if (domain.Report is not { } report || domain.Target is not { } target) continue;

            // From the report, not from the current size: while a balloon moves the two are of different times.
            KiB used = report.Used + KernelOverhead;
            KiB wanted = used + used.Times(0.3);
            KiB growth = KiB.Max((wanted - target).Times(wanted < target ? 0.25 : 1), target.Times(-0.1));
            growth = KiB.Min(growth, KiB.Max(KiB.Zero, spare)).FloorToPage();
            if (growth < DeadBand && growth > -DeadBand) continue;
            if (growth > KiB.Zero) spare -= growth;
            host.Execute(new HostCommand(HostCommandKind.SetMaxMem, domain.Identity, target + growth + KiB.FromMiB(2)));
            host.Execute(new HostCommand(HostCommandKind.SetTarget, domain.Identity, target + growth));
        }
    }
}
