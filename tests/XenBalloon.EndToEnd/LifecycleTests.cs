using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

[Category(CountedClock)]
public sealed class RestartTests : XenTest
{
    [Test]
    public async Task Daemon_killed_while_balancing_continues_with_valid_targets_when_restarted()
    {
        var giver = await CreateAsync("giver", GuestKind.Pv, memoryMiB: 512, maxMiB: 512);
        var taker = await CreateAsync("taker", GuestKind.Pv, memoryMiB: 224, maxMiB: 512);
        await giver.BootedAsync();
        await taker.BootedAsync();
        await FillHostAsync();
        var sampler = await Sampler.StartAsync(Host);
        var daemon = await StartDaemonAsync();
        var set = (int)(await taker.AvailableKiBAsync() / 1024) + 120;
        var whole = await giver.TargetKiBAsync();
        await taker.NeedAsync(set);
        await Poll.UntilAsync("the giver is being shrunk", async () => await giver.TargetKiBAsync() < whole);

        await daemon.KillAsync();
        var orphaned = await taker.StatsAsync();
        await StartDaemonAsync();
        await Poll.UntilAsync("the taker holds its working set", async () =>
            (await taker.StatsAsync())!.HeldMiB >= set);
        await Poll.UntilAsync("the taker has headroom again", async () => await taker.AvailableKiBAsync() > 8 * 1024);

        var timeline = await sampler.StopAsync();
        TestContext.Out.WriteLine(timeline.Table(seconds: 4, giver, taker));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(orphaned, Is.Not.Null, "a guest works without the daemon");
            Assert.That(await giver.AliveAsync() && await taker.AliveAsync(), Is.True);
            Assert.That(timeline.Samples.Min(s => s.HostFree), Is.AtLeast(SlackMiB * 1024));
            foreach (var (guest, max) in new[] { (giver, 512), (taker, 512) })
            {
                Assert.That(
                    timeline.Of(guest).Max(s => s.Target),
                    Is.AtMost(max * 1024),
                    $"{guest.Name} above its static-max");
                Assert.That(
                    timeline.Of(guest).Where(s => s.Target + 6 * 1024 < s.Used),
                    Is.Empty,
                    $"{guest.Name} below what it uses");
            }
        }
    }
}

[Category(CountedClock)]
public sealed class DestroyAndCreateTests : XenTest
{
    [Test]
    public async Task Guest_destroyed_while_ballooning_leaves_no_xenstore_path_and_a_new_guest_is_found()
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

        await Poll.UntilAsync("the newcomer is on the bus", async () =>
            await Daemon.PropertyAsync(Host, newcomer, "Name") == $"\"{newcomer.Name}\"");
        await Poll.UntilAsync("the newcomer's report is read", async () =>
            await Daemon.KiBAsync(Host, newcomer, "InUse") > 0);
        var listed = await Host.RunAsync("xenballoon list --json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(listed, Does.Contain($"\"{newcomer.Name}\"").And.Not.Contain($"\"{giver.Name}\""));
            Assert.That(await Daemon.PropertyAsync(Host, giver, "Name"), Is.Null, "the dead guest is still on the bus");
            Assert.That(
                (await Host.TryAsync($"xenstore-exists {giver.Path}")).ExitCode,
                Is.Not.Zero,
                $"{giver.Path} exists again");
        }
    }
}
