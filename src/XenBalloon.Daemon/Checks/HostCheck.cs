using System.Collections.Immutable;

namespace XenBalloon.Daemon.Checks;

/// <summary>All checks.</summary>
internal static class HostCheck
{
    /// <summary>Judges a host.</summary>
    /// <returns>The findings, in the order of <see cref="FindingId"/>, and guest by guest.</returns>
    internal static ImmutableArray<Finding> Run(HostFacts facts) =>
    [
        .. ServiceChecks.Configuration(facts),
        ServiceChecks.User(facts),
        .. ServiceChecks.Xen(facts),
        ServiceChecks.Bus(facts),
        ServiceChecks.BusPolicy(facts),
        ServiceChecks.Daemon(facts),
        ServiceChecks.State(facts),
        Dom0Checks.XlSettings(facts),
        Dom0Checks.XlAutoballoon(facts),
        .. Dom0Checks.Memory(facts),
        .. ToolstackChecks.Balancers(facts),
        .. ToolstackChecks.Libvirt(facts),
        ToolstackChecks.XlWrapper(facts),
        ToolstackChecks.Xendomains(facts),
        .. GuestChecks.Run(facts),
    ];
}
