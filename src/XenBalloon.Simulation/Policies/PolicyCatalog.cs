using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using XenBalloon.Core.Settings;
using XenBalloon.Simulation.Peers;

namespace XenBalloon.Simulation.Policies;

/// <summary>The policies there are: ours first, then the peers'.</summary>
public static class PolicyCatalog
{
    /// <summary>The policy that does nothing, against which gains are measured.</summary>
    public const string Static = "static";

    /// <summary>The policy that knows what comes, against which regret is measured.</summary>
    public const string Oracle = "oracle";

    /// <summary>All of them.</summary>
    public static ImmutableArray<PolicyEntry> All { get; } =
    [
        new("fair-share", "XenBalloon: weighted fair share with an idle tax of 75 %", scenario => new FairSharePolicy(FairSharePolicy.SettingsOf(scenario))),
        new("fair-share-lend", "the same, and what nobody needs is lent out", scenario => new FairSharePolicy(FairSharePolicy.SettingsOf(scenario) with { Spare = SpareUse.Lend })),
        new("proportional", "XenBalloon with policy = proportional: everybody at the same part of his range",
            scenario => new FairSharePolicy(FairSharePolicy.SettingsOf(scenario) with { Policy = PolicyKind.Proportional })) { OnlyByName = true },
        new("shares", "XenBalloon with policy = shares: the minimums, and the rest by weight",
            scenario => new FairSharePolicy(FairSharePolicy.SettingsOf(scenario) with { Policy = PolicyKind.Shares })) { OnlyByName = true },
        .. PeerCatalog.All,
    ];

    /// <summary>Those that are run where none is named.</summary>
    public static ImmutableArray<PolicyEntry> Usual { get; } = [.. All.Where(policy => !policy.OnlyByName)];

    /// <summary>Finds a policy.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="entry">The policy.</param>
    /// <param name="error">What is wrong with the name, and which ones there are; null when it was found.</param>
    public static bool TryGet(string name, [NotNullWhen(true)] out PolicyEntry? entry, [NotNullWhen(false)] out string? error)
    {
        entry = All.FirstOrDefault(candidate => candidate.Name == name);
        error = entry is null ? $"there is no policy '{name}': choose one of {string.Join(", ", All.Select(known => known.Name))}" : null;
        return entry is not null;
    }
}
