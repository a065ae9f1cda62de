using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation;

/// <summary>Finds what makes a scenario impossible, so that it is said before the simulation starts and not by an odd run.</summary>
internal static class ScenarioCheck
{
    /// <summary>The problems, a line each.</summary>
    public static List<string> Problems(Scenario scenario) =>
        [.. OfHost(scenario), .. scenario.Guests.SelectMany(guest => GuestCheck.Problems(guest).Select(problem => $"guest {guest.Name}: {problem}"))];

    /// <summary>The problems of the scenario as a whole.</summary>
    public static IEnumerable<string> OfHost(Scenario scenario)
    {
        if (scenario.Dom0Memory <= KiB.Zero) yield return "dom0 has no memory";
        KiB atStart = scenario.Dom0Memory;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (GuestDescription guest in scenario.Guests)
        {
            if (!names.Add(guest.Name)) yield return $"two guests are called {guest.Name}";
            if (guest.CreatedAt is null) atStart += guest.BootMemory + guest.Offset;
        }

        if (atStart > scenario.HostTotal) yield return $"dom0 and the guests begin with {atStart}, but the host has {scenario.HostTotal}";
    }
}
