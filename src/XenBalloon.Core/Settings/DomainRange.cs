using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Settings;

/// <summary>The range that a domain's memory may be moved in.</summary>
/// <param name="Minimum">dynamic-min.</param>
/// <param name="Maximum">dynamic-max, no less than the minimum.</param>
public readonly record struct DomainRange(KiB Minimum, KiB Maximum)
{
    /// <summary>
    /// Without a configured minimum a domain is never taken below this part of its static-max, however little it uses; but what it booted with is enough.
    /// </summary>
    private const double DefaultMinimumPart = 0.125;

    private static readonly KiB DefaultMinimum = KiB.FromMiB(128);

    /// <summary>Whether there is anything to move.</summary>
    public bool IsEmpty => Maximum <= Minimum;

    /// <summary>
    /// The range in force: what the operator said, else XAPI's keys, else the defaults; never above static-max, which cannot be allocated, nor below a page.
    /// Video memory is part of static-max but not of a target.
    /// </summary>
    /// <param name="domain">The domain now.</param>
    /// <param name="settings">What the operator said of it.</param>
    /// <param name="bootMemory">What it booted with; null where that is not known.</param>
    public static DomainRange Of(DomainSnapshot domain, DomainSettings settings, KiB? bootMemory)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(settings);
        if (domain.StaticMax is not { } staticMax) return default;
        KiB ceiling = KiB.Max(KiB.Page, (staticMax - domain.VideoRam).FloorToPage());
        KiB maximum = (settings.Maximum ?? domain.DynamicMax ?? ceiling).Clamp(KiB.Page, ceiling);
        KiB enough = KiB.Min(bootMemory ?? ceiling, KiB.Max(DefaultMinimum, ceiling.Times(DefaultMinimumPart)));
        KiB minimum = settings.Minimum ?? domain.DynamicMin ?? enough;
        return new DomainRange(minimum.CeilingToPage().Clamp(KiB.Page, maximum.FloorToPage()), maximum.FloorToPage());
    }
}
