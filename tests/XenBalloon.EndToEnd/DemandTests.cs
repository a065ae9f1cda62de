using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>
/// A nearly full host, a large idle guest, and a working set that grows in one guest and then in another.
/// </summary>
[Category(Alone)]
public sealed class MemoryFollowsDemandTests : XenTest
{
    private const int GrowthMiB = 200;

    // A report is up to a second old, and a PVH guest holds a little more than its target.
    private const int ToleranceKiB = 6 * 1024;

    [Test]
    [RepeatedAfterEmulatorFault]
    public async Task Memory_follows_the_growing_working_set_from_guest_to_guest()
    {
        var idle = await CreateAsync("idle", GuestKind.Pv, memoryMiB: 560, maxMiB: 560);
        var busy = await CreateAsync("busy", GuestKind.Pv, memoryMiB: 256, maxMiB: 640);
        var other = await CreateAsync("other", GuestKind.Pvh, memoryMiB: 256, maxMiB: 640);
        Guest[] all = [idle, busy, other];
        foreach (var guest in all)
            await guest.BootedAsync();
        Step("three guests have booted");
        await FillHostAsync();
        var sampler = await Sampler.StartAsync(Host);

        // An emulated guest is often slower than the daemon. So the guest first swaps, to show that the daemon ends
        // that.
        var first = await GrowAsync(busy, GrowthMiB);
        await Poll.UntilAsync("the busy guest swaps", async () =>
            await busy.StatsAsync() is { SwappedKiB: > 16 * 1024, SwapIns: > 0 });
        Step("the busy guest swaps");
        await StartDaemonAsync();
        await StopsSwappingAsync(busy, first);
        Step("the first got its memory");
        var moved = await sampler.StopAsync();
        TestContext.Out.WriteLine(moved.Table(seconds: 4, all));
        await CheckAsync(moved, all, needy: busy);

        sampler = await Sampler.StartAsync(Host);
        await busy.NeedAsync(0);
        var second = await GrowAsync(other, GrowthMiB);
        await StopsSwappingAsync(other, second);
        Step("the second got its memory");
        moved = await sampler.StopAsync();
        TestContext.Out.WriteLine(moved.Table(seconds: 4, all));
        await CheckAsync(moved, all, needy: other);
    }

    /// <summary>
    /// Makes the working set larger by <paramref name="mib"/> than what the guest can hold now. Returns the new size,
    /// MiB.
    /// </summary>
    private static async Task<int> GrowAsync(Guest guest, int mib)
    {
        var set = (int)(await guest.AvailableKiBAsync() / 1024) + mib;
        await guest.NeedAsync(set);
        return set;
    }

    /// <summary>
    /// Waits until the guest has touched its whole working set for 10 s of its time without swapping in.
    /// </summary>
    private static async Task StopsSwappingAsync(Guest guest, int setMiB)
    {
        GuestStats? since = null;
        await Poll.UntilAsync($"{guest.Name} holds {setMiB} MiB and does not swap", async () =>
        {
            var now = await guest.StatsAsync();
            if (now is null || now.HeldMiB < setMiB || since is null || now.SwapIns > since.SwapIns)
                since = now;
            return now is not null && now.HeldMiB >= setMiB && now.UptimeSeconds - since!.UptimeSeconds >= 10
                && now.Passes >= since.Passes + 2;
        });
    }

    private static async Task CheckAsync(Timeline timeline, IReadOnlyList<Guest> guests, Guest needy)
    {
        foreach (var guest in guests)
        {
            Assert.That(await guest.AliveAsync(), Is.True, $"{guest.Name} died");
            var samples = timeline.Of(guest);
            Assert.That(samples[^1].Stats!.OomKills, Is.Zero, $"{guest.Name} had an OOM kill");
            var below = samples.FirstOrDefault(s => s.Target + ToleranceKiB < s.Used);
            Assert.That(below, Is.Null, $"{guest.Name} was taken below what it uses");
        }
        foreach (var guest in guests.Where(g => g != needy))
        {
            var samples = timeline.Of(guest);
            var swappedIn = samples[^1].Stats!.SwapIns - samples[0].Stats!.SwapIns;
            Assert.That(swappedIn, Is.LessThan(256), $"{guest.Name}, which gave memory, swapped pages in");
        }
        Assert.That(
            timeline.Samples.Min(s => s.HostFree),
            Is.AtLeast(SlackMiB * 1024),
            "the hypervisor's free memory fell below slack");
        var got = timeline.Of(needy);
        Assert.That(
            got[^1].Actual - got[0].Actual,
            Is.AtLeast(GrowthMiB * 9 / 10 * 1024),
            $"{needy.Name} did not get its memory");
    }
}

/// <summary>Files in a tmpfs: the kernel counts them as cache, but without swap it cannot reclaim them.</summary>
[Category(CountedClock)]
public sealed class FilesInMemoryTests : XenTest
{
    private const int Rounds = 2, GrowthMiB = 160, MemoryMiB = 256;

    [Test]
    public async Task Swapless_guest_that_fills_a_tmpfs_gets_free_memory_in_time()
    {
        var writer = await CreateAsync(
            "writer",
            GuestKind.Pv,
            MemoryMiB,
            640,
            GuestTraits.Agent | GuestTraits.Killable | GuestTraits.NoSwap);
        await writer.BootedAsync();
        Step("the guest has booted");

        var rounds = new List<Delivery>();
        for (var i = 0; i < Rounds; i++)
        {
            rounds.Add(await RoundAsync(writer));
            Step($"round {i + 1}: {rounds[i]}");
        }

        TestContext.Out.WriteLine(
            Delivery.Table(
                $"files in a tmpfs: {GrowthMiB} MiB more than the guest has, from a host with free memory",
                rounds));
        Assert.That((await writer.StatsAsync())!.OomKills, Is.Zero);
    }

    private async Task<Delivery> RoundAsync(Guest writer)
    {
        await writer.KeepFilesAsync(0);
        await Poll.UntilAsync("there are no files", async () => (await writer.StatsAsync())!.FilesMiB == 0);
        await writer.AgentIsUpToDateAsync();
        var daemon = await StartDaemonAsync("observe");
        await writer.SetMemoryAsync(MemoryMiB);
        await Daemon.AgentsReportAsync(Host, writer);
        var recorder = await Recorder.StartAsync(Host, writer);
        await Daemon.ActivateAsync(Host);

        var growth = GrowthMiB * 1024L;
        var files = (int)((await writer.AvailableKiBAsync() + growth) / 1024);
        await writer.KeepFilesAsync(files);
        await Poll.UntilAsync($"the files have {files} MiB, or the writer was killed", async () =>
            await writer.StatsAsync() is { } stats && (stats.FilesMiB >= files || stats.OomKills > 0));
        Assert.That((await writer.StatsAsync())!.OomKills, Is.Zero, "the writer was killed for lack of memory");

        var recording = await recorder.StopAsync();
        await daemon.StopAsync();
        return Delivery.Of(recording, writer, files, growth);
    }
}
