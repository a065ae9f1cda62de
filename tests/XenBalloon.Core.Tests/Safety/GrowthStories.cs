using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Safety;

/// <summary>Stories in which memory could be promised that is not there.</summary>
internal static class GrowthStories
{
    internal static string? Others_are_still_to_give_what_one_needs(HostBuilder host) =>
        Overpromised(host.With(1, 900, 1024).With(2, 256, 1024).WithFree(52).Reports(1, 100).Reports(2, 216));

    internal static string? What_is_free_was_granted_a_moment_ago(HostBuilder host)
    {
        host.With(1, 900, 1024).With(2, 256, 1024).WithFree(52).Reports(2, 216);
        host[1] = host[1] with { Target = KiB.FromMiB(915), MaxMem = KiB.FromMiB(916) };
        return Overpromised(host);
    }

    internal static string? What_is_free_is_reserved(HostBuilder host)
    {
        host.With(1, 256, 1024).WithFree(132).Reports(1, 216);
        host.Reserve(100);
        return Overpromised(host);
    }

    internal static string? A_large_domain_is_being_built(HostBuilder host)
    {
        host.With(1, 256, 1024).With(2, 100, 512).WithFree(450).Reports(1, 216);
        host[2] = host[2] with { Lifecycle = DomainLifecycle.Building, Target = null };
        host.Act();
        return host.Free < KiB.FromMiB(400) ? $"{host.Free} are left of the 400 MiB that the toolstack has yet to populate" : null;
    }

    internal static string? A_domain_wakes_when_its_memory_is_gone(HostBuilder host)
    {
        host.With(1, 700, 1024).WithFree(100);
        host[1] = host[1] with { Actual = KiB.FromMiB(500), Lifecycle = DomainLifecycle.Paused };
        host.Decide();
        host.Passes(5).Act();
        host.With(2, 250, 1024);
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Running };
        host.Passes(1).Act();
        return host[1].MaxMem - host[1].Actual > host.Free ? $"it may take up to {host[1].MaxMem}, and {host.Free} are free" : null;
    }

    private static string? Overpromised(HostBuilder host)
    {
        Plan plan = host.Decide();
        KiB promised = new(plan.Domains.Sum(one => KiB.Max(KiB.Zero, one.Target!.Value - one.Domain.Actual).Value));
        KiB mine = host.Free - plan.Host.Slack - plan.Host.Reserved;
        return promised > mine ? $"{promised} are promised, of {mine} to give" : null;
    }
}
