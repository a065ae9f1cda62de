using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Files;

public sealed class BuiltInScenarioTests
{
    private static IEnumerable<TestCaseData> All() =>
        BuiltInScenarios.Names.Select(name => new TestCaseData(name).SetArgDisplayNames(name));

    [TestCaseSource(nameof(All))]
    public void File_is_valid_and_has_the_name_of_its_scenario(string name)
    {
        ScenarioReading reading = ScenarioFile.Parse(BuiltInScenarios.Text(name), $"{name}.scenario");
        Assert.That(reading.Errors, Is.Empty);
        Assert.That(reading.Scenario!.Name, Is.EqualTo(name));
        Assert.That(reading.Scenario.Problems(), Is.Empty);
    }

    [TestCaseSource(nameof(All))]
    public void File_has_a_comment_a_summary_and_pass_lines_for_the_default_policy(string name)
    {
        Scenario scenario = BuiltInScenarios.Read(name);
        Assert.Multiple(() =>
        {
            Assert.That(BuiltInScenarios.Text(name), Does.StartWith("# "));
            Assert.That(scenario.Summary, Is.Not.Empty);
            Assert.That(
                PassLine.Of(scenario).Where(line => line.Policy == PassLine.DefaultPolicy), Is.Not.Empty);
        });
    }

    [TestCaseSource(nameof(All))]
    public void Pass_lines_name_existing_guests(string name)
    {
        Scenario scenario = BuiltInScenarios.Read(name);
        IEnumerable<string> named = PassLine.Of(scenario).Select(line => line.Guest).OfType<string>().Distinct();
        Assert.That(named, Is.SubsetOf(scenario.Guests.Select(guest => guest.Name)));
    }

    [Test]
    public void Names_are_found_in_upper_and_lower_case()
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
    public void Unknown_name_error_lists_all_names()
    {
        bool found = BuiltInScenarios.TryGet("nope", out _, out string? error);
        Assert.Multiple(() =>
        {
            Assert.That(found, Is.False);
            Assert.That(error, Is.EqualTo(
                "unknown scenario 'nope': use one of demo, quiet, misfits, idle-tax, consolidation, working-set, "
                + "office-day, build-farm, density, boot-storm, trickler, limit-cycle, starvation, swapless, liars, "
                + "chaos, rotation, rotation-agent, rotation-minute, after-a-burst, idle-swapless, newcomer, "
                + "no-driver, old-kernel, nothing-left, pv-shim, slow-reports, fixed-total"));
        });
    }

    [Test]
    public void Limit_cycle_starts_with_the_free_memory_of_the_original_report()
    {
        Scenario scenario = BuiltInScenarios.Read("limit-cycle");
        KiB held = scenario.Guests.Aggregate(scenario.Dom0Memory, (sum, guest) => sum + guest.BootMemory);
        Assert.That(scenario.HostTotal - held, Is.EqualTo(KiB.FromMiB(572)));
    }

    [Test]
    public void Office_is_overcommitted_by_two_fifths()
    {
        Scenario scenario = BuiltInScenarios.Read("office-day");
        double most = scenario.Guests.Sum(guest => guest.StaticMax.Value);
        Assert.That(scenario.Guests, Has.Length.EqualTo(20));
        Assert.That(most / (scenario.HostTotal - scenario.Dom0Memory).Value, Is.EqualTo(1.4).Within(0.02));
    }

    [Test]
    public void Swapless_domains_have_no_swap_and_more_boot_memory_than_the_host()
    {
        Scenario scenario = BuiltInScenarios.Read("swapless");
        KiB booted = scenario.Guests.Aggregate(KiB.Zero, (sum, guest) => sum + guest.BootMemory);
        Assert.That(scenario.Guests.Select(guest => guest.Swap.Size), Is.All.EqualTo(KiB.Zero));
        Assert.That(booted, Is.GreaterThan(scenario.HostTotal - scenario.Dom0Memory));
    }
}
