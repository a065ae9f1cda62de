using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Settings;

/// <summary>What the operator said of a domain; null where nothing was said.</summary>
public sealed record DomainSettings
{
    /// <summary>Nothing said.</summary>
    public static DomainSettings None { get; } = new();

    /// <summary>Whether the balancer may move its memory; by default it may. dom0 never is.</summary>
    public bool? Managed { get; init; }

    /// <summary>dynamic-min: never less than this.</summary>
    public KiB? Minimum { get; init; }

    /// <summary>dynamic-max: never more than this.</summary>
    public KiB? Maximum { get; init; }

    /// <summary>Shares in what there is, 1 to 10,000; 100 by default.</summary>
    public int? Weight { get; init; }

    /// <summary>The one size that it should have, by the operator's word; null to balance it.</summary>
    public KiB? Pin { get; init; }

    /// <summary>
    /// Whether Qubes' meminfo-writer may report: under xl a guest cannot make its leaf, <c>memory/meminfo</c>, so we make it. By default not.
    /// </summary>
    public bool? QubesReports { get; init; }

    /// <summary>These settings, with what <paramref name="over"/> says in their place.</summary>
    public DomainSettings With(DomainSettings over)
    {
        ArgumentNullException.ThrowIfNull(over);
        return new DomainSettings
        {
            Managed = over.Managed ?? Managed,
            Minimum = over.Minimum ?? Minimum,
            Maximum = over.Maximum ?? Maximum,
            Weight = over.Weight ?? Weight,
            Pin = over.Pin ?? Pin,
            QubesReports = over.QubesReports ?? QubesReports,
        };
    }

    /// <summary>These settings, with one thing taken from others.</summary>
    internal DomainSettings Replace(DomainSetting setting, DomainSettings other) => setting switch
    {
        DomainSetting.Range => this with { Minimum = other.Minimum, Maximum = other.Maximum },
        DomainSetting.Minimum => this with { Minimum = other.Minimum },
        DomainSetting.Maximum => this with { Maximum = other.Maximum },
        DomainSetting.Weight => this with { Weight = other.Weight },
        DomainSetting.Pin => this with { Pin = other.Pin },
        DomainSetting.Managed => this with { Managed = other.Managed },
        _ => throw new ArgumentOutOfRangeException(nameof(setting), setting, "is no setting"),
    };
}
