using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>Checks of the rig itself: does it move memory, and does it notice harm?</summary>
public sealed class RigTests : XenTest
{
    [TestCase(GuestKind.Pv, Category = CountedClock)]
    [TestCase(GuestKind.Pvh)]
    [RepeatedAfterEmulatorFault]
    public async Task Guest_follows_its_target_down_and_up(GuestKind kind)
    {
        var guest = await CreateAsync("mover", kind, memoryMiB: 256, maxMiB: 384);
        await guest.BootedAsync();

        await guest.SetMemoryAsync(192);

        await guest.SetMemoryAsync(384);
    }

    [Test]
    [Category(CountedClock)]
    public async Task Too_small_mem_set_kills_a_busy_guest()
    {
        var busy = await BusyGuestAsync(this);

        // Takes from this guest what the needy guest of HoldTests needs.
        await Host.RunAsync($"xl mem-set {busy.Name} {BusyMiB - DemandMiB}");

        await Poll.UntilAsync("the busy guest is dead", async () => !await busy.AliveAsync());
        Assert.That(await busy.ConsoleAsync(), Does.Contain("Kernel panic"));
    }

    [Test]
    [Category(CountedClock)]
    public async Task Writer_of_files_larger_than_a_swapless_guest_is_killed_and_the_kill_is_counted()
    {
        var writer = await CreateAsync(
            "writer",
            GuestKind.Pv,
            192,
            192,
            GuestTraits.Silent | GuestTraits.Killable | GuestTraits.NoSwap);
        await writer.BootedAsync();

        await writer.KeepFilesAsync(192);

        await Poll.UntilAsync("a kill is counted", async () => (await writer.StatsAsync())!.OomKills > 0);
        Assert.That(await writer.AliveAsync(), Is.True);
    }

    internal const int BusyMiB = 320, BusySetMiB = 190, DemandMiB = 200;

    /// <summary>A guest without swap that keeps touching nearly all of its memory.</summary>
    internal static async Task<Guest> BusyGuestAsync(XenTest test)
    {
        var busy = await test.CreateAsync("busy", GuestKind.Pv, BusyMiB, BusyMiB, GuestTraits.NoSwap);
        await busy.BootedAsync();
        await busy.NeedAsync(BusySetMiB);
        await Poll.UntilAsync("the busy guest holds its working set", async () =>
            (await busy.StatsAsync())?.HeldMiB == BusySetMiB);
        return busy;
    }
}

/// <summary>The counterpart of <see cref="RigTests.Too_small_mem_set_kills_a_busy_guest"/>.</summary>
[Category(CountedClock)]
public sealed class HoldTests : XenTest
{
    [Test]
    public async Task Daemon_does_not_shrink_a_busy_guest_that_would_die()
    {
        var needy = await CreateAsync("needy", GuestKind.Pv, memoryMiB: 256, maxMiB: 640);
        var busy = await RigTests.BusyGuestAsync(this);
        await needy.BootedAsync();
        await FillHostAsync();
        await StartDaemonAsync();
        await Poll.UntilAsync("the daemon knows both guests", async () =>
            await Daemon.PropertyAsync(Host, busy, "Want") is not null
                && await Daemon.PropertyAsync(Host, needy, "Want") is not null);
        var before = (await busy.StatsAsync())!;

        var demand = (int)(await needy.AvailableKiBAsync() / 1024) + RigTests.DemandMiB;
        await needy.NeedAsync(demand);
        await Poll.UntilAsync("the needy guest has been short for twenty seconds", async () =>
            await needy.StatsAsync() is { SwapOuts: > 0 }
                && (await busy.StatsAsync())!.UptimeSeconds >= before.UptimeSeconds + 20);

        var after = (await busy.StatsAsync())!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await busy.AliveAsync(), Is.True);
            Assert.That(after.OomKills, Is.Zero);
            Assert.That(after.Passes, Is.GreaterThan(before.Passes), "its service does not progress");
            Assert.That(await busy.TargetKiBAsync(), Is.AtLeast(RigTests.BusySetMiB * 1024L));
            Assert.That(await needy.AliveAsync(), Is.True);
        }
    }
}
