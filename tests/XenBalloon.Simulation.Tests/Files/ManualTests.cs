using System.Reflection;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging.Metrics;

namespace XenBalloon.Simulation.Tests.Files;

/// <summary>xenballoon-scenario(5) is the whole grammar, and what it shows works.</summary>
public sealed class ManualTests
{
    private static readonly string Manual = File.ReadAllText(Path.Combine(
        typeof(ManualTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!,
        "docs/man/xenballoon-scenario.5"));

    [Test]
    public void Its_example_is_a_scenario()
    {
        string afterTitle = Manual[Manual.IndexOf(".Sh EXAMPLE", StringComparison.Ordinal)..];
        string example = afterTitle.Split(".Bd -literal\n", 2)[1].Split("\n.Ed", 2)[0];
        ScenarioReading reading = ScenarioFile.Parse(example, "example.scenario");
        Assert.That(reading.Errors, Is.Empty);
        Assert.That(reading.Scenario!.Guests.Select(guest => guest.Name), Is.EqualTo(["idle", "busy", "late"]));
        Assert.That(reading.Scenario.PassLines, Has.Length.EqualTo(3));
    }

    [Test]
    public void It_explains_every_key() =>
        Assert.That(ScenarioKeys.Vocabulary.Words.Concat(GuestKeys.Vocabulary.Words).Where(word => !Manual.Contains($"\n.It Cm {word} No = ", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void It_explains_every_load() =>
        Assert.That(LoadKinds.All.Where(kind => !Manual.Contains($"\n.It Cm {kind.Word} ", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void It_explains_every_metric() =>
        Assert.That(AllMetrics.All.Select(metric => metric.Name).Where(name => !Manual.Contains(name, StringComparison.Ordinal)), Is.Empty);
}
