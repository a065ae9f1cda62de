using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

public sealed class ObserveTests : XenTest
{
    [Test]
    public async Task In_observe_mode_nothing_is_written_whatever_the_demand()
    {
        var idle = await CreateAsync("idle", GuestKind.Pv, memoryMiB: 512, maxMiB: 512);
        var busy = await CreateAsync("busy", GuestKind.Pv, memoryMiB: 224, maxMiB: 512);
        await idle.BootedAsync();
        await busy.BootedAsync();
        await FillHostAsync();
        var sampler = await Sampler.StartAsync(Host);
        var watch = (await Host.RunAsync("xenstore-watch /local/domain /vm /libxl > /tmp/watched 2>&1 & echo $!")).Trim();
        await Poll.UntilAsync("the watch is set", async () => (await Host.TryAsync("test -s /tmp/watched")).ExitCode == 0);
        await StartDaemonAsync("observe");

        await busy.NeedAsync((int)(await busy.AvailableKiBAsync() / 1024) + 100);
        await Poll.UntilAsync("the daemon sees the demand", async () =>
            await Daemon.KiBAsync(Host, busy, "Want") > await busy.TargetKiBAsync());
        var seen = (await busy.StatsAsync())!.UptimeSeconds;
        await Poll.UntilAsync("the daemon has looked on for ten seconds", async () => (await busy.StatsAsync())!.UptimeSeconds >= seen + 10);

        await Host.RunAsync($"kill {watch}");
        // The first line of each watch is its own registration. Guests write below data/, and the test itself writes data/eat there.
        var writes = (await Host.ReadFileAsync("/tmp/watched")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(path => path is not ("/local/domain" or "/vm" or "/libxl") && !path.Contains("/data/", StringComparison.Ordinal));
        var timeline = await sampler.StopAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(writes, Is.Empty);
            foreach (var guest in new[] { idle, busy })
            {
                Assert.That(timeline.Of(guest).Select(s => s.MaxMem).Distinct().Count(), Is.EqualTo(1), $"maxmem of {guest.Name} was changed");
                Assert.That(timeline.Of(guest).Select(s => s.Target).Distinct().Count(), Is.EqualTo(1), $"the target of {guest.Name} was changed");
            }
        }
    }
}
