using System.Collections.Immutable;
using XenBalloon.Simulation.Files.Reading;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Files;

/// <summary>Finds what pass lines ask for that the scenario's guests can never show.</summary>
/// <param name="guests">The guests.</param>
/// <param name="names">Their names; null where they are not all known.</param>
/// <param name="wrong">The keys of guests that mean nothing because they are wrong.</param>
/// <param name="errors">Where to say what is wrong.</param>
internal sealed class PassLineCheck(ImmutableArray<GuestDescription> guests, IEnumerable<string>? names,
    HashSet<string> wrong, FileErrors errors)
{
    /// <summary>Looks at the pass lines of the section [scenario].</summary>
    public void Check(Section about)
    {
        foreach (KeyLine key in about.Keys.Where(key => key.Name.Is("pass")))
        {
            if (PassLine.TryParse(key.Text, out PassLine? line, out _) && Flaw(line) is { } flaw)
                errors.Add(key.ValueAt, flaw);
        }
    }

    private string? Flaw(PassLine line)
    {
        if (names is null) return null;
        if (line.Guest is { } guest && !names.Contains(guest))
            return $"there is no guest {Nearest.Quote(guest)}: {Nearest.Hint(guest, names)}";
        if (IsOf("honest.", line) && !wrong.Contains("report") && !guests.Any(one => one.Reporting.Habit.Lies()))
            return $"'{line.Metric}' is known only where a guest lies: let one report claims-all, claims-nothing or junk, or ask for another metric";
        return IsOf("starts.wait", line) && !wrong.Contains("start") && !wrong.Contains("at") && !guests.Any(IsStarted)
            ? $"'{line.Metric}' is known only where guests are started: give one a 'start = TIME', or ask for another metric"
            : null;
    }

    private static bool IsOf(string group, PassLine line) =>
        line.Metric.Name.StartsWith(group, StringComparison.Ordinal);

    private static bool IsStarted(GuestDescription guest) =>
        guest.CreatedAt is not null || guest.Events.Any(
            happening => happening.Kind is GuestEventKind.Reboot or GuestEventKind.Restore);
}
