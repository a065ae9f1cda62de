using XenBalloon.CommandLine;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Commands;

/// <summary>The output of <c>--list</c>.</summary>
internal static class CatalogText
{
    /// <summary>The policies that run only when they are named.</summary>
    internal static string OnlyByName { get; } =
        string.Join(" and ", PolicyCatalog.All.Where(policy => policy.OnlyByName).Select(policy => policy.Name));

    internal static IEnumerable<string> Lines(int? width)
    {
        var scenarios = new TextTable(
        [
            new TextColumn("Scenario", IsNumber: false, 0),
            new TextColumn("Duration", IsNumber: false, 1),
            new TextColumn("Summary", IsNumber: false, 0),
        ]);
        foreach (Scenario scenario in BuiltInScenarios.All)
            scenarios.Add(scenario.Name, DurationText.Write(scenario.Duration), scenario.Summary);
        var policies = new TextTable(
        [
            new TextColumn("Policy", IsNumber: false, 0),
            new TextColumn("Summary", IsNumber: false, 0),
        ]);
        foreach (PolicyEntry policy in PolicyCatalog.All) policies.Add(policy.Name, policy.Summary);
        string note = $"Without --policy, all policies but {OnlyByName} are run.";
        return [.. scenarios.Lines(width), "", .. policies.Lines(width), "", note];
    }
}
