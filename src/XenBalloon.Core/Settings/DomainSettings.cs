using System.Collections.Immutable;
using System.IO.Enumeration;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Settings;

/// <summary>
/// The settings of a domain; null for one that is left to the configuration or the defaults.
/// <see cref="DomainSetting.All"/> lists them.
/// </summary>
public sealed record DomainSettings
{
    /// <summary>No setting has a value.</summary>
    public static DomainSettings None { get; } = new();

    /// <summary>Whether the balancer may move its memory; true by default, always false for dom0.</summary>
    public bool? Managed { get; init; }

    /// <summary>dynamic-min: the domain never gets less than this.</summary>
    public KiB? Minimum { get; init; }

    /// <summary>dynamic-max: the domain never gets more than this.</summary>
    public KiB? Maximum { get; init; }

    /// <summary>Shares in the host's memory, 1 to 10,000; 100 by default.</summary>
    public int? Weight { get; init; }

    /// <summary>The size to pin it to; null to balance it.</summary>
    public KiB? Pin { get; init; }

    /// <summary>
    /// Whether the guest has swap that memory in use can be pressed into while another domain lacks its guaranteed
    /// share. By default what its agent reports. Without a report the guest is pressed down to its boot memory and no
    /// further, because nearly all guests have swap.
    /// </summary>
    public bool? Swap { get; init; }

    /// <summary>
    /// Whether Qubes' meminfo-writer may report; false by default. Under xl a guest cannot create its node,
    /// <c>memory/meminfo</c>, so the daemon creates it.
    /// </summary>
    public bool? QubesReports { get; init; }

    /// <summary>These settings, replaced by those of <paramref name="over"/> that have a value.</summary>
    public DomainSettings With(DomainSettings over)
    {
        DomainSettings result = this;
        foreach (DomainSetting setting in DomainSetting.All)
        {
            if (setting.Get(over) is { } value) result = setting.Set(result, value);
        }

        return result;
    }

    /// <summary>
    /// These settings with some changed; a value of null leaves a setting to the configuration.
    /// </summary>
    public DomainSettings With(IReadOnlyDictionary<DomainSetting, long?> changes) =>
        changes.Aggregate(this, (result, change) => change.Key.Set(result, change.Value));
}

/// <summary>Settings for the domains that match a pattern.</summary>
/// <param name="Pattern">
/// A domain's name or UUID, or a glob over names: <c>web*</c>, <c>db?</c>. Case matters, as it does for xl.
/// </param>
/// <param name="Settings">The settings.</param>
public sealed record DomainRule(string Pattern, DomainSettings Settings)
{
    /// <summary>Whether the pattern is a glob; an exact name or UUID is more specific and takes precedence.</summary>
    public bool IsGlob => Pattern.AsSpan().ContainsAny('*', '?');

    /// <summary>Whether the rule applies to this domain; while it arrives from another host, too.</summary>
    public bool Matches(DomainIdentity identity, string name) =>
        (Guid.TryParse(Pattern, out Guid uuid) && uuid == identity.Uuid)
        || FileSystemName.MatchesSimpleExpression(Pattern, DomainName.OfRunning(name), ignoreCase: false)
        || FileSystemName.MatchesSimpleExpression(Pattern, name, ignoreCase: false);
}

/// <summary>
/// Settings of single domains that operators made at run time, by <see cref="DomainKey"/>: permanent ones, and above
/// them those that last until the daemon ends. Both take precedence over the configuration. Immutable.
/// </summary>
public sealed record RuntimeSettings
{
    /// <summary>No settings.</summary>
    public static RuntimeSettings None { get; } = new();

    /// <summary>Settings that are kept across restarts of the daemon and the host.</summary>
    public ImmutableDictionary<DomainKey, DomainSettings> Kept { get; init; } =
        ImmutableDictionary<DomainKey, DomainSettings>.Empty;

    /// <summary>Settings that last until the daemon ends.</summary>
    public ImmutableDictionary<DomainKey, DomainSettings> Transient { get; init; } =
        ImmutableDictionary<DomainKey, DomainSettings>.Empty;

    /// <summary>These settings with some settings of a domain changed, for its name if it has one.</summary>
    /// <param name="uuid">The domain's UUID.</param>
    /// <param name="name">The domain's name; empty if it has none.</param>
    /// <param name="changes">
    /// The new values; null for a setting that is left to the configuration, or to a permanent value.
    /// </param>
    /// <param name="transient">
    /// Whether they last only until the daemon ends. A permanent value replaces a transient one too; otherwise it would
    /// have no effect now.
    /// </param>
    public RuntimeSettings With(
        Guid uuid, string name, IReadOnlyDictionary<DomainSetting, long?> changes, bool transient)
    {
        var none = changes.Keys.ToDictionary(setting => setting, _ => (long?)null);
        return this with
        {
            Kept = transient ? Kept : With(Kept, uuid, name, changes, none),
            Transient = With(Transient, uuid, name, transient ? changes : none, none),
        };
    }

    /// <summary>The settings of a domain.</summary>
    public DomainSettings For(Guid uuid, string name) => Layers(uuid, name)
        .Aggregate(DomainSettings.None, (settings, layer) => settings.With(layer.Settings));

