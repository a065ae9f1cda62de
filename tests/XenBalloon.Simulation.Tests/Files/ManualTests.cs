using System.Reflection;
using XenBalloon.Simulation.Files;

namespace XenBalloon.Simulation.Tests.Files;

/// <summary>xenballoon-scenario(5) documents the whole grammar, and its example is valid.</summary>
public sealed class ManualTests
{
    private static readonly string Manual = File.ReadAllText(Path.Combine(
        typeof(ManualTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "RepositoryRoot").Value!,
        "docs/man/xenballoon-scenario.5"));

    [Test]
    public void Example_is_a_valid_scenario()
    {
        string afterTitle = Manual[Manual.IndexOf(".Sh EXAMPLE", StringComparison.Ordinal)..];
        string example = afterTitle.Split(".Bd -literal\n", 2)[1].Split("\n.Ed", 2)[0];
        ScenarioReading reading = ScenarioFile.Parse(example, "example.scenario");
        Assert.That(reading.Errors, Is.Empty);
        Assert.That(reading.Scenario!.Guests.Select(guest => guest.Name), Is.EqualTo(["idle", "busy", "late"]));
        Assert.That(reading.Scenario.PassLines, Has.Length.EqualTo(3));
    }

    [Test]
    public void Every_key_is_documented() =>
        Assert.That(
            ScenarioKeys.All.Concat(GuestKeys.All)
                .Where(key => !Manual.Contains($"\n.It Cm {key} No = ", StringComparison.Ordinal)),
            Is.Empty);

    [Test]
    public void Every_load_is_documented() =>
        Assert.That(
            LoadParser.Kinds.Where(kind => !Manual.Contains($"\n.It Cm {kind.Word} ", StringComparison.Ordinal)),
            Is.Empty);
}
