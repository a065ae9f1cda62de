using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>What remains when the daemon or a guest ends.</summary>
[Category(CountedClock)]
public sealed class LeavingTests : XenTest
{
    private const int BootMiB = 256, PinMiB = 160;

    // A balloon at rest may be some pages below its target.
    private const int ToleranceMiB = 2;

    [Test]
    public async Task Shrunk_guest_gets_its_boot_memory_back_by_restore_and_when_the_daemon_stops()
    {
        var guest = await CreateAsync("shrunk", GuestKind.Pv, BootMiB, BootMiB, GuestTraits.Agent);
        await guest.BootedAsync();
        var daemon = await StartDaemonAsync(settings: "pace = 0.9\non-stop = restore");
        await Daemon.AgentsReportAsync(Host, guest);
        await Host.RunAsync($"xenballoon pin {guest.Name} {PinMiB}m");
        await IsShrunkAsync(guest);

        var restored = await Host.RunAsync("xenballoon restore");
        Step("restored by the command");
        Assert.That(restored, Does.Contain($"and booted with {BootMiB} MiB").And.Contain("mode is paused"));
        await AssertBootMemoryAsync(guest);

        await Host.RunAsync("xenballoon mode active");
        await IsShrunkAsync(guest);
        await daemon.StopAsync();
        Step("the daemon has ended");
        await AssertBootMemoryAsync(guest);
    }

    [Test]
    public async Task Settings_hold_for_the_next_domain_of_the_name_which_has_another_uuid()
    {
        var guest = await CreateAsync("kept", GuestKind.Pv, BootMiB, BootMiB, paused: true);
        var daemon = await StartDaemonAsync("observe");
        var set = await Host.RunAsync($"xenballoon set {guest.Name} --min {PinMiB}m --weight 300");
        Assert.That(set, Does.Contain($"kept for every domain named {guest.Name}"));
        var before = await Daemon.PropertyAsync(Host, guest, "Uuid");

        await guest.DestroyAsync();
        await daemon.StopAsync();
        await Host.RunAsync($"xl create -q -p /etc/xen/{guest.Name}.cfg");
        await StartDaemonAsync("observe");

        var next = await guest.CurrentAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await Daemon.PropertyAsync(Host, next, "Uuid"), Is.Not.EqualTo(before).And.Not.Null);
            Assert.That(await Daemon.KiBAsync(Host, next, "DynamicMin"), Is.EqualTo(PinMiB * 1024));
            Assert.That(await Daemon.PropertyAsync(Host, next, "Weight"), Is.EqualTo("300"));
        }
    }

    private static Task IsShrunkAsync(Guest guest) => Poll.UntilAsync("it is shrunk", async () =>
        await guest.HeldMiBAsync() <= PinMiB + ToleranceMiB);

    private static async Task AssertBootMemoryAsync(Guest guest)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await guest.TargetKiBAsync(), Is.EqualTo(BootMiB * 1024));
            Assert.That(await guest.HeldMiBAsync(), Is.AtLeast(BootMiB - ToleranceMiB));
        }
    }
}
