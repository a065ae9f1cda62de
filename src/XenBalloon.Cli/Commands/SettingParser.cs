using System.CommandLine;
using System.CommandLine.Parsing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Commands;

/// <summary>The value of a setting on the command line.</summary>
/// <param name="Number">The value; null for <c>default</c>, which leaves the setting to the configuration.</param>
internal sealed record SettingValue(long? Number);

/// <summary>Values of domain settings on the command line, as <see cref="DomainSetting"/> reads them.</summary>
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
        option.CompletionSources.Add(Words(setting));
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
        argument.CompletionSources.Add(Words(setting));
        return argument;
    }

    private static string HelpName(DomainSetting setting) => string.Join('|', setting.Kind switch
    {
        SettingKind.Size => ["SIZE", .. Words(setting)],
        SettingKind.Count => ["N", .. Words(setting)],
        _ => Words(setting),
    });

    private static string[] Words(DomainSetting setting) => setting.Kind == SettingKind.Switch
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
