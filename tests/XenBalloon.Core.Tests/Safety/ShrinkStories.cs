using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests.Safety;

/// <summary>Stories in which a guest could lose what it uses.</summary>
internal static class ShrinkStories
{
    internal static string? A_balloon_does_not_answer(HostBuilder host)
    {
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(400) };
        host.With(1, 900, 1024).WithFree(100);
        host[1] = host[1] with { Target = KiB.FromMiB(600) };
        for (int i = 0; i < 10; i++)
        {
            foreach (HostCommand command in host.Passes(1).Reports(1, 300).Decide().Commands)
            {
                if (command.Kind == HostCommandKind.SetMaxMem) host.Carry(command);
            }
        }

        return host[1].MaxMem < host[1].Actual ? $"capped at {host[1].MaxMem}, it holds {host[1].Actual}: it can allocate nothing" : null;
    }

    internal static string? A_guest_breathes(HostBuilder host)
    {
        Contended(host);
        for (int i = 0; i < 20; i++)
        {
            long use = i % 2 == 0 ? 800 : 700;
            if (Lost(host, use) is { } harm) return harm;
            host.Passes(1).Reports(1, use).Reports(2, 2000).Act();
        }

        return null;
    }

    internal static string? A_kernel_keeps_most_of_the_memory_for_itself(HostBuilder host)
    {
        host.With(1, 900, 1024).With(2, 600, 1024).WithFree(32).Reports(2, 560);
        host[1] = host[1] with { Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(100), KiB.FromMiB(180), host.Now) };
        host.Act();
        KiB given = KiB.FromMiB(900) - host[1].Actual;
        return given > KiB.FromMiB(80) ? $"{given} are gone of the 80 MiB that it had available" : null;
    }

    internal static string? A_guest_grows_between_two_reports(HostBuilder host)
    {
        Contended(host).Reports(1, 300).Reports(2, 2000).Act();
        for (int i = 0; i < 3; i++) host.Passes(1).Reports(2, 2000).Act();
        return Lost(host, 600);
    }

    internal static string? A_guest_grew_long_after_its_last_report(HostBuilder host)
    {
        host.With(1, 900, 1024).With(2, 512, 1024).WithFree(32).Reports(1, 100, new GuestVitals()).Reports(2, 100).Decide();
        host.Passes(60).Reports(2, 472).Act();
        return Lost(host, 800);
    }

    internal static string? A_guest_waited_for_memory_seconds_ago(HostBuilder host)
    {
        host.With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100, new GuestVitals { MemorySome = 0.5 }).Reports(2, 216).Decide();
        host.Passes(3).Reports(1, 100, new GuestVitals { MemorySome = 0 }).Reports(2, 216).Act();
        return host[1].Target < KiB.FromMiB(900) ? $"lowered to {host[1].Target}" : null;
    }

    internal static string? A_guest_without_swap_uses_more_than_its_share(HostBuilder host)
    {
        host.With(1, 1024, 2048).With(2, 256, 1024).WithFree(32);
        for (int i = 0; i < 30; i++) host.Passes(1).Reports(1, 2000, new GuestVitals { SwapTotal = KiB.Zero, SwapUsed = KiB.Zero }).Reports(2, 2000).Act();
        return Lost(host, 1024 - 40);
    }

    /// <summary>A domain of 1000 MiB whose neighbour lacks memory and is entitled to nearly all of it.</summary>
    private static HostBuilder Contended(HostBuilder host)
    {
        host.Settings = host.Settings with { PressToShare = false, Rules = [new DomainRule("g2", new DomainSettings { Weight = 10_000 })] };
        return host.With(1, 1000, 1024).With(2, 1000, 4096).WithFree(32);
    }

    private static string? Lost(HostBuilder host, long usedMib)
    {
        KiB needed = KiB.FromMiB(usedMib) + HostBuilder.Overhead;
        return host[1].Actual < needed ? $"it holds {host[1].Actual} and needs {needed}" : null;
    }
}
