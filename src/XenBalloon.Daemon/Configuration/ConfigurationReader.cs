using System.Globalization;
using System.Text;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Configuration;

/// <summary>The configuration file cannot be used; the message has a line for each error.</summary>
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

    /// <summary>A file may hold anything, and errors go to terminals and logs.</summary>
    private const int LongestLine = 1000, LongestShown = 80, MostErrors = 50;

    private readonly List<(int Line, string Error)> errors = [];
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
        foreach ((int index, string line) in Load(path).Index()) reader.Take(index + 1, line.Trim());
        DaemonConfiguration read = reader.Finish();
        if (reader.errors.Count == 0) return read;
        var told = reader.errors.OrderBy(one => one.Line).Select(one => $"{path}:{one.Line}: {one.Error}");
        string more = $"{path}: {reader.errors.Count} errors: check that it is a configuration file";
        if (reader.errors.Count > MostErrors) told = told.Take(MostErrors).Append(more);
        throw new ConfigurationException(string.Join('\n', told));
    }

    private static string[] Load(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            string message = $"no configuration file {path}: create it, or name another with --config FILE";
            throw new ConfigurationException(message, exception) { IsUnreadable = true };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            string message = $"cannot read the configuration file '{path}': {exception.Message}";
            throw new ConfigurationException(message, exception) { IsUnreadable = true };
        }
    }

    private void Take(int number, string line)
    {
        if (line is "" or [';' or '#' or '/', ..]) return;
        bool isTitle = line[0] == '[';
        if (isTitle) current = null; // the keys of an invalid section are not those of the section before it
        int end = line.IndexOf('=', StringComparison.Ordinal);
        if (Damage(line) is { } damage) Report(number, damage);
        else if (isTitle) Open(number, line);
        else if (end > 0) Set(number, line[..end].TrimEnd(), Unquoted(line[(end + 1)..].TrimStart()));
        else Report(number, $"invalid line '{Shown(line)}': expected [SECTION] or KEY = VALUE");
    }

    private static string? Damage(string line)
    {
        if (line.Length > LongestLine) return $"line of {line.Length} characters: expected at most {LongestLine}";
        if (line.Contains('\uFFFD', StringComparison.Ordinal)) return "invalid character: save the file as UTF-8";
        return line.Any(letter => char.IsControl(letter) && letter != '\t') ? "control character: remove it" : null;
    }

    private void Open(int number, string line)
    {
        if (line[^1] != ']')
        {
            Report(number, $"unclosed section '{Shown(line)}': expected [SECTION] alone on its line");
        }
        else if (Named(line[1..^1].Trim()) is { } section)
        {
            sections.TryAdd(section.Title, section);
            current = sections[section.Title];
        }
        else
        {
            Report(number, $"unknown section {Shown(line)}: expected {KnownSections}");
        }
    }

    private void Set(int number, string key, string value)
    {
        if (current == Section.None)
        {
            Report(number, $"key before the first section: expected {KnownSections}");
            current = null;
        }

        if (current is not { } section) return;

        // A value that would not be shown as it is cannot be valid.
        (string name, string shown) = (key.ToLowerInvariant(), Shown(value));
        bool isHost = section.Title == HostTitle;
        HostKey? host = isHost ? HostKey.All.FirstOrDefault(one => one.Name == name) : null;
        DomainSetting? setting = isHost ? null : DomainSetting.Find(name);
        if (host is null && setting is null)
        {
            var known = isHost ? HostKey.All.Select(one => one.Name) : DomainSetting.All.Select(one => one.Name);
            Report(number, $"unknown key '{Shown(key)}' in {section}: expected one of {string.Join(", ", known)}");
        }
        else if (!section.Lines.TryAdd(name, number))
        {
            Report(number, $"duplicate key '{name}' in {section}, first in line {section.Lines[name]}: remove one");
        }
        else if (host is not null)
        {
            if (host.Apply(ref configuration, shown) is { } fault) Report(number, fault);
        }
        else if (setting!.TryParse(shown, out long parsed, out string? error))
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
            (KiB? minimum, KiB? maximum) = (section.Settings.Minimum, section.Settings.Maximum);
            if (!(minimum > maximum)) continue;
            (DomainSetting min, DomainSetting max) = (DomainSetting.Minimum, DomainSetting.Maximum);
            (int line, int other) = (section.Lines[min.Name], section.Lines[max.Name]);
            Report(line, $"{min} {minimum} is above {max} {maximum} in line {other}: lower it");
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

    private void Report(int line, string error) => errors.Add((line, error));

    private static string Unquoted(string value) => value is ['"', .. var inner, '"'] ? inner : value;

    private static string Shown(string text)
    {
        IEnumerable<string> runes =
            from rune in text.EnumerateRunes()
            let hidden = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
            select Rune.IsWhiteSpace(rune) ? " " : hidden ? "?" : rune.ToString();
        return string.Concat(runes.Take(LongestShown)) + (runes.Skip(LongestShown).Any() ? "…" : "");
    }

    private static Section? Named(string title)
    {
        if (title.Equals(HostTitle, StringComparison.OrdinalIgnoreCase)) return new Section(HostTitle, null);
        if (title.Equals(DefaultsTitle, StringComparison.OrdinalIgnoreCase)) return new Section(DefaultsTitle, null);
        if (!title.StartsWith(DomainTitle, StringComparison.OrdinalIgnoreCase)) return null;
        string quoted = title[DomainTitle.Length..].TrimStart();
        return quoted is ['"', _, .., '"'] ? new Section($"{DomainTitle} {quoted}", quoted[1..^1]) : null;
    }

    /// <summary>What the file says under one title, however often that stands there.</summary>
    private sealed record Section(string Title, string? Pattern)
    {
        /// <summary>Where the file begins.</summary>
        internal static Section None { get; } = new("", null);

        /// <summary>The line of each key.</summary>
        internal Dictionary<string, int> Lines { get; } = [];

        internal DomainSettings Settings { get; set; } = DomainSettings.None;

        public override string ToString() => $"[{Shown(Title)}]";
    }
}
