using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Commands;

/// <summary>Parses sizes, which need a unit and are not zero.</summary>
internal static class SizeParser
{
    /// <summary>Parses a size; adds an error if it is invalid.</summary>
    internal static KiB? Size(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!SizeText.TryParse(text, out KiB size, out string? error)) result.AddError(error);
        else if (size <= KiB.Zero) result.AddError($"'{text}' is less than 1 KiB: write a size such as 512m or 1.5g");
        else return size;
        return null;
    }
}

/// <summary>Parses numbers of seconds.</summary>
internal static class SecondsParser
{
    private const double Most = 1e6;

    /// <summary>Parses a number of seconds; adds an error if it is invalid.</summary>
    internal static double? Seconds(ArgumentResult result, double least, double most = Most)
    {
        string text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            && seconds >= least && seconds <= most)
        {
            return seconds;
        }

        result.AddError(string.Create(
            CultureInfo.InvariantCulture, $"invalid number of seconds '{text}': expected {least} to {most:0}"));
        return null;
    }
}

/// <summary>Parses durations, which need a unit.</summary>
internal static class DurationParser
{
    private static readonly (char Suffix, TimeSpan Unit)[] Units =
    [
        ('s', TimeSpan.FromSeconds(1)),
        ('m', TimeSpan.FromMinutes(1)),
        ('h', TimeSpan.FromHours(1)),
        ('d', TimeSpan.FromDays(1)),
    ];

    /// <summary>Parses a duration; adds an error if it is invalid.</summary>
    internal static TimeSpan? Duration(ArgumentResult result, TimeSpan longest)
    {
        string text = result.Tokens[0].Value;
        foreach ((char suffix, TimeSpan unit) in Units)
        {
            bool isNumber = text.EndsWith(suffix)
                & double.TryParse(
                    text.AsSpan(0, text.Length - 1),
                    NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture,
                    out double count);
            if (isNumber && count * unit.TotalSeconds is >= 1 and var seconds && seconds <= longest.TotalSeconds)
            {
                return TimeSpan.FromSeconds(seconds);
            }
        }

        result.AddError(
            $"invalid time '{text}': expected 1s to {longest.TotalDays:0}d with its unit, such as 90s, 30m, 2h or 7d");
        return null;
    }
}

/// <summary>The value of a setting.</summary>
/// <param name="Number">The value; null for <c>default</c>, which returns the setting to the configuration.</param>
internal sealed record SettingValue(long? Number);

/// <summary>Parses values of domain settings as <see cref="DomainSetting"/> defines them.</summary>
internal static class SettingParser
{
    /// <summary>The option of a setting: <c>--min SIZE|default</c>.</summary>
    internal static Option<SettingValue> Option(DomainSetting setting)
    {
        var option = new Option<SettingValue>("--" + setting.Name)
        {
            Description = setting.Kind == SettingKind.Count
                ? $"{setting.Description.TrimEnd('.')}, {setting.Expected}."
                : setting.Description,
            HelpName = HelpName(setting),
            CustomParser = result => Parse(setting, result),
        };
        option.CompletionSources.Add(Keywords(setting));
        return option;
    }

    /// <summary>A required argument with the value of a setting: <c>SIZE|default</c>.</summary>
    internal static Argument<SettingValue> Argument(DomainSetting setting, string name, string description)
    {
        var argument = new Argument<SettingValue>(name)
        {
            Description = description,
            HelpName = HelpName(setting),
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result => Parse(setting, result),
        };
        argument.CompletionSources.Add(Keywords(setting));
        return argument;
    }

    private static string HelpName(DomainSetting setting) => string.Join('|', setting.Kind switch
    {
        SettingKind.Size => ["SIZE", .. Keywords(setting)],
        SettingKind.Count => ["N", .. Keywords(setting)],
        _ => Keywords(setting),
    });

    private static string[] Keywords(DomainSetting setting) => setting.Kind == SettingKind.Switch
        ? [setting.Format(1), setting.Format(0), DomainSetting.Default]
        : [DomainSetting.Default];

    private static SettingValue? Parse(DomainSetting setting, ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (text == DomainSetting.Default) return new SettingValue(null);
        if (setting.TryParse(text, out long value, out string? error)) return new SettingValue(value);
        result.AddError(error);
        return null;
    }
}

/// <summary>An optional argument with a value of an enumeration.</summary>
internal static class EnumArgument
{
    /// <param name="name">The name of the argument: <c>MODE</c>.</param>
    internal static Argument<T?> Create<T>(string name)
        where T : struct, Enum
    {
        string noun = name.ToLowerInvariant();
        var argument = new Argument<T?>(name)
        {
            Description = $"The new {noun}; without it, the {noun} is shown.",
            HelpName = string.Join('|', EnumText.All<T>()),
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = parsed =>
            {
                if (parsed.Tokens is not [{ Value: var text }]) return null;
                T? value = EnumText.Parse<T>(text);
                if (value is null) parsed.AddError($"invalid {noun} '{text}': expected {EnumText.List<T>()}");
                return value;
            },
        };

        // The library's own completions are the names of the enumeration's members.
        argument.CompletionSources.Clear();
        argument.CompletionSources.Add([.. EnumText.All<T>()]);
        return argument;
    }
}
