using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.Releases.Tests;

/// <summary>
/// A shrunk guest is migrated while a neighbour needs memory, on the releases of Debian that RIG_RELEASES selects.
/// RIG_ROUNDS repeats it.
/// </summary>
/// <remarks>
/// The guest is PVH, because Debian's Xen cannot follow a PV guest's writes, so that xl cannot migrate one. PVH guests
/// are too slow with the clock that counts instructions. No condition here depends on how fast a guest is.
/// </remarks>
[TestFixtureSource(typeof(Release), nameof(Release.Selected))]
[NonParallelizable]
public sealed class MigrationTests(string release) : OwnHostTests
{
    private const int HostMiB = 1360, Dom0MiB = 640;

    // As large as its maximum: Debian 11's kernel does not grow beyond its boot memory.
    private const int MigratingMiB = 192, NeighbourMiB = 400;

    // With what it uses while it is idle, more than the neighbour has left once the third guest has started.
    private const int ShrunkMiB = 180, DemandMiB = 232;

    private protected override IEnumerable<(string Name, string Value)> Options =>
        [("RIG_RELEASE", release), ("RIG_HOST_MB", $"{HostMiB}"), ("RIG_DOM0_MB", $"{Dom0MiB}")];

    [Test]
    [RepeatedAfterEmulatorFault]
    public async Task Shrunk_guest_is_migrated_with_its_size_while_a_neighbour_needs_memory()
    {
        var guest = await Guest.CreateAsync(
            Host, "migrating", GuestKind.Pvh, MigratingMiB, MigratingMiB, GuestTraits.Agent);
        var neighbour = await Guest.CreateAsync(
            Host, "neighbour", GuestKind.Pv, NeighbourMiB, NeighbourMiB, GuestTraits.Agent);
        await guest.BootedAsync();
        await neighbour.BootedAsync();
        await StartDaemonAsync("keep-free = 0m");
        await Daemon.AgentsReportAsync(Host, guest, neighbour);
        var free = await Host.FreeMiBAsync();
        // Both must shrink for it.
        await Guest.CreateAsync(
            Host,
            "third",
            GuestKind.Pv,
            (int)free + 64,
            (int)free + 64,
            paused: true,
            xl: "xenballoon run --timeout 300 -- xl");

        for (var round = 0; round < Release.Rounds; round++)
        {
            await neighbour.NeedAsync(DemandMiB);
            await HoldsAsync(neighbour, DemandMiB);
            await Poll.UntilAsync("the guest is shrunk", async () =>
                await SizeMiB.OfAsync(guest) is { Target: < ShrunkMiB, Held: < ShrunkMiB + 8 });
            // This host must hold the guest twice while it is sent, in memory that the neighbour does not use now.
            await neighbour.NeedAsync(8);
            await HoldsAsync(neighbour, 8);
            guest = await MigrateAsync(guest, neighbour);
        }
    }

    private async Task<Guest> MigrateAsync(Guest guest, Guest neighbour)
    {
        var sampler = await Sampler.StartAsync(Host);
        var sending = Host.TryAsync(
            $"xenballoon run -- xl migrate -s '' {guest.Name} 'xenballoon run --timeout 300 -- xl migrate-receive'");
        await Poll.UntilAsync("the guest's memory is being sent", async () =>
            sending.IsCompleted || (await Host.TryAsync("ps | grep -q '[l]ibxl-save-helper --save'")).ExitCode == 0);
        await neighbour.NeedAsync(DemandMiB);
        var sent = await sending;
        Assert.That(sent.ExitCode, Is.Zero, sent.Output);
        var arrived = await guest.CurrentAsync();
        await arrived.BootedAsync();
        var timeline = await sampler.StopAsync();
        var (before, after) = (timeline.Of(guest).Last(HasTarget), timeline.Of(arrived).First(HasTarget));
        await HoldsAsync(neighbour, DemandMiB);
        Step(
            $"migrated: before {Size(before)}, arrived {Size(after)}, then {await SizeMiB.OfAsync(arrived)};"
            + $" the neighbour {await SizeMiB.OfAsync(neighbour)} (target/held, MiB)");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(arrived.Domid, Is.Not.EqualTo(guest.Domid), "it was not sent");
            Assert.That(after.Target, Is.AtLeast(before.Target!), "it arrived with less than it left with");
            foreach (var living in new[] { arrived, neighbour })
            {
                Assert.That(await living.AliveAsync(), Is.True, living.Name);
                Assert.That((await living.StatsAsync())!.OomKills, Is.Zero, living.Name);
            }
            Assert.That(await Daemon!.RunningAsync(), Is.True, "xenballoond");
        }

        return arrived;
    }

    private static bool HasTarget(Sample sample) => sample.Target is not null;

    private static SizeMiB Size(Sample sample) => new(sample.Target / 1024, sample.Actual / 1024);

    private static Task HoldsAsync(Guest guest, int mib) =>
        Poll.UntilAsync($"{guest.Name} uses {mib} MiB", async () =>
            await guest.StatsAsync() is { } stats && (mib > 8 ? stats.HeldMiB >= mib : stats.HeldMiB == mib));
}
