using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>Files in a tmpfs: the kernel counts them among its caches, and a guest without swap can neither drop them nor put them elsewhere.</summary>
public sealed class FilesInMemoryTests : XenTest
{
    private const int Rounds = 4, GrowthMiB = 160, MemoryMiB = 256;

    [Test]
    public async Task A_guest_without_swap_that_fills_a_tmpfs_gets_what_the_host_has_free_in_time()
    {
        var writer = await CreateAsync("writer", GuestKind.Pv, MemoryMiB, 640, GuestTraits.Agent | GuestTraits.Killable | GuestTraits.NoSwap);
        await writer.BootedAsync();
        Step("the guest has booted");

        var rounds = new List<Delivery>();
        for (var i = 0; i < Rounds; i++)
        {
            rounds.Add(await RoundAsync(writer));
            Step($"round {i + 1}: {rounds[i]}");
        }

        TestContext.Out.WriteLine(Delivery.Table($"files in a tmpfs: {GrowthMiB} MiB more than the guest has, from a host with free memory", rounds));
        Assert.That((await writer.StatsAsync())!.OomKills, Is.Zero);
    }

    private async Task<Delivery> RoundAsync(Guest writer)
    {
        await writer.KeepFilesAsync(0);
        await Poll.UntilAsync("there are no files", async () => (await writer.StatsAsync())!.FilesMiB == 0);
        await writer.AgentIsUpToDateAsync();
        var daemon = await StartDaemonAsync("observe");
        await writer.SetMemoryAsync(MemoryMiB);
        await Daemon.HearsAgentsAsync(Host, writer);
        var recorder = await Recorder.StartAsync(Host, writer);
        await Daemon.ActivateAsync(Host);

        var growth = GrowthMiB * 1024L;
        var files = (int)((await writer.AvailableKiBAsync() + growth) / 1024);
        await writer.KeepFilesAsync(files);
        await Poll.UntilAsync($"the files have {files} MiB, or their writer was killed", async () =>
            await writer.StatsAsync() is { } stats && (stats.FilesMiB >= files || stats.OomKills > 0));
        Assert.That((await writer.StatsAsync())!.OomKills, Is.Zero, "the writer was killed for memory");

        var recording = await recorder.StopAsync();
        await daemon.StopAsync();
        return Delivery.Of(recording, writer, files, growth);
    }
}
