using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>All policies: XenBalloon's own first, then the peers'.</summary>
public static class PolicyCatalog
{
    /// <summary>The policy that moves no memory; the baseline for gains.</summary>
    public const string Static = "static";

    /// <summary>The policy that knows the future; the bound for regret.</summary>
    public const string Oracle = "oracle";

    /// <summary>All policies.</summary>
    public static ImmutableArray<PolicyEntry> All { get; } =
    [
        new(
            "fair-share", "XenBalloon: weighted fair share with an idle tax of 75 %",
            scenario => new FairSharePolicy(FairSharePolicy.SettingsOf(scenario))),
        new(
            "fair-share-lend", "fair-share that also lends out memory that no guest needs",
            scenario => new FairSharePolicy(FairSharePolicy.SettingsOf(scenario) with { Spare = SpareUse.Lend })),
        new("proportional", "XenBalloon with policy = proportional: all guests at the same fraction of their range",
            scenario => new FairSharePolicy(
                FairSharePolicy.SettingsOf(scenario) with { Policy = PolicyKind.Proportional })) { OnlyByName = true },
        new("shares", "XenBalloon with policy = shares: the minimum, and the rest by weight",
            scenario => new FairSharePolicy(
                FairSharePolicy.SettingsOf(scenario) with { Policy = PolicyKind.Shares })) { OnlyByName = true },
        .. PeerCatalog.All,
    ];

    /// <summary>The policies that are run when none is named.</summary>
    public static ImmutableArray<PolicyEntry> Default { get; } = [.. All.Where(policy => !policy.OnlyByName)];

    /// <summary>Finds a policy by name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="entry">The policy.</param>
    /// <param name="error">The error, with the valid names; null if found.</param>
    public static bool TryGet(
        string name, [NotNullWhen(true)] out PolicyEntry? entry, [NotNullWhen(false)] out string? error)
    {
        entry = All.FirstOrDefault(candidate => candidate.Name == name);
        error = entry is null
            ? $"unknown policy '{name}': expected one of {string.Join(", ", All.Select(known => known.Name))}"
            : null;
        return entry is not null;
    }
}

/// <summary>A policy that can be selected by name.</summary>
/// <param name="Name">The name as typed: <c>fair-share</c>, <c>squeezed</c>.</param>
/// <param name="Summary">A description, in one line.</param>
/// <param name="Create">
/// Creates the policy for a scenario. It may use what an administrator would configure: ranges, weights and boot memory
/// of the guests.
/// </param>
public sealed record PolicyEntry(string Name, string Summary, Func<Scenario, IMemoryPolicy> Create)
{
    /// <summary>Whether it runs only when it is named.</summary>
    public bool OnlyByName { get; init; }
}

/// <summary>
/// The policies of other systems that XenBalloon is compared with. Each is tested against the source and the test
/// vectors of its system.
/// </summary>
internal static class PeerCatalog
{
    /// <summary>All peers, the simplest first and the one that knows the future last.</summary>
    public static IReadOnlyList<PolicyEntry> All { get; } =
    [
        new("static", "no balancing: every guest keeps its boot memory", _ => new StaticPolicy()),
        new(
            "squeezed", "XAPI: all guests at the same fraction of their range, whatever they use",
            scenario => new SqueezedPolicy(scenario)),
        new(
            "qmemman", "Qubes: memory in use plus 30 %, the rest in proportion",
            scenario => new QmemmanPolicy(scenario)),
        new(
            "proxmox", "Proxmox VE: 80 % of the host in use, by shares, in steps of 100 MiB",
            scenario => new ProxmoxPolicy(scenario)),
        new(
            "mom", "oVirt: all guests shrink while the host is short, otherwise all grow",
            scenario => new MomPolicy(scenario)),
        new(
            "self-balloon", "Linux: each guest follows its committed memory",
            scenario => new SelfBalloonPolicy(scenario)),
        new(
            "hyper-v", "Hyper-V: committed memory plus 20 %, by weight when memory is short",
            scenario => new HyperVPolicy(scenario)),
        new(
            "esx", "VMware ESX: shares with a tax on idle memory, which is found by sampling",
            scenario => new EsxPolicy(scenario)),
        new(
            "senpai", "Meta: shrinks each guest in small steps until it starts to wait for memory",
            scenario => new SenpaiPolicy(scenario)),
        new("oracle", "knows the future: the bound for regret", scenario => new OraclePolicy(scenario)),
    ];
}

/// <summary>No balancing: every guest keeps its boot memory. A domain starts if it happens to fit.</summary>
internal sealed class StaticPolicy : IMemoryPolicy
{
    private static readonly TimeSpan NoChange = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting) => new([], NoChange);
}
