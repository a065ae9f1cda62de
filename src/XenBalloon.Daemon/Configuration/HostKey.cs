using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Configuration;

/// <summary>One of the keys of the section <c>[host]</c>; <see cref="All"/> is the only list of them.</summary>
/// <param name="Name">The key.</param>
/// <param name="Apply">Takes its value over.</param>
internal sealed record HostKey(string Name, HostKey.Taking Apply)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1), Hour = TimeSpan.FromHours(1);

    private static readonly (string Suffix, TimeSpan Unit)[] Units =
        [("ms", TimeSpan.FromMilliseconds(1)), ("s", Second), ("m", TimeSpan.FromMinutes(1)), ("h", Hour)];

    /// <summary>Takes a value over; says what is wrong with it and what to write, and null where nothing is.</summary>
    internal delegate string? Taking(ref DaemonConfiguration configuration, string text);

    private delegate DaemonConfiguration Setting<T>(DaemonConfiguration configuration, T value);

    /// <summary>Every key.</summary>
    internal static ImmutableArray<HostKey> All { get; } =
    [
        Word("mode", (all, mode) => all with { Mode = mode }, BalancerMode.Observe, BalancerMode.Active),
        Word("policy", (all, policy) => all.With(b => b with { Policy = policy }), Enum.GetValues<PolicyKind>()),
        Duration("interval", 0.2 * Second, 60 * Second, (all, interval) => all with { Interval = interval }),
        Size("slack", (all, size) => all.With(b => b with { Slack = size })),
        Size("keep-free", (all, size) => all.With(b => b with { KeepFree = size })),
        Fraction("idle-tax", below: 1, (all, tax) => all.With(b => b with { IdleTax = tax })),
        Fraction("headroom", below: 2, (all, part) => all.With(b => b with { Headroom = part })),
        Word("spare", (all, use) => all.With(b => b with { Spare = use }), Enum.GetValues<SpareUse>()),
        Fraction("pace", below: 1, (all, pace) => all.With(b => b with { Pace = pace })),
        YesNo("press-to-share", (all, yes) => all.With(b => b with { PressToShare = yes })),
        YesNo("probing", (all, yes) => all.With(b => b with { Probing = yes })),
        Word("override", (all, how) => all.With(b => b with { Override = how }), Enum.GetValues<OverrideHandling>()),
        Duration("stale-after", 5 * Second, Hour, (all, age) => all.With(b => b with { StaleAfter = age })),
        Choice(
            "log-level",
            (all, level) => all with { LogLevel = level },
            ("error", LogLevel.Error),
            ("warning", LogLevel.Warning),
            ("info", LogLevel.Information),
            ("debug", LogLevel.Debug)),
    ];

    private static HostKey Size(string name, Setting<KiB> set) => new(name, (ref configuration, text) =>
    {
        if (!SizeText.TryParse(text, out KiB size, out string? error)) return $"invalid {name}: {error}";
        configuration = set(configuration, size);
        return null;
    });

    private static HostKey Fraction(string name, double below, Setting<double> set) => Key(
        name,
        string.Create(CultureInfo.InvariantCulture, $"a number from 0 to below {below}, such as 0.25"),
        text => Number(text) is { } number && number >= 0 && number < below ? number : null,
        set);

    private static HostKey Duration(string name, TimeSpan least, TimeSpan most, Setting<TimeSpan> set) => Key(
        name,
        $"{Format(least)} to {Format(most)} with its unit, such as 500ms, 5s or 2m",
        text => Duration(text) is { } time && time >= least && time <= most ? time : null,
        set);

    private static HostKey YesNo(string name, Setting<bool> set) => Key(name, "yes or no", EnumText.ParseYesNo, set);

    private static HostKey Word<T>(string name, Setting<T> set, params T[] values)
        where T : struct, Enum => Choice(name, set, [.. values.Select(value => (EnumText.Of(value), value))]);

    private static HostKey Choice<T>(string name, Setting<T> set, params (string Word, T Value)[] choices)
        where T : struct
    {
        var values = choices.ToDictionary(one => one.Word, one => (T?)one.Value, StringComparer.OrdinalIgnoreCase);
        return Key(name, EnumText.List([.. values.Keys]), text => values.GetValueOrDefault(text), set);
    }

    private static HostKey Key<T>(string name, string expected, Func<string, T?> parse, Setting<T> set)
        where T : struct => new(name, (ref configuration, text) =>
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
        (string suffix, TimeSpan unit) = Units.Last(one => one.Unit <= time);
        return string.Create(CultureInfo.InvariantCulture, $"{time / unit}{suffix}");
    }

    private static double? Number(string text)
    {
        const NumberStyles Style = NumberStyles.AllowDecimalPoint;
        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out double number) ? number : null;
    }
}
