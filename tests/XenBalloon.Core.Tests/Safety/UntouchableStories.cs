using XenBalloon.Core.Hosts;

namespace XenBalloon.Core.Tests.Safety;

/// <summary>Stories of idle domains that must be left what they have, next to one in need.</summary>
internal static class UntouchableStories
{
    internal static string? A_domain_is_paused(HostBuilder host) => Touched(host, idle => idle with { Lifecycle = DomainLifecycle.Paused });

    internal static string? A_domain_is_not_populated_yet(HostBuilder host) => Touched(host, idle => idle with { PopulatesOnDemand = true });

    internal static string? A_device_is_passed_through(HostBuilder host) => Touched(host, idle => idle with { HasPassthrough = true });

    private static string? Touched(HostBuilder host, Func<DomainSnapshot, DomainSnapshot> change)
    {
        host.With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100).Reports(2, 216);
        host[1] = change(host[1]);
        Plan plan = host.Decide();
        return HostBuilder.CommandsOf(plan, 1) is [{ } first, ..] ? $"it is told to {first}" : null;
    }
}
