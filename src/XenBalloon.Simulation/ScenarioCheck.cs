using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation;

/// <summary>Finds what makes a scenario impossible, so that it is said before the simulation starts and not by an odd run.</summary>
internal static class ScenarioCheck
{
    /// <summary>The problems, a line each.</summary>
    public static List<string> Problems(Scenario scenario)
    {
        var problems = new List<string>();
        if (scenario.Dom0Memory <= KiB.Zero) problems.Add("dom0 has no memory");
        KiB atStart = scenario.Dom0Memory;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (GuestDescription guest in scenario.Guests)
        {
            if (!names.Add(guest.Name)) problems.Add($"two guests are called {guest.Name}");
            if (guest.CreatedAt is null) atStart += guest.BootMemory + guest.Offset;
            foreach (string problem in Problems(guest)) problems.Add($"guest {guest.Name}: {problem}");
        }

        if (atStart > scenario.HostTotal) problems.Add($"dom0 and the guests begin with {atStart}, but the host has {scenario.HostTotal}");
        return problems;
    }

    private static IEnumerable<string> Problems(GuestDescription guest)
    {
        KiB least = guest.Overhead + GuestMemory.Essential + GuestMemory.Essential;
        if (guest.BootMemory < least) yield return $"cannot boot with {guest.BootMemory}, its kernel needs {least}";
        if (guest.BootMemory > guest.StaticMax) yield return $"boots with {guest.BootMemory}, more than its static maximum of {guest.StaticMax}";
        if (guest.Offset < KiB.Zero) yield return "its offset is negative";
        if (guest.BootMemory != guest.BootMemory.FloorToPage() || guest.Offset != guest.Offset.FloorToPage()) yield return "its memory is not in whole pages";
        if (guest.Balloon.ShrinkPerSecond <= KiB.Zero || guest.Balloon.GrowPerSecond <= KiB.Zero) yield return "its balloon has no speed: say that it is stuck instead";
        if (guest.Reporting.Interval < Machine.TickLength) yield return $"reports more often than every {Machine.TickLength.TotalMilliseconds} ms";
        if (guest.Reporting.Delay < TimeSpan.Zero || guest.Reporting.Delay >= guest.Reporting.Interval)
            yield return "its reports must arrive before the next one is made";
        if (!guest.Events.SequenceEqual(guest.Events.OrderBy(happening => happening.At))) yield return "its events are not in order of time";
    }
}
