using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Settings;

/// <summary>The kind of a setting's value, which decides how it is written.</summary>
public enum SettingKind
{
    /// <summary>An amount of memory; its number is in KiB.</summary>
    Size,

    /// <summary>A whole number.</summary>
    Count,

    /// <summary>Yes or no; its number is 1 or 0.</summary>
    Switch,
}

/// <summary>
/// A setting that a domain can have. <see cref="All"/> is the only list of them: the configuration file, the bus, the
/// command, the state file and the log take names, bounds and formats from it. A value of any kind is a number, and
/// null if the setting is left to the configuration.
/// </summary>
public sealed class DomainSetting
{
    /// <summary>The value that leaves a setting to the configuration, on the command line and the bus.</summary>
    public const string Default = "default";

    private readonly Func<DomainSettings, long?> get;
    private readonly Func<DomainSettings, long?, DomainSettings> set;

    private DomainSetting(
        string name,
        SettingKind kind,
        (long Least, long Most) bounds,
        string description,
        Func<DomainSettings, long?> get,
        Func<DomainSettings, long?, DomainSettings> set)
    {
        Name = name;
        Kind = kind;
        (Least, Most) = bounds;
        Description = description;
        this.get = get;
        this.set = set;
    }

    /// <summary>dynamic-min: the domain never gets less than this.</summary>
    public static DomainSetting Minimum { get; } = Size(
        "min", "The least memory of the domain.", s => s.Minimum, (s, size) => s with { Minimum = size });

    /// <summary>dynamic-max: the domain never gets more than this.</summary>
    public static DomainSetting Maximum { get; } = Size(
        "max", "The most memory of the domain.", s => s.Maximum, (s, size) => s with { Maximum = size });

    /// <summary>The domain's shares in the host's memory.</summary>
    public static DomainSetting Weight { get; } = new(
        "weight",
        SettingKind.Count,
        (1, 10_000),
        "The domain's share relative to other domains.",
        s => s.Weight,
        (s, number) => s with { Weight = (int?)number });

    /// <summary>The size to pin the domain to.</summary>
    public static DomainSetting Pin { get; } = Size(
        "pin", "A fixed size; the domain is not balanced.", s => s.Pin, (s, size) => s with { Pin = size });

    /// <summary>Whether the balancer may move the domain's memory.</summary>
    public static DomainSetting Managed { get; } = Switch(
        "managed", "Whether to balance the domain.", s => s.Managed, (s, yes) => s with { Managed = yes });

    /// <summary>Whether the guest has swap.</summary>
    public static DomainSetting Swap { get; } = Switch(
        "swap", "Whether the guest has swap; overrides its report.", s => s.Swap, (s, yes) => s with { Swap = yes });

    /// <summary>Whether the guest may report with Qubes' meminfo-writer.</summary>
    public static DomainSetting QubesReports { get; } = Switch(
        "qubes-reports",
        "Whether Qubes' meminfo-writer may report.",
        s => s.QubesReports,
        (s, yes) => s with { QubesReports = yes });

    /// <summary>Every setting.</summary>
    public static ImmutableArray<DomainSetting> All { get; } =
    [
        Minimum,
        Maximum,
        Weight,
        Pin,
        Managed,
        Swap,
        QubesReports,
    ];

    /// <summary>Its name in the configuration and on the command line: <c>min</c>.</summary>
    public string Name { get; }

    /// <summary>The kind of its value.</summary>
    public SettingKind Kind { get; }

    /// <summary>Its description in the command's help.</summary>
    public string Description { get; }

    /// <summary>The lowest value, in KiB for a size.</summary>
    public long Least { get; }

    /// <summary>The highest value, in KiB for a size.</summary>
    public long Most { get; }

    /// <summary>The valid values, for an error or a help text: <c>1 to 10000</c>.</summary>
    public string Expected => Kind switch
    {
        SettingKind.Size => $"a size of at least {Least} KiB with its unit, such as 512m or 1.5g",
        SettingKind.Count => string.Create(CultureInfo.InvariantCulture, $"{Least} to {Most}"),
        _ => "yes or no",
    };

    /// <summary>Finds a setting by name; null if there is none.</summary>
    public static DomainSetting? Find(string name) => All.FirstOrDefault(setting => setting.Name == name);

    /// <summary>Its value in these settings; null if it is left to the configuration.</summary>
    public long? Get(DomainSettings settings) => get(settings);

    /// <summary>These settings with a new value of this one; null to leave it to the configuration.</summary>
    public DomainSettings Set(DomainSettings settings, long? value) => set(settings, value);

    /// <summary>What is wrong with a value, and what is expected; null if it is within bounds.</summary>
    public string? Fault(long value) => Fault(value, Format(value));

    /// <summary>Parses a value.</summary>
    /// <param name="text">For example <c>512m</c>, <c>200</c> or <c>yes</c>.</param>
    /// <param name="value">The value, within bounds.</param>
    /// <param name="error">What is wrong with the text, and what to write instead; null if it is valid.</param>
    /// <returns>Whether the text is a value of this setting.</returns>
    public bool TryParse(string text, out long value, [NotNullWhen(false)] out string? error)
    {
        value = 0;
        if (Kind == SettingKind.Size)
        {
            bool isSize = SizeText.TryParse(text, out KiB size, out string? wrong);
            error = isSize ? Fault(size.Value, text) : $"invalid {Name}: {wrong}";
            value = size.Value;
            return error is null;
        }

        long? parsed = Kind == SettingKind.Switch ? ParseSwitch(text) : ParseCount(text);
        value = parsed ?? 0;
        error = parsed is null ? $"invalid {Name} '{text}': expected {Expected}" : Fault(value, text);
        return error is null;
    }

    /// <summary>
    /// Formats a value for people: <c>512 MiB</c>, <c>200</c>, <c>yes</c>; <c>as configured</c> for null.
    /// </summary>
    public string Format(long? value) => value is not { } number ? "as configured" : Kind switch
    {
        SettingKind.Size => new KiB(number).ToString(),
        SettingKind.Switch => number != 0 ? "yes" : "no",
        _ => number.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Its name.</summary>
    public override string ToString() => Name;

    private string? Fault(long value, string text)
    {
        if (value >= Least && value <= Most) return null;
        return value > Most && Kind == SettingKind.Size
            ? $"invalid {Name} '{text}': more memory than any machine has"
            : $"invalid {Name} '{text}': expected {Expected}";
    }

    private static long? ParseSwitch(string text) => EnumText.ParseYesNo(text) is { } yes ? (yes ? 1 : 0) : null;

    private static long? ParseCount(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count : null;

    private static DomainSetting Size(
        string name,
        string description,
        Func<DomainSettings, KiB?> get,
        Func<DomainSettings, KiB?, DomainSettings> set) => new(
            name,
            SettingKind.Size,
            (KiB.PerPage, KiB.Largest.Value),
            description,
            settings => get(settings)?.Value,
            (settings, value) => set(settings, value is { } kib ? new KiB(kib) : null));

    private static DomainSetting Switch(
        string name,
        string description,
        Func<DomainSettings, bool?> get,
        Func<DomainSettings, bool?, DomainSettings> set) => new(
            name,
            SettingKind.Switch,
            (0, 1),
            description,
            settings => get(settings) is { } yes ? (yes ? 1 : 0) : null,
            (settings, value) => set(settings, value is { } number ? number != 0 : null));
}
