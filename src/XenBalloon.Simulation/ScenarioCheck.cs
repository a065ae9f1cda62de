using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation;

/// <summary>Finds what makes a scenario impossible, so that it is said before the simulation starts and not by an odd run.</summary>
internal static class ScenarioCheck
{
    /// <summary>The problems, a line each.</summary>
    public static List<string> Problems(Scenario scenario) =>
    [
        .. OfHost(scenario),
        .. OfNames(scenario),
        .. scenario.Guests.SelectMany(guest => GuestCheck.Problems(guest).Select(
            problem => $"guest {guest.Name}: {problem.Message}")),
    ];

    /// <summary>The problems of the host's memory.</summary>
    public static IEnumerable<string> OfHost(Scenario scenario)
    {
        if (scenario.Dom0Memory <= KiB.Zero) yield return "dom0 has no memory";
        if (scenario.Dom0Memory + scenario.Slack > scenario.HostTotal)
        {
            yield return $"dom0 and the slack are {scenario.Dom0Memory + scenario.Slack}, but the host has {scenario.HostTotal}";
            yield break;
        }

        KiB atStart = scenario.Guests.Where(guest => guest.CreatedAt is null).Aggregate(scenario.Dom0Memory,
            (sum, guest) => sum + guest.BootMemory + guest.Offset);
        if (atStart > scenario.HostTotal) yield return $"dom0 and the guests begin with {atStart}, but the host has {scenario.HostTotal}";
    }

    /// <summary>
    /// Starts that fail whoever balances. A scenario may mean them, but whoever writes one into a file does not.
    /// </summary>
    public static IEnumerable<string> OfStarts(Scenario scenario)
    {
        KiB most = scenario.HostTotal - scenario.Dom0Memory;
        return scenario.Guests.Where(guest => guest.CreatedAt is not null && guest.BootMemory + guest.Offset > most)
            .Select(guest => $"guest {guest.Name} can never start: it needs {guest.BootMemory + guest.Offset}, and the host has {most} beside dom0");
    }

    private static IEnumerable<string> OfNames(Scenario scenario) =>
        scenario.Guests.GroupBy(guest => guest.Name,
            StringComparer.Ordinal).Where(alike => alike.Count() > 1).Select(
                alike => $"two guests are called {alike.Key}");
}
