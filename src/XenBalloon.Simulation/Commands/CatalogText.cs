using XenBalloon.CommandLine;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Commands;

/// <summary>What can be simulated, for a person.</summary>
internal static class CatalogText
{
    /// <summary>The policies that are run only where they are named.</summary>
    internal static string OnlyByName { get; } = string.Join(" and ", PolicyCatalog.All.Where(policy => policy.OnlyByName).Select(policy => policy.Name));

    internal static IEnumerable<string> Lines(int? width)
    {
        var scenarios = new TextTable([new TextColumn("Scenario", IsNumber: false, 0), new TextColumn("Lasts", IsNumber: false, 1), new TextColumn("What it shows", IsNumber: false, 0)]);
        foreach (Scenario scenario in BuiltInScenarios.All) scenarios.Add(scenario.Name, DurationText.Write(scenario.Duration), scenario.Summary);
        var policies = new TextTable([new TextColumn("Policy", IsNumber: false, 0), new TextColumn("What it is", IsNumber: false, 0)]);
        foreach (PolicyEntry policy in PolicyCatalog.All) policies.Add(policy.Name, policy.Summary);
        return [.. scenarios.Lines(width), "", .. policies.Lines(width), "", $"Without --policy all are run but {OnlyByName}."];
    }
}
