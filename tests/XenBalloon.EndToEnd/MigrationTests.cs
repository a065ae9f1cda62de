using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>Guests that are sent away, to this host or to a file, while memory moves.</summary>
public sealed class MigrationTests : XenTest
{
    // Small, because dom0 keeps the saved guest in memory.
    private const int MemoryMiB = 128, MaxMiB = 256;

    [Test]
    [RepeatedAfterEmulatorFault]
    public async Task Guest_is_saved_and_migrated_with_its_size_though_its_minimum_is_raised_meanwhile()
    {
        // PVH: Debian's Xen cannot follow a PV guest's writes, so that xl cannot migrate one.
        var guest = await CreateAsync("sent", GuestKind.Pvh, MemoryMiB, MaxMiB, GuestTraits.Agent);
        await guest.BootedAsync();
        // Enough for a copy of the guest, and for all that it may grow.
        await FillHostAsync(besideMiB: MemoryMiB + 16 + MaxMiB - MemoryMiB);
        await StartDaemonAsync(settings: "keep-free = 0m");
        await Daemon.AgentsReportAsync(Host, guest);

        var restored = await SendAsync(
            guest,
            "xl save {0} /tmp/saved && xl restore /tmp/saved; s=$?; rm -f /tmp/saved; exit $s",
            minimumMiB: 160);
        await SendAsync(restored, "xl migrate -s '' {0} 'xl migrate-receive'", minimumMiB: 192);
    }

    /// <summary>
    /// Sends the guest with the commands, in which {0} is its name, raises its minimum as soon as its memory is being
    /// sent, and waits until it has that much where it arrived.
    /// </summary>
    private async Task<Guest> SendAsync(Guest guest, string commands, int minimumMiB)
    {
        var before = await SizeMiB.OfAsync(guest);
        var sampler = await Sampler.StartAsync(Host);
        var sending = Host.TryAsync(commands.Replace("{0}", guest.Name, StringComparison.Ordinal));
        // The brackets keep the command's own shell from matching.
        await Poll.UntilAsync("the guest's memory is being sent", async () =>
            sending.IsCompleted || (await Host.TryAsync("ps | grep -q '[l]ibxl-save-helper --save'")).ExitCode == 0);
        var since = await UptimeMillisecondsAsync();
        await Host.RunAsync($"xenballoon set {guest.Domid} --min {minimumMiB}m --runtime");
        var sent = await sending;
        TestContext.Out.WriteLine(sent.Output);
        var arrived = await guest.CurrentAsync();
        var timeline = await sampler.StopAsync();
        var first = timeline.Of(arrived).First(s => s.Target is not null);
        Step($"before {before} MiB, after {first.Target / 1024}/{first.Actual / 1024} MiB");
        // libxl removes the nodes before the domain is gone.
        var meanwhile = timeline.Of(guest).Where(s => s.Milliseconds >= since && s.Target is not null).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(sent.ExitCode, Is.Zero, sent.Output);
            Assert.That(arrived.Domid, Is.GreaterThan(guest.Domid), "it was not sent");
            Assert.That(
                meanwhile.Select(s => s.Target).Distinct().Count(),
                Is.AtMost(1),
                "its target was written while it was sent");
            Assert.That(
                meanwhile.Select(s => s.MaxMem).Distinct().Count(),
                Is.AtMost(1),
                "its cap was changed while it was sent");
            Assert.That(first.Target / 1024, Is.EqualTo(before.Target), "it arrived with another target");
        }

        await arrived.BootedAsync();
        await Poll.UntilAsync("it has its minimum", async () =>
            await SizeMiB.OfAsync(arrived) is var size && size.Target >= minimumMiB && size.Held >= minimumMiB - 4);
        Assert.That((await arrived.StatsAsync())!.OomKills, Is.Zero);
        return arrived;
    }

    private static async Task<long> UptimeMillisecondsAsync() =>
        (long)(1000 * double.Parse(
            (await Host.RunAsync("cut -d' ' -f1 /proc/uptime")).Trim(),
            System.Globalization.CultureInfo.InvariantCulture));
}
