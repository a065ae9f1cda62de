using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>The other half of <see cref="RigTests.A_blind_mem_set_kills_a_busy_guest"/>.</summary>
public sealed class HoldTests : XenTest
{
    [Test]
    public async Task Facing_the_demand_whose_blind_answer_kills_the_daemon_holds_and_the_busy_guest_lives()
    {
        var needy = await CreateAsync("needy", GuestKind.Pv, memoryMiB: 256, maxMiB: 640);
        var busy = await RigTests.BusyGuestAsync(this);
        await needy.BootedAsync();
        await FillHostAsync();
        await StartDaemonAsync();
        await Poll.UntilAsync("the daemon knows both guests", async () =>
            await Daemon.PropertyAsync(Host, busy, "Want") is not null && await Daemon.PropertyAsync(Host, needy, "Want") is not null);
        var before = (await busy.StatsAsync())!;

        var demand = (int)(await needy.AvailableKiBAsync() / 1024) + RigTests.DemandMiB;
        await needy.NeedAsync(demand);
        await Poll.UntilAsync("the needy guest has been short for twenty seconds", async () =>
            await needy.StatsAsync() is { SwapOuts: > 0 } && (await busy.StatsAsync())!.UptimeSeconds >= before.UptimeSeconds + 20);

        var after = (await busy.StatsAsync())!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await busy.AliveAsync(), Is.True);
            Assert.That(after.OomKills, Is.Zero);
            Assert.That(after.Passes, Is.GreaterThan(before.Passes), "its service stands still");
            Assert.That(await busy.TargetKiBAsync(), Is.AtLeast(RigTests.BusySetMiB * 1024L));
            Assert.That(await needy.AliveAsync(), Is.True);
        }
    }
}
