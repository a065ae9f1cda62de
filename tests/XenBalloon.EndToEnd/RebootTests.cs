using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>Shrunk guests that reboot while a neighbour wants all memory.</summary>
public sealed class RebootTests : XenTest
{
    private const int BootMiB = 256, MaxMiB = 512;

    // An idle guest uses about 100 MiB, so it can give what makes the difference to its boot memory.
    private const int ShrunkMiB = 200;

    [Test]
    [RepeatedAfterEmulatorFault]
    public async Task Shrunk_guest_that_reboots_under_pressure_returns_and_gets_its_boot_memory_back()
    {
        const GuestTraits Traits = GuestTraits.Agent | GuestTraits.Restarts;
        var hungry = await CreateAsync("hungry", GuestKind.Pv, memoryMiB: 256, maxMiB: 1024, GuestTraits.Agent);
        var pv = await CreateAsync("pv", GuestKind.Pv, BootMiB, MaxMiB, Traits);
        var pvh = await CreateAsync("pvh", GuestKind.Pvh, BootMiB, MaxMiB, Traits);
        foreach (var guest in new[] { hungry, pv, pvh })
            await guest.BootedAsync();
        await FillHostAsync();
        await StartDaemonAsync();
        await Daemon.AgentsReportAsync(Host, hungry, pv, pvh);
        await hungry.NeedAsync((int)(await hungry.AvailableKiBAsync() / 1024) + 512);

        var reboots = new List<Reboot>();
        foreach (var (byPv, byPvh) in new[] { (RebootBy.Xl, RebootBy.Guest), (RebootBy.Crash, RebootBy.Xl) })
        {
            pv = await AddAsync(reboots, pv, GuestKind.Pv, byPv);
            pvh = await AddAsync(reboots, pvh, GuestKind.Pvh, byPvh);
        }

        TestContext.Out.WriteLine(Reboot.Table(reboots));
        // While it lives, it keeps what it recently used, as the others lack nothing.
        var killed = (await hungry.StatsAsync())!.OomKills;
        await hungry.DestroyAsync();
        foreach (var guest in new[] { pv, pvh })
            await Poll.UntilAsync($"{guest.Name} has its boot memory back", async () =>
                (await SizeMiB.OfAsync(guest)).Held >= BootMiB - 4);
        using (Assert.EnterMultipleScope())
        {
            // The target may not be written yet when the next domain appears.
            Assert.That(
                reboots.Where(reboot => reboot.AtCreation.Target < reboot.Before.Target),
                Is.Empty,
                "a guest was created with less than it left with");
            Assert.That(killed, Is.Zero, hungry.Name);
            foreach (var guest in new[] { pv, pvh })
            {
                Assert.That(await guest.AliveAsync(), Is.True, guest.Name);
                Assert.That((await guest.StatsAsync())!.OomKills, Is.Zero, guest.Name);
            }
        }
    }

    private async Task<Guest> AddAsync(List<Reboot> reboots, Guest guest, GuestKind kind, RebootBy by)
    {
        await Poll.UntilAsync($"{guest.Name} is shrunk", async () =>
            await SizeMiB.OfAsync(guest) is { Target: < ShrunkMiB, Held: < ShrunkMiB + 8 });
        var reboot = await Reboot.OfAsync(guest, kind, by, BootMiB);
        reboots.Add(reboot);
        Step($"{guest.Name} ({by}): before {reboot.Before}, created {reboot.AtCreation}, after {reboot.After} MiB");
        return reboot.Guest;
    }
}
