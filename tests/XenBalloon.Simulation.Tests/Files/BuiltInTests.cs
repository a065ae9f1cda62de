using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging.PassLines;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Files;

public sealed class BuiltInTests
{
    private static IEnumerable<TestCaseData> All() =>
        BuiltInScenarios.Names.Select(name => new TestCaseData(name).SetArgDisplayNames(name));

    [TestCaseSource(nameof(All))]
    public void Each_reads_without_errors_and_is_called_as_its_file(string name)
    {
        ScenarioReading reading = ScenarioFile.Parse(BuiltInScenarios.Text(name), $"{name}.scenario");
        Assert.That(reading.Errors, Is.Empty);
        Assert.That(reading.Scenario!.Name, Is.EqualTo(name));
    }

    [TestCaseSource(nameof(All))]
    public void Each_says_in_a_comment_where_it_comes_from_and_what_it_shows_and_asks_of_whom(string name)
    {
        Scenario scenario = BuiltInScenarios.Read(name);
        Assert.Multiple(() =>
        {
            Assert.That(BuiltInScenarios.Text(name), Does.StartWith("# "));
            Assert.That(scenario.Summary, Is.Not.Empty);
            Assert.That(scenario.PassLines.Where(line => line.Policy == PassLine.DefaultPolicy), Is.Not.Empty);
        });
    }

    [TestCaseSource(nameof(All))]
    public void Each_asks_about_guests_that_are_there(string name)
    {
        Scenario scenario = BuiltInScenarios.Read(name);
        IEnumerable<string> asked = scenario.PassLines.Select(line => line.Guest).OfType<string>().Distinct();
        Assert.That(asked, Is.SubsetOf(scenario.Guests.Select(guest => guest.Name)));
    }

    [TestCaseSource(nameof(All))]
    public void Each_survives_the_first_minute_of_being_written_and_read_again(string name)
    {
        Scenario scenario = BuiltInScenarios.Read(name);
        Scenario again = ScenarioFile.Parse(ScenarioWriter.Write(scenario), "again.scenario").Scenario!;
        using var one = new VirtualHost(scenario);
        using var other = new VirtualHost(again);
        one.Run(60);
        other.Run(60);
        Assert.That(other.Host.Observe().Domains, Is.EqualTo(one.Host.Observe().Domains));
        Assert.That(other.Host.Report().Guests, Is.EqualTo(one.Host.Report().Guests));
    }

    [Test]
    public void The_limit_cycle_begins_with_the_free_memory_of_the_case_that_it_is_taken_from()
    {
        Scenario scenario = BuiltInScenarios.Read("limit-cycle");
        KiB held = scenario.Guests.Aggregate(scenario.Dom0Memory, (sum, guest) => sum + guest.BootMemory);
        Assert.That(scenario.HostTotal - held, Is.EqualTo(KiB.FromMiB(572)));
    }

    [Test]
    public void The_office_is_overcommitted_by_two_fifths()
    {
        Scenario scenario = BuiltInScenarios.Read("office-day");
        double most = scenario.Guests.Sum(guest => guest.StaticMax.Value);
        Assert.That(scenario.Guests, Has.Length.EqualTo(20));
        Assert.That(most / (scenario.HostTotal - scenario.Dom0Memory).Value, Is.EqualTo(1.4).Within(0.02));
    }

    [Test]
    public void The_swapless_domains_have_no_swap_and_boot_with_more_than_the_host_has_for_all_of_them()
    {
        Scenario scenario = BuiltInScenarios.Read("swapless");
        KiB booted = scenario.Guests.Aggregate(KiB.Zero, (sum, guest) => sum + guest.BootMemory);
        Assert.That(scenario.Guests.Select(guest => guest.Swap.Size), Is.All.EqualTo(KiB.Zero));
        Assert.That(booted, Is.GreaterThan(scenario.HostTotal - scenario.Dom0Memory));
    }
}
