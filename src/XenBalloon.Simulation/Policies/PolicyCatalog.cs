using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;

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

/// <summary>A policy that can be chosen by name.</summary>
/// <param name="Name">As it is typed: <c>fair-share</c>, <c>squeezed</c>.</param>
/// <param name="Summary">What it is, in one line.</param>
/// <param name="Create">Makes one for a scenario: of that it may use what an administrator would tell it (each guest's range, weight, boot memory).</param>
public sealed record PolicyEntry(string Name, string Summary, Func<Scenario, IMemoryPolicy> Create)
{
    /// <summary>Whether it is run only where it is asked for by name.</summary>
    public bool OnlyByName { get; init; }
}

/// <summary>
/// The policies that ours is compared with, each held to its own system's source and test vectors. The one that samples what guests touch is an
/// <see cref="ISamplesTouchedMemory"/>.
/// </summary>
public static class PeerCatalog
{
    /// <summary>All of them, the plainest first and the one that knows the future last.</summary>
    public static IReadOnlyList<PolicyEntry> All { get; } =
    [
        new("static", "nothing moves: every guest keeps what it booted with", _ => new StaticPolicy()),
        new("squeezed", "XAPI: everybody at the same part of his range, blind to demand", scenario => new SqueezedPolicy(scenario)),
        new("qmemman", "Qubes: what is used and 30 %, the rest in proportion", scenario => new QmemmanPolicy(scenario)),
        new("proxmox", "Proxmox VE: 80 % of the host in use, by shares, in steps of 100 MiB", scenario => new ProxmoxPolicy(scenario)),
        new("mom", "oVirt: all shrink while the host is short, all grow otherwise", scenario => new MomPolicy(scenario)),
        new("self-balloon", "Linux: each guest sizes itself by what its programs were promised", scenario => new SelfBalloonPolicy(scenario)),
        new("hyper-v", "Hyper-V: what programs were promised and 20 %, by weight when short", scenario => new HyperVPolicy(scenario)),
        new("esx", "VMware ESX: shares with a tax on idle memory, by sampling", scenario => new EsxPolicy(scenario)),
        new("senpai", "Meta: a little less each time until the guest just begins to wait", scenario => new SenpaiPolicy(scenario)),
        new("oracle", "knows the future: the bound that regret is measured against", scenario => new OraclePolicy(scenario)),
    ];
}

/// <summary>No balancing: every guest keeps what it booted with. A domain starts if it happens to fit.</summary>
internal sealed class StaticPolicy : IMemoryPolicy
{
    private static readonly TimeSpan Ever = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting) => new([], Ever);
}
