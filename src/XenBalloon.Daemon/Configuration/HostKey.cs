using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Configuration;

/// <summary>A key of the section <c>[host]</c>.</summary>
/// <param name="Name">The key.</param>
/// <param name="Apply">Parses a value and sets it.</param>
internal sealed record HostKey(string Name, HostKey.Setter Apply)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1), Hour = TimeSpan.FromHours(1);

    private static readonly (string Suffix, TimeSpan Unit)[] Units =
        [("ms", TimeSpan.FromMilliseconds(1)), ("s", Second), ("m", TimeSpan.FromMinutes(1)), ("h", Hour)];

    /// <summary>Parses a value and sets it; returns the error, which quotes the printable value, or null.</summary>
    internal delegate string? Setter(ref DaemonConfiguration configuration, string value, string printable);

    private delegate DaemonConfiguration Update<T>(DaemonConfiguration configuration, T value);

    /// <summary>Every key.</summary>
    internal static ImmutableArray<HostKey> All { get; } =
    [
        Enumerated("mode", (all, mode) => all with { Mode = mode }, BalancerMode.Observe, BalancerMode.Active),
        Enumerated("policy", (all, policy) => all.With(b => b with { Policy = policy }), Enum.GetValues<PolicyKind>()),
        Duration("interval", 0.2 * Second, 60 * Second, (all, interval) => all with { Interval = interval }),
        Size("slack", (all, size) => all.With(b => b with { Slack = size })),
        Size("keep-free", (all, size) => all.With(b => b with { KeepFree = size })),
        Fraction("idle-tax", below: 1, (all, tax) => all.With(b => b with { IdleTax = tax })),
        Fraction("headroom", below: 2, (all, part) => all.With(b => b with { Headroom = part })),
        Enumerated("spare", (all, use) => all.With(b => b with { Spare = use }), Enum.GetValues<SpareUse>()),
        Fraction("pace", below: 1, (all, pace) => all.With(b => b with { Pace = pace })),
        YesNo("press-to-share", (all, yes) => all.With(b => b with { PressToShare = yes })),
        YesNo("probing", (all, yes) => all.With(b => b with { Probing = yes })),
        Enumerated(
            "override",
            (all, handling) => all.With(b => b with { Override = handling }),
            Enum.GetValues<OverrideHandling>()),
        Enumerated("on-stop", (all, action) => all with { OnStop = action }, Enum.GetValues<StopAction>()),
        Duration("stale-after", 5 * Second, Hour, (all, age) => all.With(b => b with { StaleAfter = age })),
        Choice(
            "log-level",
            (all, level) => all with { LogLevel = level },
            ("error", LogLevel.Error),
            ("warning", LogLevel.Warning),
            ("info", LogLevel.Information),
            ("debug", LogLevel.Debug)),
        new("log-file", SetLogFile),
        YesNo("allow-autoballoon", (all, yes) => all with { AllowAutoballoon = yes }),
    ];

    private static string? SetLogFile(ref DaemonConfiguration configuration, string value, string printable)
    {
        if (!Path.IsPathRooted(value) || value.EndsWith('/'))
        {
            return $"invalid log-file '{printable}': "
                + "expected the absolute path of a file, such as /var/log/xenballoon.log";
        }

        configuration = configuration with { LogFile = value };
        return null;
    }

    private static HostKey Size(string name, Update<KiB> set) => new(name, (ref configuration, _, text) =>
    {
        if (!SizeText.TryParse(text, out KiB size, out string? error)) return $"invalid {name}: {error}";
        configuration = set(configuration, size);
        return null;
    });

    private static HostKey Fraction(string name, double below, Update<double> set) => Key(
        name,
        string.Create(CultureInfo.InvariantCulture, $"a number from 0 to below {below}, such as 0.25"),
        text => Number(text) is { } number && number >= 0 && number < below ? number : null,
        set);

    private static HostKey Duration(string name, TimeSpan least, TimeSpan most, Update<TimeSpan> set) => Key(
        name,
        $"{Format(least)} to {Format(most)} with its unit, such as 500ms, 5s or 2m",
        text => Duration(text) is { } time && time >= least && time <= most ? time : null,
        set);

    private static HostKey YesNo(string name, Update<bool> set) => Key(name, "yes or no", EnumText.ParseYesNo, set);

    private static HostKey Enumerated<T>(string name, Update<T> set, params T[] values)
        where T : struct, Enum => Choice(name, set, [.. values.Select(value => (EnumText.Of(value), value))]);

    private static HostKey Choice<T>(string name, Update<T> set, params (string Text, T Value)[] choices)
        where T : struct
    {
        var values = choices.ToDictionary(
            choice => choice.Text, choice => (T?)choice.Value, StringComparer.OrdinalIgnoreCase);
        return Key(name, EnumText.List([.. values.Keys]), text => values.GetValueOrDefault(text), set);
    }

    private static HostKey Key<T>(string name, string expected, Func<string, T?> parse, Update<T> set)
        where T : struct => new(name, (ref configuration, _, text) =>
        {
            if (parse(text) is not { } value) return $"invalid {name} '{text}': expected {expected}";
            configuration = set(configuration, value);
            return null;
        });

    private static TimeSpan? Duration(string text)
    {
        foreach ((string suffix, TimeSpan unit) in Units)
        {
            bool ends = text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase);
            if (ends && Number(text[..^suffix.Length].Trim()) is { } count and >= 0 and <= 1e6) return unit * count;
        }

        return null;
    }

    private static string Format(TimeSpan time)
    {
        (string suffix, TimeSpan unit) = Units.Last(entry => entry.Unit <= time);
        return string.Create(CultureInfo.InvariantCulture, $"{time / unit}{suffix}");
    }

    private static double? Number(string text)
    {
        const NumberStyles Style = NumberStyles.AllowDecimalPoint;
        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out double number) ? number : null;
    }
}
