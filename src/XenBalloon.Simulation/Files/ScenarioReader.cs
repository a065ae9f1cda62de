using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files.Grammar;
using XenBalloon.Simulation.Files.Reading;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Files;

/// <summary>Makes a scenario of the sections of a file.</summary>
/// <param name="files">Where other files that it names are.</param>
/// <param name="errors">Where to say what is wrong.</param>
internal sealed class ScenarioReader(IFileSource files, FileErrors errors)
{
    private const string Defaults = "defaults";

    // A bound to what a small file can ask for by its [guest NAME*COUNT].
    private const int MostGuests = 5000;

    private readonly ImmutableArray<GuestDescription>.Builder guests = ImmutableArray.CreateBuilder<GuestDescription>();

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
        Scenario scenario = about is null ? plain : ScenarioKeys.Vocabulary.ReadKeys(plain, about, files, errors);
        GuestDescription start = common is null ? GuestKeys.Plain : GuestKeys.Vocabulary.ReadKeys(GuestKeys.Plain, common, files, errors);
        foreach (Section section in sections.Where(IsGuest)) ReadGuests(section, start);
        scenario = scenario with { Guests = guests.DrainToImmutable() };
        if (about is null) errors.Add(Place.Nowhere, "there is no section [scenario]: write one, with at least host = SIZE in it");
        else if (errors.None) CheckHost(scenario, about);
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
            errors.Add(section.At, $"unknown section {Nearest.Quote(section.Title)}: {Nearest.Hint(FirstWord(section), [ScenarioKeys.Title, Defaults, GuestTitle.Word])}");
        }
    }

    private Section? Only(List<Section> sections, string title)
    {
        Section[] found = [.. sections.Where(section => section.Title.Equals(title, StringComparison.OrdinalIgnoreCase))];
        foreach (Section second in found.Skip(1)) errors.Add(second.At, $"there is a section [{title}] already in line {found[0].At.Line}: once is enough");
        return found.FirstOrDefault();
    }

    private void ReadGuests(Section section, GuestDescription start)
    {
        if (errors.Full) return;
        int before = errors.Count;
        GuestDescription guest = GuestKeys.Vocabulary.ReadKeys(start, section, files, errors);
        guest = guest with
        {
            // As xl has it: without maxmem there is no more than memory.
            StaticMax = guest.StaticMax == KiB.Zero ? guest.BootMemory : guest.StaticMax,
            Events = [.. guest.Events.OrderBy(happening => happening.At)],
        };
        IReadOnlyList<string> names = GuestTitle.Read(section, errors);

        // What a section says wrongly is not there: to miss it as well would only confuse.
        if (errors.Count > before) return;
        foreach (string problem in Problems(guest, names.Count)) errors.Add(section.At, problem);
        if (errors.Count == before) guests.AddRange(names.Select(name => guest with { Name = name }));
    }

    private IEnumerable<string> Problems(GuestDescription guest, int count) =>
        guest.BootMemory == KiB.Zero ? ["this guest has no memory: write memory = SIZE"]
        : guests.Count + count > MostGuests ? [$"these are more than {MostGuests} guests"]
        : GuestCheck.Problems(guest);

    private void CheckHost(Scenario scenario, Section about)
    {
        if (scenario.HostTotal == KiB.Zero)
        {
            errors.Add(about.At, "the host has no memory: write host = SIZE");
            return;
        }

        foreach (string problem in ScenarioCheck.OfHost(scenario)) errors.Add(about.At, problem);
    }
}
