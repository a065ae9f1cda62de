using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>
/// Builds a scenario from the sections of a file. It reports all errors at once, but none that only follows from
/// another one.
/// </summary>
/// <param name="files">The recordings that the file can name.</param>
/// <param name="errors">Collects the errors.</param>
internal sealed class ScenarioReader(TraceFiles files, FileErrors errors)
{
    private const string Defaults = "defaults";

    // Limits what a small file can request by [guest NAME*COUNT].
    private const int MostGuests = 5000;

    // The keys that the check of the host's memory depends on.
    private static readonly string[] HostKeys = ["host", "dom0", "slack"], SizeKeys = ["memory", "offset", "start"];

    private readonly ImmutableArray<GuestDescription>.Builder guests =
        ImmutableArray.CreateBuilder<GuestDescription>();

    private readonly Dictionary<string, Position> named = new(StringComparer.Ordinal);
    private readonly HashSet<string> wrongOfHost = [];

    // The keys that are wrong in some guest, and whether all names are valid.
    private readonly HashSet<string> wrongOfGuests = [];
    private bool namesAreKnown = true;

    /// <summary>Parses a whole file. The result is meaningless if there were errors.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="name">The scenario's name if the file has none.</param>
    public Scenario Parse(string text, string name)
    {
        List<Section> sections = new SectionParser(errors).Parse(text);
        CheckTitles(sections);
        Section? about = Only(sections, ScenarioKeys.Title);
        Section? common = Only(sections, Defaults);
        Scenario scenario = ScenarioKeys.Empty(name);
        if (about is not null) scenario = ScenarioKeys.All.ParseKeys(scenario, about, files, errors, wrongOfHost);
        var durationCheck = new DurationCheck(
            wrongOfHost.Contains("duration") ? TimeSpan.MaxValue : scenario.Duration, errors);
        var wrongOfAll = new HashSet<string>();
        GuestDescription defaults = GuestKeys.Empty;
        if (common is not null)
        {
            defaults = GuestKeys.All.ParseKeys(defaults, common, files, errors, wrongOfAll);
            durationCheck.Check(common);
        }

        foreach (Section section in sections.Where(IsGuest))
            ParseGuests(section, defaults, wrongOfAll, durationCheck);
        scenario = scenario with { Guests = guests.DrainToImmutable() };
        if (about is not null) CheckWhole(scenario, about);
        else errors.Add(Position.WholeFile, "no section [scenario]: write one with at least host = SIZE");
        return scenario;
    }

    private static bool IsGuest(Section section) => FirstWord(section) == GuestTitle.Word;

    private static string FirstWord(Section section) =>
        section.Title.Split([' ', '\t', '"'], 2)[0].ToLowerInvariant();

    private void CheckTitles(List<Section> sections)
    {
        foreach (Section section in sections.Where(section => !IsGuest(section)))
        {
            string title = section.Title.ToLowerInvariant();
            if (title is ScenarioKeys.Title or Defaults) continue;
            string hint = ErrorText.Hint(FirstWord(section), [ScenarioKeys.Title, Defaults, GuestTitle.Word]);
            errors.Add(section.At, $"unknown section {ErrorText.Quote(section.Title)}: {hint}");

            // It may be a misspelled guest section.
            namesAreKnown = false;
        }
    }

    private Section? Only(List<Section> sections, string title)
    {
        Section[] found =
            [.. sections.Where(section => section.Title.Equals(title, StringComparison.OrdinalIgnoreCase))];
        foreach (Section second in found.Skip(1))
            errors.Add(second.At, $"duplicate section [{title}]: the first one is in line {found[0].At.Line}");
        return found.FirstOrDefault();
    }

    private void ParseGuests(
        Section section, GuestDescription defaults, HashSet<string> wrongOfAll, DurationCheck durationCheck)
    {
        if (errors.Full) return;
        var wrong = new HashSet<string>(wrongOfAll);
        GuestDescription guest = GuestKeys.All.ParseKeys(defaults, section, files, errors, wrong);
        guest = guest with
        {
            // As in xl: maxmem defaults to memory.
            StaticMax = guest.StaticMax == KiB.Zero ? guest.BootMemory : guest.StaticMax,
            Events = [.. guest.Events.OrderBy(action => action.At)],
        };
        durationCheck.Check(section);
        IReadOnlyList<string> names = ParseNames(section);
        wrongOfGuests.UnionWith(wrong);
        foreach (GuestProblem problem in Problems(guest, names.Count))
        {
            if (problem.Keys.Any(wrong.Contains)) continue;
            KeyValue? cause = problem.Keys.Select(section.Find).FirstOrDefault(line => line is not null);
            errors.Add(cause?.Key.At ?? section.At, problem.Message);
            wrongOfGuests.UnionWith(problem.Keys);
        }

        if (guests.Count + names.Count <= MostGuests)
            guests.AddRange(names.Select(name => guest with { Name = name }));
    }

    private IReadOnlyList<string> ParseNames(Section section)
    {
        IReadOnlyList<string> names = GuestTitle.Parse(section, errors);
        namesAreKnown &= names.Count > 0;
        foreach (string name in names)
        {
            if (!named.TryAdd(name, section.At))
                errors.Add(section.At, $"duplicate guest name '{name}': line {named[name].Line} has it already");
        }

        return names;
    }

    private IEnumerable<GuestProblem> Problems(GuestDescription guest, int count) =>
        guest.BootMemory == KiB.Zero ? [new GuestProblem("guest without memory: write memory = SIZE", "memory")]
        : guests.Count + count > MostGuests
            ? [new GuestProblem($"too many guests: write at most {MostGuests}", SizeKeys)]
        : GuestCheck.Problems(guest);

    private void CheckWhole(Scenario scenario, Section about)
    {
        if (scenario.HostTotal == KiB.Zero && !wrongOfHost.Contains("host"))
        {
            errors.Add(about.At, "host without memory: write host = SIZE");
        }
        else if (!HostKeys.Any(wrongOfHost.Contains) && !SizeKeys.Any(wrongOfGuests.Contains) && namesAreKnown)
        {
            Position host = about.Find("host")?.Key.At ?? about.At;
            foreach (string problem in ScenarioCheck.OfHost(scenario).Concat(ScenarioCheck.OfStarts(scenario)))
                errors.Add(host, problem);
        }

        new PassLineCheck(scenario.Guests, namesAreKnown ? named.Keys : null, wrongOfGuests, errors).Check(about);
    }
}
