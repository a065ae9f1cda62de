using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class PeerCatalogTests
{
    private static IEnumerable<string> Names => PeerCatalog.All.Select(entry => entry.Name);

    [Test]
    public void Every_peer_has_a_unique_name_and_a_summary() => Assert.Multiple(() =>
    {
        Assert.That(Names, Is.Unique);
        Assert.That(PeerCatalog.All.Select(entry => entry.Summary), Is.All.Not.Empty.And.All.Not.Contains('\n'));
    });

    [Test]
    public void Every_peer_runs_every_built_in_scenario([ValueSource(nameof(Names))] string peer)
    {
        foreach (Scenario scenario in BuiltInScenarios.All)
        {
            using var run = new PeerRun(scenario, peer);
            run.Run(180);
            Assert.That(run.Now.Free, Is.GreaterThanOrEqualTo(KiB.Zero));
        }
    }

    [Test]
    public void Peers_that_free_before_they_allocate_promise_nothing_twice(
        [Values("static", "squeezed", "hyper-v", "esx", "senpai", "oracle")] string peer)
    {
        foreach (Scenario scenario in BuiltInScenarios.All)
        {
            using var run = new PeerRun(scenario, peer);
            run.Run(180);
            Assert.That(run.Report.Host.Violations, Is.Zero, scenario.Name);
        }
    }

    [Test]
    public void Same_seed_gives_the_same_run([ValueSource(nameof(Names))] string peer)
    {
        Scenario demo = BuiltInScenarios.All.Single(scenario => scenario.Name == "demo");
        GuestOutcome[] once = Run(demo, peer), again = Run(demo, peer);
        Assert.That(again, Is.EqualTo(once));
    }

    private static GuestOutcome[] Run(Scenario scenario, string peer)
    {
        using var run = new PeerRun(scenario, peer);
        run.Run(60);
        return [.. run.Report.Guests];
    }
}
