using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>The hypervisor's limits of domains, which libxl and operators set too.</summary>
[Category(CountedClock)]
public sealed class CapTests : XenTest
{
    private const int MemoryMiB = 128, MaxMiB = 384, VideoMiB = 16, ByHandMiB = 224;

    [Test]
    public async Task Cap_of_an_unfinished_domain_stays_and_a_maximum_set_with_xl_bounds_growth()
    {
        // As while xl builds an HVM guest: the cap includes the video memory, which QEMU takes later.
        var unfinished = await CreateAsync("unfinished", GuestKind.Pv, MemoryMiB, MaxMiB, paused: true);
        await Host.RunAsync($"xenstore-write {unfinished.Path}/memory/videoram {VideoMiB * 1024}");
        await LowerCapAsync(unfinished, MemoryMiB + VideoMiB);
        var bounded = await CreateAsync("bounded", GuestKind.Pv, MemoryMiB + 64, MaxMiB, GuestTraits.Agent);
        await bounded.BootedAsync();
        await StartDaemonAsync(settings: "keep-free = 0m");
        await Daemon.AgentsReportAsync(Host, bounded);
        await LowerCapAsync(bounded, ByHandMiB);
        var sampler = await Sampler.StartAsync(Host);

        // More than its maximum allows; it swaps the rest.
        await bounded.NeedAsync(ByHandMiB + 32);
        await Poll.UntilAsync("it has grown to its maximum", async () =>
            await bounded.TargetKiBAsync() >= (ByHandMiB - 16) * 1024);
        var grown = (await bounded.StatsAsync())!;
        await Poll.UntilAsync("it has been short of memory for ten seconds", async () =>
            await bounded.StatsAsync() is { SwapOuts: > 0 } now && now.UptimeSeconds >= grown.UptimeSeconds + 10);

        var timeline = await sampler.StopAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                timeline.Of(unfinished).Select(s => s.MaxMem).Distinct().Count(),
                Is.EqualTo(1),
                "the cap of a domain that has never run was changed");
            Assert.That(
                timeline.Of(bounded).Max(s => s.Target),
                Is.AtMost((ByHandMiB + 1) * 1024),
                "growth exceeded the maximum set with xl");
            Assert.That(
                timeline.Of(bounded).Max(s => s.MaxMem),
                Is.AtMost((ByHandMiB + 1) * 1024),
                "the maximum set with xl was raised");
            Assert.That((await bounded.StatsAsync())!.OomKills, Is.Zero);
        }
    }

    /// <summary>Sets the cap as <c>xl mem-max</c> of Xen 4.16 does, which leaves static-max.</summary>
    private static Task<string> LowerCapAsync(Guest guest, int mib) => Host.RunAsync(
        $"xl mem-max {guest.Name} {mib} && xenstore-write {guest.Path}/memory/static-max {MaxMiB * 1024}");
}
