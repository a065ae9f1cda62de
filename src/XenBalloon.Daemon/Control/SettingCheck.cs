using XenBalloon.Bus;
using XenBalloon.Core;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Control;

/// <summary>Refuses what cannot be meant of a domain.</summary>
internal static class SettingCheck
{
    private const int LeastWeight = 1, MostWeight = 10_000;

    /// <summary>Checks.</summary>
    /// <exception cref="ControlRefusedException">It cannot be meant; the message says why.</exception>
    internal static void Check(DomainDecision domain, DomainSetting setting, DomainSettings said)
    {
        string name = domain.Domain.Name;
        if (domain.Domain.Identity.IsDom0) throw Invalid("dom0's memory is never moved: set it with dom0_mem on Xen's command line");
        if (setting == DomainSetting.Weight && said.Weight is < LeastWeight or > MostWeight) throw Invalid($"a weight is {LeastWeight} to {MostWeight}");
        CheckSize(domain, said.Minimum, "minimum");
        CheckSize(domain, said.Maximum, "maximum");
        CheckSize(domain, said.Pin, "pin");
        if (setting == DomainSetting.Range && (said.Minimum ?? domain.Minimum) is { } minimum && said.Maximum is { } maximum && minimum > maximum)
        {
            throw Invalid($"the minimum, {minimum}, is more than the maximum, {maximum}");
        }

        if (said.Pin < domain.Minimum)
        {
            throw new ControlRefusedException(
                ControlRefusal.BelowMinimum, $"{said.Pin} is below {name}'s minimum, {domain.Minimum}: lower that first (xenballoon set {name} --min)");
        }
    }

    private static void CheckSize(DomainDecision domain, KiB? size, string what)
    {
        if (size is not { } given) return;
        if (given < KiB.Page) throw Invalid($"a {what} of {given} is too small to mean anything");
        if (given > domain.Domain.StaticMax)
        {
            throw Invalid($"the {what}, {given}, is more than {domain.Domain.Name} can ever have, {domain.Domain.StaticMax}: raise maxmem in its xl configuration");
        }
    }

    private static ControlRefusedException Invalid(string message) => new(ControlRefusal.InvalidArgument, message);
}
