using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

public sealed class ComingAndGoingTests : XenTest
{
    [Test]
    public async Task A_guest_destroyed_in_mid_balloon_leaves_no_xenstore_path_and_a_newcomer_is_picked_up()
    {
        var giver = await CreateAsync("giver", GuestKind.Pv, memoryMiB: 512, maxMiB: 512);
        var taker = await CreateAsync("taker", GuestKind.Pv, memoryMiB: 224, maxMiB: 512);
        await giver.BootedAsync();
        await taker.BootedAsync();
        await FillHostAsync();
        await StartDaemonAsync();
        var whole = await giver.TargetKiBAsync();
        await taker.NeedAsync((int)(await taker.AvailableKiBAsync() / 1024) + 100);
        await Poll.UntilAsync("the giver is being shrunk", async () => await giver.TargetKiBAsync() < whole);

        await giver.DestroyAsync();
        var newcomer = await CreateAsync("newcomer", GuestKind.Pv, memoryMiB: 160, maxMiB: 160);
        await newcomer.BootedAsync();

        await Poll.UntilAsync("the newcomer is on the bus", async () => await Daemon.PropertyAsync(Host, newcomer, "Name") == $"\"{newcomer.Name}\"");
        await Poll.UntilAsync("the newcomer's report is read", async () => await Daemon.KiBAsync(Host, newcomer, "InUse") > 0);
        var listed = await Host.RunAsync("xenballoon list --json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(listed, Does.Contain($"\"{newcomer.Name}\"").And.Not.Contain($"\"{giver.Name}\""));
            Assert.That(await Daemon.PropertyAsync(Host, giver, "Name"), Is.Null, "the dead guest is still on the bus");
            Assert.That((await Host.TryAsync($"xenstore-exists {giver.Path}")).ExitCode, Is.Not.Zero, $"{giver.Path} has risen from the dead");
        }
    }
}
