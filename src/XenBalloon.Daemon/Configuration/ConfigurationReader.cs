using System.Globalization;
using System.Text;
using XenBalloon.Core.Settings;
using XenBalloon.Posix;

namespace XenBalloon.Daemon.Configuration;

/// <summary>The configuration file is unreadable or invalid; the message has a line for each error.</summary>
internal sealed class ConfigurationException(string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Whether the file is missing or cannot be read; otherwise its content is invalid.</summary>
    internal bool IsUnreadable { get; init; }
}

/// <summary>
/// Reads the configuration file: sections of <c>key = value</c> lines, as INI files have them. All errors are reported
/// at once, each with file and line.
/// </summary>
internal sealed class ConfigurationReader
{
    private const string KnownSections = "[host], [defaults] or [domain \"NAME, UUID or GLOB\"]";

    private const string HostTitle = "host", DefaultsTitle = "defaults", DomainTitle = "domain";

    private const int MaxBytes = 1 << 20;

    /// <summary>The file may be anything, and errors go to terminals and logs: quote little of it.</summary>
    private const int MaxLineLength = 1000, MaxQuotedLength = 80, MaxErrors = 50;

    private readonly List<(int Line, string Text)> errors = [];
    private readonly OrderedDictionary<string, Section> sections = [];
    private DaemonConfiguration configuration = new();
    private Section? current = Section.None;

    private ConfigurationReader()
    {
    }

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="ConfigurationException">It cannot be read, or is invalid.</exception>
    internal static DaemonConfiguration Read(string path)
    {
        var reader = new ConfigurationReader();
        foreach ((int index, string line) in Load(path).Index()) reader.ReadLine(index + 1, line.Trim());
        DaemonConfiguration read = reader.Finish() with { Path = path };
        if (reader.errors.Count == 0) return read;
        var lines = reader.errors.OrderBy(error => error.Line).Select(error => $"{path}:{error.Line}: {error.Text}");
        string more = $"{path}: {reader.errors.Count} errors: check that it is a configuration file";
        if (reader.errors.Count > MaxErrors) lines = lines.Take(MaxErrors).Append(more);
        throw new ConfigurationException(string.Join('\n', lines));
    }

    private static string[] Load(string path)
    {
        try
        {
            using var text = new StreamReader(new MemoryStream(SmallFile.Read(path, MaxBytes)));
            return text.ReadToEnd().ReplaceLineEndings("\n").Split('\n');
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            string message = $"configuration file {path} not found: create it, or name another one with --config FILE";
            throw new ConfigurationException(message, exception) { IsUnreadable = true };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Unreadable(exception.Message, exception);
        }

        ConfigurationException Unreadable(string why, Exception? exception = null) =>
            new($"cannot read the configuration file '{path}': {why}", exception) { IsUnreadable = true };
    }

    private void ReadLine(int number, string line)
    {
        if (line is "" or [';' or '#' or '/', ..]) return;
        bool isTitle = line[0] == '[';
        if (isTitle) current = null; // else the keys of an invalid section would change the section before it
        int end = line.IndexOf('=', StringComparison.Ordinal);
        if (FindInvalidCharacters(line) is { } invalid) Report(number, invalid);
        else if (isTitle) OpenSection(number, line);
        else if (end > 0) SetKey(number, line[..end].TrimEnd(), Unquoted(line[(end + 1)..].TrimStart()));
        else Report(number, $"invalid line '{Printable(line)}': expected [SECTION] or KEY = VALUE");
    }

    private static string? FindInvalidCharacters(string line)
    {
        if (line.Length > MaxLineLength) return $"line of {line.Length} characters: expected at most {MaxLineLength}";
        if (line.Contains('\uFFFD', StringComparison.Ordinal)) return "invalid character: save the file as UTF-8";
        return line.Any(letter => char.IsControl(letter) && letter != '\t') ? "control character: remove it" : null;
    }

    private void OpenSection(int number, string line)
    {
        if (line[^1] != ']')
        {
            Report(number, $"unclosed section '{Printable(line)}': expected [SECTION] alone on its line");
        }
        else if (ParseTitle(line[1..^1].Trim()) is { } section)
        {
            sections.TryAdd(section.Title, section);
            current = sections[section.Title];
        }
        else
        {
            Report(number, $"unknown section {Printable(line)}: expected {KnownSections}");
        }
    }

