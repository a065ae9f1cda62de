using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Scenarios;

/// <summary>A host, its guests, and the events and criteria of a simulation run. Only data.</summary>
public sealed record Scenario
{
    /// <summary>The name, for example <c>demo</c>.</summary>
    public required string Name { get; init; }

    /// <summary>One line that says what the scenario shows.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The machine's memory.</summary>
    public required KiB HostTotal { get; init; }

    /// <summary>dom0's memory, which never changes.</summary>
    public KiB Dom0Memory { get; init; } = KiB.FromMiB(512);

    /// <summary>Memory that a balancer should always keep free. The report counts the time spent below it.</summary>
    public KiB Slack { get; init; } = KiB.FromMiB(64);

    /// <summary>The daemon's <c>keep-free</c> setting; null for its default.</summary>
    public KiB? KeepFree { get; init; }

    /// <summary>The guests. Guests with the same creation time are created in this order.</summary>
    public required ImmutableArray<GuestDescription> Guests { get; init; }

    /// <summary>The seed of all random numbers: the same seed gives the same run.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The length of a run when policies are judged.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The criteria for policies, as text: <c>slowdown.p99 &lt;= 1.05</c>.</summary>
    public ImmutableArray<string> PassLines { get; init; } = [];

    /// <summary>The reasons why this scenario cannot be simulated, one line each; empty for a valid one.</summary>
    public IReadOnlyList<string> Problems() => ScenarioCheck.Problems(this);
}

/// <summary>Finds the reasons why a scenario cannot be simulated, before a run starts.</summary>
internal static class ScenarioCheck
{
    /// <summary>The problems of the host and of all guests, one line each.</summary>
    public static List<string> Problems(Scenario scenario) =>
    [
        .. OfHost(scenario),
        .. OfNames(scenario),
        .. scenario.Guests.SelectMany(guest => GuestCheck.Problems(guest)
            .Select(problem => $"guest {guest.Name}: {problem.Message}")),
    ];

    /// <summary>The problems of the host's memory.</summary>
    public static IEnumerable<string> OfHost(Scenario scenario)
    {
        if (scenario.Dom0Memory <= KiB.Zero) yield return "dom0 has no memory";
        KiB reserved = scenario.Dom0Memory + scenario.Slack;
        if (reserved > scenario.HostTotal)
        {
            yield return $"dom0 and the slack need {reserved}, but the host has {scenario.HostTotal}";
            yield break;
        }

        KiB atStart = scenario.Guests.Where(guest => guest.CreatedAt is null).Aggregate(
            scenario.Dom0Memory, (sum, guest) => sum + guest.BootMemory + guest.Offset);
        if (atStart > scenario.HostTotal)
            yield return $"dom0 and the guests start with {atStart}, but the host has {scenario.HostTotal}";
    }

    /// <summary>
    /// Starts that fail under every policy. A scenario built by a test may contain one; in a scenario file it is an
    /// error.
    /// </summary>
    public static IEnumerable<string> OfStarts(Scenario scenario)
    {
        KiB most = scenario.HostTotal - scenario.Dom0Memory;
        return
            from guest in scenario.Guests
            let needed = guest.BootMemory + guest.Offset
            where guest.CreatedAt is not null && needed > most
            select $"guest {guest.Name} can never start: it needs {needed}, and the host has {most} beside dom0";
    }

    private static IEnumerable<string> OfNames(Scenario scenario) =>
        scenario.Guests.GroupBy(guest => guest.Name, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => $"duplicate guest name {group.Key}");
}