    /// <summary>The settings of a domain by their source, the weakest first; only those that have a value.</summary>
    internal IEnumerable<(string Source, DomainSettings Settings)> Layers(Guid uuid, string name)
    {
        foreach ((string source, ImmutableDictionary<DomainKey, DomainSettings> all) in
            new[] { ("set, kept for its", Kept), ("set until the daemon ends, for its", Transient) })
        {
            if (all.IsEmpty) continue;
            DomainKey key = DomainKey.Of(uuid, name), own = DomainKey.OfUuid(uuid);
            bool isNamed = key != own;
            if (isNamed && all.TryGetValue(key, out DomainSettings? byName)) yield return ($"{source} name", byName);
            if (all.TryGetValue(own, out DomainSettings? byUuid)) yield return ($"{source} UUID", byUuid);
        }
    }

    /// <summary>
    /// A setting that was kept for the UUID, by an earlier version or while the domain had no name, would hide the new
    /// value: it is removed.
    /// </summary>
    private static ImmutableDictionary<DomainKey, DomainSettings> With(
        ImmutableDictionary<DomainKey, DomainSettings> all,
        Guid uuid,
        string name,
        IReadOnlyDictionary<DomainSetting, long?> changes,
        IReadOnlyDictionary<DomainSetting, long?> none) =>
        With(With(all, DomainKey.OfUuid(uuid), none), DomainKey.Of(uuid, name), changes);

    private static ImmutableDictionary<DomainKey, DomainSettings> With(
        ImmutableDictionary<DomainKey, DomainSettings> all,
        DomainKey key,
        IReadOnlyDictionary<DomainSetting, long?> changes)
    {
        DomainSettings next = (all.GetValueOrDefault(key) ?? DomainSettings.None).With(changes);
        return next == DomainSettings.None ? all.Remove(key) : all.SetItem(key, next);
    }
}

/// <summary>A setting that a domain's maximum or minimum keeps from being in force.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Value">Its value.</param>
/// <param name="InForce">What is in force instead.</param>
public readonly record struct SettingConflict(DomainSetting Setting, KiB Value, KiB InForce)
{
    /// <summary>
    /// What is wrong: <c>min 4096 MiB ([defaults]) is above its maximum, 2048 MiB: 2048 MiB is in force</c>.
    /// </summary>
    /// <param name="origin">The source of the setting.</param>
    public string Explain(string origin)
    {
        string bound = Value > InForce ? "above its maximum" : "below its minimum";
        return $"{Setting} {Value} ({origin}) is {bound}, {InForce}: {InForce} is in force";
    }

    /// <summary>The conflict between a domain's settings and its range; null if there is none.</summary>
    internal static SettingConflict? Of(DomainSettings settings, DomainRange range)
    {
        if (range == default) return null;
        if (settings.Minimum is { } minimum && minimum > range.Maximum + KiB.Page)
        {
            return new SettingConflict(DomainSetting.Minimum, minimum, range.Maximum);
        }

        if (settings.Pin is not { } pin) return null;
        return pin > range.Maximum + KiB.Page ? new SettingConflict(DomainSetting.Pin, pin, range.Maximum)
            : pin < range.Minimum - KiB.Page ? new SettingConflict(DomainSetting.Pin, pin, range.Minimum)
            : null;
    }
}

/// <summary>The range of a domain's target.</summary>
/// <param name="Minimum">dynamic-min.</param>
/// <param name="Maximum">dynamic-max, at least the minimum.</param>
public readonly record struct DomainRange(KiB Minimum, KiB Maximum)
{
    /// <summary>
    /// Without a configured minimum, a domain keeps this fraction of its static-max however little it uses, but at most
    /// its boot memory.
    /// </summary>
    private const double DefaultMinimumFraction = 0.125;

    /// <summary>
    /// The same for an HVM or PVH domain. If it reboots with less than its static maximum, its memory is populated on
    /// demand, and Xen crashes a guest that touches more of it than there is. XAPI's limit (memory_ratio_hvm).
    /// </summary>
    private const double DefaultHvmMinimumFraction = 0.25;

    private static readonly KiB SmallestDefaultMinimum = KiB.FromMiB(128);

    /// <summary>Whether the domain can have only one size.</summary>
    public bool IsEmpty => Maximum <= Minimum;

    /// <summary>
    /// The range in force: the settings, else XAPI's keys, else the defaults; within one page and static-max, beyond
    /// which nothing can be allocated. Video memory is part of static-max but not of a target.
    /// </summary>
    /// <param name="domain">The domain now.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="bootMemory">Its boot memory; null if unknown.</param>
    public static DomainRange Of(DomainSnapshot domain, DomainSettings settings, KiB? bootMemory)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(settings);
        if (domain.StaticMax is not { } staticMax) return default;
        KiB ceiling = KiB.Max(KiB.Page, (staticMax - domain.VideoRam).FloorToPage());
        KiB maximum = (settings.Maximum ?? domain.DynamicMax ?? ceiling).Clamp(KiB.Page, ceiling);
        double least = domain.Kind == DomainKind.Pv ? DefaultMinimumFraction : DefaultHvmMinimumFraction;
        KiB fraction = KiB.Max(SmallestDefaultMinimum, ceiling.Times(least));
        KiB byDefault = KiB.Min(bootMemory ?? ceiling, fraction);
        KiB minimum = settings.Minimum ?? domain.DynamicMin ?? byDefault;
        return new DomainRange(minimum.CeilingToPage().Clamp(KiB.Page, maximum.FloorToPage()), maximum.FloorToPage());
    }
}
