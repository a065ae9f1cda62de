using System.Text;
using Microsoft.Extensions.Configuration.Ini;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Startup;

namespace XenBalloon.Daemon.Configuration;

/// <summary>
/// Reads the configuration file. Whatever is wrong with it is told all at once, each error with file, section and key; nothing is guessed or passed over.
/// </summary>
internal static class ConfigurationReader
{
    private const string Known = "there are [host], [defaults] and [domain \"NAME, UUID or GLOB\"]";

    private const int LongestShown = 160;

    private const string HostSection = "host", DefaultsSection = "defaults", DomainSection = "domain";

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="StartupException">It cannot be read, or something in it cannot be meant.</exception>
    internal static DaemonConfiguration Read(string path)
    {
        var errors = new List<string>();
        IDictionary<string, string?> entries = Load(path, errors);
        DaemonConfiguration configuration = Interpret(entries, errors);
        if (errors.Count == 0) return configuration;
        throw new StartupException(ExitStatus.ConfigurationInvalid, string.Join('\n', errors.Select(error => $"{path}: {Printable(error)}")));
    }

    private static IDictionary<string, string?> Load(string path, List<string> errors)
    {
        try
        {
            byte[] text = File.ReadAllBytes(path);
            CheckTitles(text, errors);
            using var stream = new MemoryStream(text);
            return IniStreamConfigurationProvider.Read(stream);
        }
        catch (FormatException exception)
        {
            throw new StartupException(ExitStatus.ConfigurationInvalid, $"{path}: {Printable(exception.Message)} Write [section] and key = value lines, each key once in its section.", exception);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StartupException(
                ExitStatus.ConfigurationUnreadable, $"there is no configuration file {path}: create it, or name another with --config FILE", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartupException(
                ExitStatus.ConfigurationUnreadable, $"cannot read the configuration file '{path}': {exception.Message}", exception);
        }
    }

    private static DaemonConfiguration Interpret(IDictionary<string, string?> entries, List<string> errors)
    {
        var configuration = new DaemonConfiguration();
        var rules = new List<DomainRule>();
        DomainSettings defaults = DomainSettings.None;
        foreach (IGrouping<string, KeyValuePair<string, string?>> section in entries.GroupBy(entry => Section(entry.Key), StringComparer.OrdinalIgnoreCase))
        {
            string name = section.Key;
            var keys = section.Select(entry => new ConfigurationKey(name, entry.Key[(entry.Key.LastIndexOf(':') + 1)..], entry.Value ?? ""));
            if (name.Equals(HostSection, StringComparison.OrdinalIgnoreCase))
            {
                foreach (ConfigurationKey key in keys) configuration = HostKeys.Apply(configuration, key, errors);
            }
            else if (name.Equals(DefaultsSection, StringComparison.OrdinalIgnoreCase))
            {
                defaults = DomainKeys.Read(name, keys, errors);
            }
            else if (Pattern(name) is { } pattern)
            {
                rules.Add(new DomainRule(pattern, DomainKeys.Read(name, keys, errors)));
            }
            else if (name.Length == 0)
            {
                errors.Add($"keys before the first section: {Known}");
            }
        }

        return configuration with { Balancer = configuration.Balancer with { Defaults = defaults, Rules = [.. rules] } };
    }

    /// <summary>Looks at the sections' titles themselves: the INI reader passes over a section without keys.</summary>
    private static void CheckTitles(byte[] text, List<string> errors)
    {
        foreach (string line in Encoding.UTF8.GetString(text).Split('\n').Select(line => line.Trim()).Where(line => line is ['[', .., ']']))
        {
            string title = line[1..^1];
            bool known = title.Equals(HostSection, StringComparison.OrdinalIgnoreCase)
                || title.Equals(DefaultsSection, StringComparison.OrdinalIgnoreCase) || Pattern(title) is not null;
            if (!known) errors.Add($"unknown section [{title}]: {Known}");
        }
    }

    /// <summary>What a file holds may be anything: on a terminal and in a log it is shown without control characters, and not at any length.</summary>
    private static string Printable(string text)
    {
        string clean = string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));
        return clean.Length <= LongestShown ? clean : clean[..LongestShown] + "…";
    }

    private static string Section(string path) => path.LastIndexOf(':') is var end and >= 0 ? path[..end] : "";

    /// <summary>What a section's title <c>domain "pattern"</c> names; null for other titles.</summary>
    private static string? Pattern(string section)
    {
        if (!section.StartsWith(DomainSection, StringComparison.OrdinalIgnoreCase)) return null;
        string quoted = section[DomainSection.Length..].Trim();
        return quoted is ['"', _, .., '"'] && quoted.Length > 2 ? quoted[1..^1] : null;
    }
}
