using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

public sealed class ScenariosTests
{
    [Test]
    public void The_built_in_scenarios_are_sound() =>
        Assert.That(BuiltInScenarios.All.SelectMany(scenario => scenario.Problems()), Is.Empty);

    [Test]
    public void The_demo_is_found_by_name_in_any_case()
    {
        bool found = BuiltInScenarios.TryGet("Demo", out Scenario? scenario, out string? error);
        Assert.Multiple(() =>
        {
            Assert.That(found, Is.True);
            Assert.That(scenario!.Name, Is.EqualTo("demo"));
            Assert.That(error, Is.Null);
        });
    }

    [Test]
    public void An_unknown_name_is_answered_with_the_names_there_are()
    {
        bool found = BuiltInScenarios.TryGet("nope", out _, out string? error);
        Assert.Multiple(() =>
        {
            Assert.That(found, Is.False);
            Assert.That(error, Is.EqualTo("there is no scenario 'nope': choose one of demo, quiet, misfits, idle-tax, consolidation, working-set, "
                + "office-day, build-farm, density, boot-storm, trickler, limit-cycle, starvation, swapless, liars, chaos, rotation, rotation-agent, rotation-minute, "
                + "after-a-burst, idle-swapless, newcomer, no-driver, old-kernel, nothing-left, pv-shim, slow-reports"));
        });
    }

    [Test]
    public void A_simulated_host_says_that_it_is_one()
    {
        using var host = new VirtualHost(BuiltInScenarios.All[0]);
        Assert.That(host.Host.Description, Is.EqualTo("simulated (demo)"));
    }

    [Test]
    public void An_impossible_scenario_is_refused_with_all_its_problems()
    {
        GuestDescription guest = VirtualHost.Guest();
        Scenario scenario = VirtualHost.Hosting(guest, guest with { StaticMax = KiB.FromMiB(256) }) with { HostTotal = KiB.FromMiB(1024) };
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new VirtualHost(scenario).Dispose())!;
        Assert.That(refused.Message, Does.Contain("two guests are called guest").And.Contain("more than its static maximum").And.Contain("the host has 1024 MiB"));
    }
}
