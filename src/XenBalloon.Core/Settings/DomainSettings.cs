using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Settings;

/// <summary>
/// The settings of a domain; null where one is left to the configuration or the defaults.
/// <see cref="DomainSetting.All"/> lists them.
/// </summary>
public sealed record DomainSettings
{
    /// <summary>No setting has a value.</summary>
    public static DomainSettings None { get; } = new();

    /// <summary>Whether the balancer may move its memory; by default it may. dom0 never is.</summary>
    public bool? Managed { get; init; }

    /// <summary>dynamic-min: never less than this.</summary>
    public KiB? Minimum { get; init; }

    /// <summary>dynamic-max: never more than this.</summary>
    public KiB? Maximum { get; init; }

    /// <summary>Shares in the host's memory, 1 to 10,000; 100 by default.</summary>
    public int? Weight { get; init; }

    /// <summary>The one size that it is to have; null to balance it.</summary>
    public KiB? Pin { get; init; }

    /// <summary>
    /// Whether the guest has swap that memory in use can be pressed into while another lacks its guaranteed share. By
    /// default what its agent reports; where that is nothing, the guest is pressed down to its boot memory and no
    /// further: nearly all guests have swap, and what they booted with is theirs.
    /// </summary>
    public bool? Swap { get; init; }

    /// <summary>
    /// Whether Qubes' meminfo-writer may report: under xl a guest cannot make its leaf, <c>memory/meminfo</c>, so we
    /// make it. By default not.
    /// </summary>
    public bool? QubesReports { get; init; }

    /// <summary>These settings, with those of <paramref name="over"/> in their place where it has a value.</summary>
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
    /// These settings with some of them changed; a value of null leaves a setting to the configuration.
    /// </summary>
    public DomainSettings With(IReadOnlyDictionary<DomainSetting, long?> changes) =>
        changes.Aggregate(this, (result, change) => change.Key.Set(result, change.Value));
}
