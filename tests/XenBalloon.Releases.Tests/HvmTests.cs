using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.Releases.Tests;

/// <summary>An HVM guest with a device model in dom0, video memory, and memory that is populated on demand.</summary>
/// <remarks>
/// Beside other tests it takes twice as long: dom0 emulates the guest's devices on another of the host's CPUs.
/// </remarks>
[NonParallelizable]
[Category("Alone")]
public sealed class HvmTests : OwnHostTests
{
    // The device model runs in dom0. Beside dom0, Xen and the neighbour too little is free for the HVM guest.
    private const int HostMiB = 1408, Dom0MiB = 768;

    private const int NeighbourMiB = 448;

    // What the neighbour uses while the HVM guest boots and works. The host has that much for it beside a shrunk guest,
    // so that a saved guest can be restored, but not beside one with its boot memory.
    private const int DemandMiB = 240;

    // The HVM guest's first target. Its memory in xl's configuration is that, its video memory, and the 1 MiB by which
    // libxl lowers the target of a guest that is populated on demand (libxl__get_targetmem_fudge).
    private const int BootMiB = 256, VideoMiB = 16, MemoryMiB = BootMiB + VideoMiB + 1, MaxMiB = 512;

    // An idle guest uses about 120 MiB.
    private const int ShrunkMiB = 220;

    // Video memory, libxl's allowance, and what Linux's balloon keeps of its first size.
    private const int MostAboveTargetMiB = VideoMiB + 16;

    // Less than the video memory: if that went to the neighbour before the device model has allocated it, the slack
    // would not do.
    private const int SlackForVideoMiB = VideoMiB - 4;

    // A guest that lacks nothing is not given less than this: it is not worth a write.
    private const int StartBandMiB = 32;

    private const string Run = "xenballoon run --timeout 300 -- xl";

    private protected override IEnumerable<(string Name, string Value)> Options =>
    [
        ("RIG_HVM", "1"),
        ("RIG_HOST_MB", $"{HostMiB}"),
        ("RIG_DOM0_MB", $"{Dom0MiB}"),
    ];

    [Test]
    public async Task Hvm_guest_with_a_device_model_boots_under_pressure_shrinks_and_survives_save_and_reboot()
    {
        var neighbour = await Guest.CreateAsync(
            Host, "neighbour", GuestKind.Pv, NeighbourMiB, NeighbourMiB, GuestTraits.Agent);
        await neighbour.BootedAsync();
        await StartDaemonAsync(slackMiB: SlackForVideoMiB);
        await Daemon.AgentsReportAsync(Host, neighbour);
        var sampler = await Sampler.StartAsync(Host);

        var creation = Guest.CreateAsync(
            Host, "hvm", GuestKind.Hvm, MemoryMiB, MaxMiB, GuestTraits.Agent | GuestTraits.Restarts, xl: Run);
        await Poll.UntilAsync("the guest has its target, and no device model yet", async () =>
            await Host.TryAsync($"xenstore-ls -f /local/domain | grep 'memory/videoram = \"{VideoMiB * 1024}\"'")
                is { ExitCode: 0 } || creation.IsCompleted);
        Assert.That(
            (await Host.TryAsync("ps | grep '[x]en-qemu-system'")).ExitCode,
            Is.Not.Zero,
            "the device model is not late");
        await neighbour.NeedAsync(DemandMiB);
        var guest = await creation;
        Step($"created with {await SizeMiB.OfAsync(guest)} MiB (target/held);"
            + $" the neighbour has {await SizeMiB.OfAsync(neighbour)} MiB");
        await guest.BootedAsync();
        Step($"up with {await SizeMiB.OfAsync(guest)} MiB; the neighbour has {await SizeMiB.OfAsync(neighbour)} MiB");
        await ShrunkAsync(guest);
        var first = guest;

        guest = await AfterAsync("restore", guest, neighbour, () => guest.SaveAndRestoreAsync(Run));
        await ShrunkAsync(guest);
        // Not by xl reboot, which the rig's QEMU does not survive: see tests/rig/README.md.
        guest = await AfterAsync("reboot", guest, neighbour, () => guest.RebootAsync(RebootBy.Crash));
        await Poll.UntilAsync("its boot memory is remembered", async () =>
            await Daemon.KiBAsync(Host, guest, "BootMemory") == BootMiB * 1024L);
        // While it lives, the neighbour keeps what it recently used, as this guest lacks nothing.
        var killed = (await neighbour.StatsAsync())!.OomKills;
        await neighbour.DestroyAsync();
        await Poll.UntilAsync("it has its boot memory back", async () =>
            await SizeMiB.OfAsync(guest) is { Target: > BootMiB - StartBandMiB } size && size.Held >= size.Target - 4);
        Step($"grown back to {await SizeMiB.OfAsync(guest)} MiB");

        var timeline = await sampler.StopAsync();
        TestContext.Out.WriteLine(timeline.Table(seconds: 10, first, guest, neighbour));
        using (Assert.EnterMultipleScope())
        {
            foreach (var domain in new[] { first, guest })
                Assert.That(
                    timeline.Of(domain).Where(s => s.Target is not null).Min(s => s.MaxMem - s.Target),
                    Is.AtLeast((VideoMiB + 1) * 1024),
                    "a cap had no room for the video memory");
            Assert.That(await guest.StatsAsync(), Has.Property("OomKills").Zero);
            Assert.That(killed, Is.Zero, neighbour.Name);
        }
    }

    /// <summary>Waits until the guest is shrunk, and checks that its balloon is not thought to fail.</summary>
    private async Task ShrunkAsync(Guest guest)
    {
        await Poll.UntilAsync($"{guest.Name} is shrunk", async () =>
            await SizeMiB.OfAsync(guest) is { Target: < ShrunkMiB } size
                && size.Held < size.Target + MostAboveTargetMiB);
        Step($"shrunk to {await SizeMiB.OfAsync(guest)} MiB");
        // It is unknown until the guest has reached its target.
        Assert.That(
            await Daemon.PropertyAsync(Host, guest, "Health"),
            Is.EqualTo("\"cooperative\"").Or.EqualTo("\"unknown\""));
    }

    /// <summary>Does something to the shrunk guest, after which both guests must live.</summary>
    private async Task<Guest> AfterAsync(string what, Guest guest, Guest neighbour, Func<Task<Guest>> act)
    {
        var before = await SizeMiB.OfAsync(guest);
        var returned = await act();
        var created = await SizeMiB.OfAsync(returned);
        await returned.BootedAsync();
        Step($"{what}: before {before}, created {created}, up {await SizeMiB.OfAsync(returned)} MiB;"
            + $" the neighbour has {await SizeMiB.OfAsync(neighbour)} MiB");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(returned.Domid, Is.Not.EqualTo(guest.Domid), "it is the same domain");
            Assert.That(await returned.AliveAsync() && await neighbour.AliveAsync(), Is.True);
            Assert.That(await Daemon!.RunningAsync(), Is.True, "xenballoond");
        }

        return returned;
    }
}
