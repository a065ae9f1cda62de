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
    /// <param name="domain">The domain, as it is now.</param>
    /// <param name="setting">What something is said of.</param>
    /// <param name="said">What.</param>
    /// <param name="resulting">All that would hold for it then.</param>
    /// <exception cref="ControlRefusedException">It cannot be meant; the message says why.</exception>
    internal static void Check(DomainDecision domain, DomainSetting setting, DomainSettings said, DomainSettings resulting)
    {
        string name = domain.Domain.Name;
        if (domain.Domain.Identity.IsDom0) throw Invalid("dom0's memory is never moved: set it with dom0_mem on Xen's command line");
        if (setting == DomainSetting.Weight && said.Weight is < LeastWeight or > MostWeight) throw Invalid($"a weight is {LeastWeight} to {MostWeight}");
        CheckSize(domain, said.Minimum, "minimum");
        CheckSize(domain, said.Maximum, "maximum");
        CheckSize(domain, said.Pin, "pin");
        if (setting is DomainSetting.Range or DomainSetting.Minimum or DomainSetting.Maximum) CheckRange(domain, resulting);
        if (said.Pin > domain.Maximum) throw Invalid($"{said.Pin} is above {name}'s maximum, {domain.Maximum}: raise that first (xenballoon set {name} --max SIZE)");
        if (said.Pin < domain.Minimum)
        {
            throw new ControlRefusedException(
                ControlRefusal.BelowMinimum, $"{said.Pin} is below {name}'s minimum, {domain.Minimum}: lower that first (xenballoon set {name} --min SIZE)");
        }
    }

    /// <summary>Where one end is left to the configuration or to the defaults, it is theirs that counts, and not what is in force still.</summary>
    private static void CheckRange(DomainDecision domain, DomainSettings resulting)
    {
        KiB minimum = DomainRange.Of(domain.Domain, resulting with { Maximum = null }, domain.Domain.BootMemory).Minimum;
        if (minimum > resulting.Maximum) throw Invalid($"the minimum, {minimum}, is more than the maximum, {resulting.Maximum}: set both so that they fit (xenballoon set {domain.Domain.Name} --min SIZE --max SIZE)");
    }

    private static void CheckSize(DomainDecision domain, KiB? size, string what)
    {
        if (size is not { } given) return;
        if (given < KiB.Page) throw Invalid($"a {what} of {given} is too small to mean anything");
        if (given > KiB.Largest) throw Invalid($"a {what} of {given} is more memory than any machine has");
        if (given > domain.Domain.StaticMax)
        {
            throw Invalid($"the {what}, {given}, is more than {domain.Domain.Name} can ever have, {domain.Domain.StaticMax}: raise maxmem in its xl configuration");
        }
    }

    private static ControlRefusedException Invalid(string message) => new(ControlRefusal.InvalidArgument, message);
}
