using System.Collections.Immutable;

namespace XenBalloon.Simulation.Commands;

/// <summary>What <c>simulate</c> was asked for.</summary>
internal sealed record SimulateOptions
{
    /// <summary>Stands for all policies that are run where none is named.</summary>
    internal const string AllPolicies = "all";

    /// <summary>Built-in names or files.</summary>
    public required ImmutableArray<string> Scenarios { get; init; }

    /// <summary>Only list what there is.</summary>
    public bool List { get; init; }

    /// <summary>Every built-in scenario, and in the end one table of all.</summary>
    public bool All { get; init; }

    /// <summary>
    /// Names, or <c>all</c> for the usual ones; none for the usual ones too, and with <see cref="All"/> for those that
    /// the scenarios ask about.
    /// </summary>
    public required ImmutableArray<string> Policies { get; init; }

    /// <summary>How many seeds.</summary>
    public required int Seeds { get; init; }

    /// <summary>The first of them.</summary>
    public required ulong FirstSeed { get; init; }

    /// <summary>How long each run lasts; null for as long as the scenario says.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Whether JSON is written instead of tables.</summary>
    public bool Json { get; init; }

    /// <summary>Where the report goes; null for none.</summary>
    public string? Report { get; init; }
}
