using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files.Grammar;
using XenBalloon.Simulation.Files.Reading;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Files;

/// <summary>
/// Makes a scenario of the sections of a file. All mistakes are told at once, and none that only follows from another
/// one.
/// </summary>
/// <param name="files">Where other files that it names are.</param>
/// <param name="errors">Where to say what is wrong.</param>
internal sealed class ScenarioReader(IFileSource files, FileErrors errors)
{
    private const string Defaults = "defaults";

    // A bound to what a small file can ask for by its [guest NAME*COUNT].
    private const int MostGuests = 5000;

    // What the host's memory is compared with.
    private static readonly string[] HostKeys = ["host", "dom0", "slack"], SizeKeys = ["memory", "offset", "start"];

    private readonly ImmutableArray<GuestDescription>.Builder guests = ImmutableArray.CreateBuilder<GuestDescription>();
    private readonly Dictionary<string, Place> named = new(StringComparer.Ordinal);
    private readonly HashSet<string> wrongOfHost = [];

    // The keys that are wrong of some guest, and whether some guest's name is.
    private readonly HashSet<string> wrongOfGuests = [];
    private bool namesAreKnown = true;

    /// <summary>Reads a whole file; what it returns means nothing where there were errors.</summary>
    /// <param name="text">What the file holds.</param>
    /// <param name="name">What the scenario is called where it does not say.</param>
    public Scenario Read(string text, string name)
    {
        List<Section> sections = new SectionParser(errors).Parse(text);
        CheckTitles(sections);
        Section? about = Only(sections, ScenarioKeys.Title);
        Section? common = Only(sections, Defaults);
        Scenario plain = ScenarioKeys.Plain(name);
        Scenario scenario = about is null ? plain : ScenarioKeys.Vocabulary.ReadKeys(plain, about, files, errors,
            wrongOfHost);
        var lateness = new LatenessCheck(wrongOfHost.Contains("duration") ? TimeSpan.MaxValue : scenario.Duration,
            errors);
        var wrongOfAll = new HashSet<string>();
        GuestDescription start = common is null ? GuestKeys.Plain : GuestKeys.Vocabulary.ReadKeys(GuestKeys.Plain,
            common, files, errors, wrongOfAll);
        if (common is not null) lateness.Check(common);
        foreach (Section section in sections.Where(IsGuest)) ReadGuests(section, start, wrongOfAll, lateness);
        scenario = scenario with { Guests = guests.DrainToImmutable() };
        if (about is null) errors.Add(Place.Nowhere, "there is no section [scenario]: write one, with at least host = SIZE in it");
        else CheckWhole(scenario, about);
        return scenario;
    }

    private static bool IsGuest(Section section) => FirstWord(section) == GuestTitle.Word;

    private static string FirstWord(Section section) => section.Title.Split([' ', '\t', '"'], 2)[0].ToLowerInvariant();

    private void CheckTitles(List<Section> sections)
    {
        foreach (Section section in sections.Where(section => !IsGuest(section)))
        {
            string title = section.Title.ToLowerInvariant();
            if (title is ScenarioKeys.Title or Defaults) continue;
            string hint = Nearest.Hint(FirstWord(section), [ScenarioKeys.Title, Defaults, GuestTitle.Word]);
            errors.Add(section.At, $"unknown section {Nearest.Quote(section.Title)}: {hint}");

            // It may have been meant for a guest.
            namesAreKnown = false;
        }
    }

    private Section? Only(List<Section> sections, string title)
    {
        Section[] found = [.. sections.Where(section => section.Title.Equals(title, StringComparison.OrdinalIgnoreCase))];
        foreach (Section second in found.Skip(1)) errors.Add(second.At, $"there is a section [{title}] already in line {found[0].At.Line}: once is enough");
        return found.FirstOrDefault();
    }

    private void ReadGuests(Section section, GuestDescription start, HashSet<string> wrongOfAll, LatenessCheck lateness)
    {
        if (errors.Full) return;
        var wrong = new HashSet<string>(wrongOfAll);
        GuestDescription guest = GuestKeys.Vocabulary.ReadKeys(start, section, files, errors, wrong);
        guest = guest with
        {
            // As xl has it: without maxmem there is no more than memory.
            StaticMax = guest.StaticMax == KiB.Zero ? guest.BootMemory : guest.StaticMax,
            Events = [.. guest.Events.OrderBy(happening => happening.At)],
        };
        lateness.Check(section);
        IReadOnlyList<string> names = ReadNames(section);
        wrongOfGuests.UnionWith(wrong);
        foreach (GuestProblem problem in Problems(guest,
            names.Count).Where(problem => !problem.Keys.Any(wrong.Contains)))
        {
            errors.Add(problem.Keys.Select(section.Find).FirstOrDefault(key => key is not null)?.Name.At
                ?? section.At, problem.Message);
            wrongOfGuests.UnionWith(problem.Keys);
        }

        if (guests.Count + names.Count <= MostGuests) guests.AddRange(names.Select(name => guest with { Name = name }));
    }

    private IReadOnlyList<string> ReadNames(Section section)
    {
        IReadOnlyList<string> names = GuestTitle.Read(section, errors);
        namesAreKnown &= names.Count > 0;
        foreach (string name in names)
        {
            if (!named.TryAdd(name, section.At))
                errors.Add(section.At, $"there is a guest {name} already in line {named[name].Line}: give one of them another name");
        }

        return names;
    }

    private IEnumerable<GuestProblem> Problems(GuestDescription guest, int count) =>
        guest.BootMemory == KiB.Zero ? [new GuestProblem("this guest has no memory: write memory = SIZE", "memory")]
        : guests.Count + count > MostGuests ? [new GuestProblem($"these are more than {MostGuests} guests", SizeKeys)]
        : GuestCheck.Problems(guest);

    private void CheckWhole(Scenario scenario, Section about)
    {
        if (scenario.HostTotal == KiB.Zero && !wrongOfHost.Contains("host"))
            errors.Add(about.At, "the host has no memory: write host = SIZE");
        else if (!HostKeys.Any(wrongOfHost.Contains) && !SizeKeys.Any(wrongOfGuests.Contains) && namesAreKnown)
        {
            Place host = about.Find("host")?.Name.At ?? about.At;
            foreach (string problem in ScenarioCheck.OfHost(scenario).Concat(ScenarioCheck.OfStarts(scenario)))
                errors.Add(host, problem);
        }

        new PassLineCheck(scenario.Guests, namesAreKnown ? named.Keys : null, wrongOfGuests, errors).Check(about);
    }
}
