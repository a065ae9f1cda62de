using XenBalloon.Bus;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Control;

/// <summary>
/// Refuses invalid settings of a domain. Removing a setting is valid if the resulting range is.
/// </summary>
internal static class SettingCheck
{
    /// <summary>Checks all changes together.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="changes">The new values; null removes a setting, so that the configuration's is in force.</param>
    /// <param name="resulting">All settings of the domain after the change, the configuration's included.</param>
    /// <exception cref="ControlException">They are invalid; the message says why and what to do.</exception>
    internal static void Check(
        DomainSnapshot domain, IReadOnlyDictionary<DomainSetting, long?> changes, DomainSettings resulting)
    {
        if (domain.Identity.IsDom0)
        {
            throw Invalid("dom0's memory is never moved: set it with dom0_mem on Xen's command line");
        }

        foreach ((DomainSetting setting, long? value) in changes)
        {
            if (value is { } present) CheckValue(domain, setting, present);
        }

        bool changesRange = changes.ContainsKey(DomainSetting.Minimum) || changes.ContainsKey(DomainSetting.Maximum);
        if (changesRange) CheckRange(domain, resulting);
        if (changes.GetValueOrDefault(DomainSetting.Pin) is { } pin) CheckPin(domain, new KiB(pin), resulting);
    }

    private static void CheckValue(DomainSnapshot domain, DomainSetting setting, long value)
    {
        if (setting.Fault(value) is { } fault) throw Invalid(fault);
        if (setting.Kind == SettingKind.Size && new KiB(value) > domain.StaticMax)
        {
            throw Invalid(
                $"{setting} {setting.Format(value)} is above {domain.Name}'s static maximum, {domain.StaticMax}: "
                + "raise maxmem in its xl configuration");
        }
    }

    private static void CheckRange(DomainSnapshot domain, DomainSettings resulting)
    {
        // DomainRange lowers the minimum to the maximum: the minimum by itself needs the widest range.
        DomainRange widest = DomainRange.Of(domain, resulting with { Maximum = domain.StaticMax }, domain.BootMemory);
        KiB? minimum = domain.StaticMax is null ? resulting.Minimum : widest.Minimum;
        KiB? maximum = resulting.Maximum ?? domain.DynamicMax;
        if (minimum > maximum?.CeilingToPage())
        {
            throw Invalid(
                $"min {minimum} would be above max {maximum}: "
                + $"set both so that they fit (xenballoon set {domain.Name} --min SIZE --max SIZE)");
        }
    }

    private static void CheckPin(DomainSnapshot domain, KiB pin, DomainSettings resulting)
    {
        if (domain.StaticMax is null) return; // without static-max there is no range
        DomainRange range = DomainRange.Of(domain, resulting, domain.BootMemory);
        if (pin.FloorToPage() > range.Maximum)
        {
            throw Invalid(
                $"pin {pin} is above {domain.Name}'s max, {range.Maximum}: "
                + $"raise that first (xenballoon set {domain.Name} --max SIZE)");
        }

        if (pin.CeilingToPage() < range.Minimum)
        {
            throw new ControlException(
                ControlError.BelowMinimum,
                $"pin {pin} is below {domain.Name}'s min, {range.Minimum}: "
                + $"lower that first (xenballoon set {domain.Name} --min SIZE)");
        }
    }

    private static ControlException Invalid(string message) => new(ControlError.InvalidArgument, message);
}
