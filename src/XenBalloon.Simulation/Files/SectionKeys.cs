using System.Globalization;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>The keys of the section <c>[scenario]</c>.</summary>
internal static class ScenarioKeys
{
    /// <summary>The section's title.</summary>
    public const string Title = "scenario";

    /// <summary>The keys.</summary>
    public static KeywordTable<Scenario> All { get; } = new("pass")
    {
        { "name", SimpleValues.Text, (scenario, name) => scenario with { Name = name } },
        { "summary", SimpleValues.Text, (scenario, summary) => scenario with { Summary = summary } },
        { "host", SimpleValues.Size, (scenario, size) => scenario with { HostTotal = size } },
        { "dom0", SimpleValues.Size, (scenario, size) => scenario with { Dom0Memory = size } },
        { "slack", SimpleValues.Size, (scenario, size) => scenario with { Slack = size } },
        { "keep-free", SimpleValues.Size, (scenario, size) => scenario with { KeepFree = size } },
        { "seed", SimpleValues.Seed, (scenario, seed) => scenario with { Seed = seed } },
        { "duration", SimpleValues.Period, (scenario, duration) => scenario with { Duration = duration } },
        { "pass", PassText, (scenario, line) => scenario with { PassLines = scenario.PassLines.Add(line) } },
    };

    /// <summary>A scenario without any keys.</summary>
    public static Scenario Empty(string name) => new() { Name = name, HostTotal = KiB.Zero, Guests = [] };

    private static string PassText(ValueReader value)
    {
        value.TakeAll();
        if (!PassLine.TryParse(value.Text, out _, out string? error)) value.Fail(error);
        return value.Text;
    }
}

/// <summary>The keys of the sections <c>[guest …]</c> and <c>[defaults]</c>.</summary>
internal static class GuestKeys
{
    private static readonly ValueParser<DomainKind> Kind =
        SimpleValues.Choice(("pv", DomainKind.Pv), ("hvm", DomainKind.Hvm));

    private static readonly ValueParser<bool> YesNo = SimpleValues.Choice(("yes", true), ("no", false));

    /// <summary>A guest without any keys.</summary>
    public static GuestDescription Empty { get; } = new() { Name = "", BootMemory = KiB.Zero, StaticMax = KiB.Zero };

    /// <summary>The keys.</summary>
    public static KeywordTable<GuestDescription> All { get; } = new("at")
    {
        { "type", Kind, (guest, kind) => guest with { Kind = kind } },
        { "memory", SimpleValues.Size, (guest, size) => guest with { BootMemory = size } },
        { "maxmem", SimpleValues.Size, (guest, size) => guest with { StaticMax = size } },
        { "min", SimpleValues.Size, (guest, size) => guest with { Minimum = size } },
        { "max", SimpleValues.Size, (guest, size) => guest with { Maximum = size } },
        { "weight", SimpleValues.Whole(0, int.MaxValue), (guest, weight) => guest with { Weight = weight } },
        { "populate-on-demand", YesNo, (guest, populates) => guest with { PopulatesOnDemand = populates } },
        { "offset", SimpleValues.Size, (guest, size) => guest with { Offset = size } },
        { "kernel", SimpleValues.Size, (guest, size) => guest with { KernelOverhead = size } },
        { "anonymous", LoadParser.Parse, (guest, load) => guest with { Anonymous = load } },
        { "files", LoadParser.Parse, (guest, load) => guest with { Files = load } },
        { "cache", GuestValues.Cache, (guest, cache) => guest with { Cache = cache } },
        { "cold", LoadParser.Parse, (guest, load) => guest with { Cold = load } },
        { "shared", LoadParser.Parse, (guest, load) => guest with { Shared = load } },
        { "overcommit", SimpleValues.Number(0, 100), (guest, part) => guest with { Overcommit = part } },
        { "swap", GuestValues.Swap, (guest, swap) => guest with { Swap = swap } },
        { "balloon", GuestValues.Balloon, (guest, balloon) => guest with { Balloon = balloon } },
        { "report", GuestValues.Report, (guest, reporting) => guest with { Reporting = reporting } },
        { "start", SimpleValues.Time, (guest, at) => guest with { CreatedAt = at } },
        { "patience", SimpleValues.Time, (guest, patience) => guest with { Patience = patience } },
        { "build", SimpleValues.Time, (guest, time) => guest with { BuildTime = time } },
        { "boot", SimpleValues.Time, (guest, time) => guest with { BootTime = time } },
        { "at", GuestValues.Event, (guest, action) => guest with { Events = guest.Events.Add(action) } },
    };
}

/// <summary>
/// The title of a guest's section: <c>guest web1</c>, <c>guest "any name"</c>, or <c>guest vm*20</c> for vm1 to vm20.
/// </summary>
internal static class GuestTitle
{
    /// <summary>The first word of the title.</summary>
    public const string Word = "guest";

    private const int LongestName = 80;

    private const int MostGuests = 1000;

    /// <summary>Parses a title.</summary>
    /// <param name="section">The section.</param>
    /// <param name="errors">Collects the errors.</param>
    /// <returns>The names of the guests; none if the title is invalid.</returns>
    public static IReadOnlyList<string> Parse(Section section, FileErrors errors)
    {
        var tokens = new List<Token>();
        Tokenizer.AddTo(tokens, section.Title, section.At with { Column = section.At.Column + 1 });
        string? error = Names(tokens, out IReadOnlyList<string> names);
        if (error is not null) errors.Add(section.At, error);
        return names;
    }

    /// <summary>The error in a guest's name; null for none.</summary>
    public static string? Fault(string name)
    {
        if (name.Length == 0) return "missing guest name";
        string quote = ErrorText.Quote(name);
        if (name.Length > LongestName) return $"guest name {quote} is too long: write at most {LongestName} characters";
        return name.Any(letter => letter == '"' || char.IsControl(letter))
            ? $"invalid guest name {quote}: quotes and control characters are not allowed" : null;
    }

    private static string? Names(List<Token> tokens, out IReadOnlyList<string> names)
    {
        names = [];
        bool isOne = tokens.Count == 2, isMany = tokens.Count == 4 && tokens[2].Is("*");
        if (!isOne && !isMany)
            return "invalid guest title: write [guest NAME], [guest \"ANY NAME\"] or [guest NAME*COUNT]";
        string name = tokens[1].Text;
        if (Fault(name) is { } fault) return fault;
        if (isOne)
        {
            names = [name];
            return null;
        }

        string text = tokens[3].Text;
        bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count);
        if (!isNumber || count is < 1 or > MostGuests)
            return $"invalid number {ErrorText.Quote(text)}: write a whole number from 1 to {MostGuests}";
        names = [.. Enumerable.Range(1, count).Select(
            number => string.Create(CultureInfo.InvariantCulture, $"{name}{number}"))];
        return null;
    }
}
