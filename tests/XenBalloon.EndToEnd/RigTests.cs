using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>Before the rig judges the daemon: does it move memory, and does it see harm?</summary>
public sealed class RigTests : XenTest
{
    [TestCase(GuestKind.Pv)]
    [TestCase(GuestKind.Pvh)]
    public async Task A_guest_follows_its_target_down_and_up(GuestKind kind)
    {
        var guest = await CreateAsync("mover", kind, memoryMiB: 256, maxMiB: 384);
        await guest.BootedAsync();

        await guest.SetMemoryAsync(192);

        await guest.SetMemoryAsync(384);
    }

    [Test]
    public async Task A_blind_mem_set_kills_a_busy_guest()
    {
        var busy = await BusyGuestAsync(this);

        // What the neighbour of HoldTests asks for, taken from the one that uses it.
        await Host.RunAsync($"xl mem-set {busy.Name} {BusyMiB - DemandMiB}");

        await Poll.UntilAsync("the busy guest is dead", async () => !await busy.AliveAsync());
        Assert.That(await busy.ConsoleAsync(), Does.Contain("Kernel panic"));
    }

    [Test]
    public async Task Files_that_outgrow_a_guest_without_swap_get_their_writer_killed_and_the_guest_says_so()
    {
        var writer = await CreateAsync("writer", GuestKind.Pv, 192, 192, GuestTraits.Silent | GuestTraits.Killable | GuestTraits.NoSwap);
        await writer.BootedAsync();

        await writer.KeepFilesAsync(192);

        await Poll.UntilAsync("a kill is counted", async () => (await writer.StatsAsync())!.OomKills > 0);
        Assert.That(await writer.AliveAsync(), Is.True);
    }

    internal const int BusyMiB = 320, BusySetMiB = 190, DemandMiB = 200;

    /// <summary>A guest that touches, for ever, nearly all that it holds, and has nowhere else to put it.</summary>
    internal static async Task<Guest> BusyGuestAsync(XenTest test)
    {
        var busy = await test.CreateAsync("busy", GuestKind.Pv, BusyMiB, BusyMiB, GuestTraits.NoSwap);
        await busy.BootedAsync();
        await busy.NeedAsync(BusySetMiB);
        await Poll.UntilAsync("the busy guest holds its working set", async () => (await busy.StatsAsync())?.HeldMiB == BusySetMiB);
        return busy;
    }
}