    private void SetKey(int number, string key, string value)
    {
        if (current == Section.None)
        {
            Report(number, $"key before the first section: expected {KnownSections}");
            current = null;
        }

        if (current is not { } section) return;

        (string name, string printable) = (key.ToLowerInvariant(), Printable(value));
        bool isHost = section.Title == HostTitle;
        HostKey? host = isHost ? HostKey.All.FirstOrDefault(known => known.Name == name) : null;
        DomainSetting? setting = isHost ? null : DomainSetting.Find(name);
        if (host is null && setting is null)
        {
            var names = isHost ? HostKey.All.Select(each => each.Name) : DomainSetting.All.Select(each => each.Name);
            Report(number, $"unknown key '{Printable(key)}' in {section}: expected one of {string.Join(", ", names)}");
        }
        else if (!section.Lines.TryAdd(name, number))
        {
            Report(number, $"duplicate key '{name}' in {section}, first in line {section.Lines[name]}: remove one");
        }
        else if (host is not null)
        {
            if (host.Apply(ref configuration, value, printable) is { } fault) Report(number, fault);
        }
        else if (setting!.TryParse(printable, out long parsed, out string? error))
        {
            section.Settings = setting.Set(section.Settings, parsed);
        }
        else
        {
            Report(number, error);
        }
    }

    private DaemonConfiguration Finish()
    {
        foreach (Section section in sections.Values)
        {
            CheckOrder(section, DomainSetting.Minimum, DomainSetting.Maximum);
            CheckOrder(section, DomainSetting.Pin, DomainSetting.Maximum);
            CheckOrder(section, DomainSetting.Minimum, DomainSetting.Pin);
        }

        return configuration.With(balancer => balancer with
        {
            Defaults = sections.GetValueOrDefault(DefaultsTitle)?.Settings ?? DomainSettings.None,
            Rules =
            [
                .. from section in sections.Values
                   where section.Pattern is not null
                   select new DomainRule(section.Pattern!, section.Settings),
            ],
        });
    }

    /// <summary>
    /// Refuses a size above another that must not be below it, where both hold for the same domains: in one section, or
    /// one of them in a section that applies to all domains of this one.
    /// </summary>
    private void CheckOrder(Section section, DomainSetting low, DomainSetting high)
    {
        (Section From, long? Value) lower = InForce(section, low), higher = InForce(section, high);
        bool isReportedElsewhere = lower.From != section && higher.From != section;
        if (isReportedElsewhere || !(lower.Value > higher.Value)) return;
        int other = higher.From.Lines[high.Name];
        string remedy = lower.From == section ? "lower it" : $"lower it, or set {low} in {section}";
        string sizes = $"{low} {low.Format(lower.Value)} is above {high} {high.Format(higher.Value)}";
        Report(lower.From.Lines[low.Name], $"{sizes} in line {other}: {remedy}");
    }

    /// <summary>A setting as it holds for all domains of a section, as far as the file shows.</summary>
    private (Section From, long? Value) InForce(Section section, DomainSetting setting)
    {
        IEnumerable<Section> layers = sections.Values
            .Where(layer => layer == section || layer.AppliesToAllOf(section))
            .OrderByDescending(layer => layer.Rank)
            .Prepend(section);
        Section from = layers.FirstOrDefault(layer => setting.Get(layer.Settings) is not null) ?? section;
        return (from, setting.Get(from.Settings));
    }

    private void Report(int line, string error) => errors.Add((line, error));

    private static string Unquoted(string value) => value is ['"', .. var inner, '"'] ? inner : value;

    private static string Printable(string text)
    {
        IEnumerable<string> runes =
            from rune in text.EnumerateRunes()
            let hidden = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
            select Rune.IsWhiteSpace(rune) ? " " : hidden ? "?" : rune.ToString();
        return string.Concat(runes.Take(MaxQuotedLength)) + (runes.Skip(MaxQuotedLength).Any() ? "…" : "");
    }

    private static Section? ParseTitle(string title)
    {
        if (title.Equals(HostTitle, StringComparison.OrdinalIgnoreCase)) return new Section(HostTitle, null);
        if (title.Equals(DefaultsTitle, StringComparison.OrdinalIgnoreCase)) return new Section(DefaultsTitle, null);
        if (!title.StartsWith(DomainTitle, StringComparison.OrdinalIgnoreCase)) return null;
        string quoted = title[DomainTitle.Length..].TrimStart();
        return quoted is ['"', _, .., '"'] ? new Section($"{DomainTitle} {quoted}", quoted[1..^1]) : null;
    }

    /// <summary>The settings under one title, which may appear several times in the file.</summary>
    private sealed record Section(string Title, string? Pattern)
    {
        /// <summary>The lines before the first section.</summary>
        internal static Section None { get; } = new("", null);

        /// <summary>The line of each key.</summary>
        internal Dictionary<string, int> Lines { get; } = [];

        internal DomainSettings Settings { get; set; } = DomainSettings.None;

        /// <summary>Its precedence: the defaults, then globs, then names and UUIDs.</summary>
        internal int Rank => Pattern is null ? 0 : new DomainRule(Pattern, Settings).IsGlob ? 1 : 2;

        /// <summary>Whether its settings hold for all domains of another section that does not set them.</summary>
        internal bool AppliesToAllOf(Section other)
        {
            if (other.Pattern is not { } pattern || Title == HostTitle) return false;
            if (Pattern is null) return true;
            return Rank == 1 && other.Rank == 2 && new DomainRule(Pattern, Settings).Matches(default, pattern);
        }

        public override string ToString() => $"[{Printable(Title)}]";
    }
}
