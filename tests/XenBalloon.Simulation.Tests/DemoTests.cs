using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

/// <summary>The demo must be worth watching: memory has to move, often, and a balancer must be able to win.</summary>
public sealed class DemoTests
{
    private static readonly Scenario Demo = BuiltInScenarios.All.Single(scenario => scenario.Name == "demo");

    [Test]
    public void It_promises_far_more_than_the_host_has()
    {
        long most = Demo.Guests.Sum(guest => guest.StaticMax.Value);
        Assert.That(most, Is.GreaterThan(2 * (Demo.HostTotal - Demo.Dom0Memory).Value));
    }

    [Test]
    public void All_that_is_ever_used_at_once_fits_with_room_to_spare()
    {
        for (int second = 0; second < 600; second++)
        {
            TimeSpan time = TimeSpan.FromSeconds(second);
            long used = Demo.Guests.Sum(guest => guest.Anonymous.At(time, 1).Value + guest.Files.At(time, 1).Value);
            Assert.That(used * 1.25, Is.LessThan((Demo.HostTotal - Demo.Dom0Memory).Value), $"at {time}");
        }
    }

    [Test]
    public void Left_alone_it_hurts()
    {
        using var host = new VirtualHost(Demo);
        host.Run(60);
        SimulationReport report = host.Host.Report();
        Assert.That(report.Guests.Sum(guest => guest.SwappedKiBSeconds), Is.GreaterThan(5 * KiB.FromMiB(1024).Value));
    }

    [Test]
    public void Even_a_plain_balancer_moves_memory_between_all_guests_within_twenty_seconds_and_hardly_swaps()
    {
        using var host = new VirtualHost(Demo);
        PlainBalancer.Balance(host, 20);
        SimulationReport first = host.Host.Report();
        PlainBalancer.Balance(host, 40);
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
