using System.Collections.Immutable;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>Finds pass lines that the scenario's guests cannot satisfy.</summary>
/// <param name="guests">The guests.</param>
/// <param name="names">The names of the guests; null if they are not all known.</param>
/// <param name="wrong">The keys of guests that have errors.</param>
/// <param name="errors">Collects the errors.</param>
internal sealed class PassLineCheck(
    ImmutableArray<GuestDescription> guests, IEnumerable<string>? names, HashSet<string> wrong, FileErrors errors)
{
    /// <summary>Checks the pass lines of the section [scenario].</summary>
    public void Check(Section section)
    {
        foreach (KeyValue line in section.Keys.Where(line => line.Key.Is("pass")))
        {
            if (PassLine.TryParse(line.Text, out PassLine? pass, out _) && Fault(pass) is { } fault)
                errors.Add(line.ValueAt, fault);
        }
    }

    private string? Fault(PassLine line)
    {
        if (names is null) return null;
        if (line.Guest is { } guest && !names.Contains(guest))
            return $"unknown guest {ErrorText.Quote(guest)}: {ErrorText.Hint(guest, names)}";
        if (IsIn("honest.", line) && !wrong.Contains("report") && !guests.Any(known => known.Reporting.Habit.Lies()))
        {
            return $"'{line.Metric}' requires a guest with false reports: "
                + "set the report of a guest to claims-all, claims-nothing or junk, or use another metric";
        }

        return IsIn("starts.wait", line) && !wrong.Contains("start") && !wrong.Contains("at") && !guests.Any(Starts)
            ? $"'{line.Metric}' requires a guest with a start time: "
                + "write 'start = TIME' for a guest, or use another metric"
            : null;
    }

    private static bool IsIn(string group, PassLine line) =>
        line.Metric.Name.StartsWith(group, StringComparison.Ordinal);

    private static bool Starts(GuestDescription guest) =>
        guest.CreatedAt is not null
        || guest.Events.Any(action => action.Kind is GuestEventKind.Reboot or GuestEventKind.Restore);
}

/// <summary>Finds times after the end of the scenario.</summary>
/// <param name="duration">The duration of the scenario.</param>
/// <param name="errors">Collects the errors.</param>
internal sealed class DurationCheck(TimeSpan duration, FileErrors errors)
{
    /// <summary>Checks the keys of a guest's section.</summary>
    public void Check(Section section)
    {
        foreach (KeyValue line in section.Keys)
        {
            if (line.Key.Is("at") || line.Key.Is("start")) CheckTime(line, 0);
            else if (line.Key.Is("report") || line.Key.Is("balloon")) CheckFrom(line);
        }
    }

    private void CheckFrom(KeyValue line)
    {
        for (int token = 0; token < line.Tokens.Length; token++)
        {
            if (line.Tokens[token].Is("from")) CheckTime(line, token + 1);
        }
    }

    private void CheckTime(KeyValue line, int token)
    {
        if (token >= line.Tokens.Length) return;
        if (DurationText.Read(line.Tokens[token].Text, out TimeSpan time) is not null || time < duration) return;
        errors.Add(
            line.Tokens[token].At,
            $"the scenario ends after {DurationText.Write(duration)}: write an earlier time or a longer duration");
    }
}
