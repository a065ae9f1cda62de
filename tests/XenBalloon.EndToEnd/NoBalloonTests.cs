using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>A guest that does not answer its target.</summary>
public sealed class NoBalloonTests : XenTest
{
    private const int MemoryMiB = 224;

    [Test]
    [RepeatedAfterEmulatorFault]
    public async Task Guest_without_balloon_driver_gets_its_target_back_and_survives_a_reboot()
    {
        // Its next boot is populated on demand if its target is less than its memory.
        var deaf = await CreateAsync(
            "deaf",
            GuestKind.Pvh,
            MemoryMiB,
            MemoryMiB,
            GuestTraits.Agent | GuestTraits.NoBalloon | GuestTraits.Restarts);
        var hungry = await CreateAsync("hungry", GuestKind.Pv, memoryMiB: 256, maxMiB: 1024, GuestTraits.Agent);
        await deaf.BootedAsync();
        await hungry.BootedAsync();
        await FillHostAsync();
        // Read before the daemon is active: it may want memory for starts at once.
        var before = await SizeMiB.OfAsync(deaf);
        await StartDaemonAsync();
        await Daemon.AgentsReportAsync(Host, deaf, hungry);

        await hungry.NeedAsync((int)(await hungry.AvailableKiBAsync() / 1024) + 512);
        await Poll.UntilAsync("it is requested to give memory", async () =>
            (await SizeMiB.OfAsync(deaf)).Target < before.Target);
        Step($"target {(await SizeMiB.OfAsync(deaf)).Target} MiB; it holds {before.Held} MiB");

        await Poll.UntilAsync("it has its target back", async () =>
            (await SizeMiB.OfAsync(deaf)).Target == before.Target);
        Assert.That((await SizeMiB.OfAsync(deaf)).Held, Is.EqualTo(before.Held), "it has a balloon");
        deaf = await deaf.RebootAsync(RebootBy.Xl);
        await deaf.BootedAsync();
        await deaf.NeedAsync(MemoryMiB / 2);
        await Poll.UntilAsync("it works", async () => (await deaf.StatsAsync())!.HeldMiB == MemoryMiB / 2);
        Assert.That(await deaf.AliveAsync(), Is.True);
    }
}
