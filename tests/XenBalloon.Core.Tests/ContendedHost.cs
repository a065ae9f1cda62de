using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>A host on which the first domain has more than its share, and the second lacks its own.</summary>
internal static class ContendedHost
{
    internal static GuestVitals WithSwap { get; } = new() { SwapTotal = KiB.FromMiB(2048), SwapUsed = KiB.Zero };

    internal static void Say(HostBuilder host, DomainSettings settings) =>
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", settings)] };

    internal static HostBuilder Contended(int bootMib)
    {
        HostBuilder host = Contended();
        host[1] = host[1] with { BootMemory = KiB.FromMiB(bootMib) };
        return host;
    }

    internal static HostBuilder Contended() => new HostBuilder().With(1, 1024, 2048).With(2, 256, 1024).WithFree(32);

    internal static void Use(HostBuilder host, int seconds, GuestVitals? vitals) => Use(host, seconds, vitals, vitals);

    internal static void Use(HostBuilder host, int seconds, GuestVitals? first, GuestVitals? second)
    {
        for (int i = 0; i < seconds; i++) host.Passes(1).Reports(1, 2000, first).Reports(2, 2000, second).Act();
    }
}
