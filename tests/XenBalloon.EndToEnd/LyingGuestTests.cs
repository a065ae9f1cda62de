using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>A guest that tells lies in our agent's place, beside an honest neighbour whose need grows all the while and an idle one.</summary>
public sealed class LyingGuestTests : XenTest
{
    // The flood comes last: for a minute after it the guest is not heard at once.
    private static readonly string[] Lies = ["truth", "all", "nothing", "negative", "junk", "delete", "perms", "nodes", "flood"];

    private const int FirstNeedMiB = 100, StepMiB = 12, LieSeconds = 8;

    // A report is up to a second old.
    private const int ToleranceKiB = 6 * 1024;

    [Test]
    public async Task Whatever_a_guest_says_its_neighbour_gets_what_it_needs_and_the_daemon_goes_on()
    {
        var busy = await CreateAsync("busy", GuestKind.Pv, memoryMiB: 256, maxMiB: 480, GuestTraits.Agent);
        var idle = await CreateAsync("idle", GuestKind.Pv, memoryMiB: 400, maxMiB: 480, GuestTraits.Agent);
        var liar = await CreateAsync("liar", GuestKind.Pv, memoryMiB: 256, maxMiB: 480, GuestTraits.Silent);
        foreach (var guest in new[] { busy, idle, liar })
            await guest.BootedAsync();
        Step("three guests have booted");
        await FillHostAsync();
        var daemon = await StartDaemonAsync();
        await Daemon.HearsAgentsAsync(Host, busy, idle);
        var sampler = await Sampler.StartAsync(Host);
        var before = (await busy.StatsAsync())!;

        var rows = new List<LieRow>();
        foreach (var lie in Lies)
            rows.Add(await TellAsync(lie, liar, busy, FirstNeedMiB + rows.Count * StepMiB, daemon));

        var timeline = await sampler.StopAsync();
        TestContext.Out.WriteLine(LieRow.Table(rows, timeline, liar, busy));
        TestContext.Out.WriteLine(timeline.Table(seconds: 6, busy, idle, liar));
        var after = (await busy.StatsAsync())!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await daemon.RunningAsync(), Is.True);
            Assert.That(timeline.Of(busy).Where(s => s.Target + ToleranceKiB < s.Used), Is.Empty, "the neighbour was taken below what it uses");
            Assert.That(after.SwapIns - before.SwapIns, Is.LessThan(256), "the neighbour had to swap pages in");
            Assert.That(after.OomKills, Is.Zero);
            Assert.That(timeline.Of(liar).Max(s => s.Target), Is.AtMost(GuaranteedKiB(timeline)), "the liar got more than is its own");
            foreach (var row in rows)
                Assert.That(row.DaemonPercent, Is.LessThan(50), $"a guest that lies ({row.Lie}) keeps the daemon busy");
        }
    }

    /// <summary>Lets the liar lie for a while, in which its neighbour's need grows and is met.</summary>
    private async Task<LieRow> TellAsync(string lie, Guest liar, Guest busy, int needMiB, Daemon daemon)
    {
        var told = (await liar.StatsAsync())!;
        var passes = (await busy.StatsAsync())!.Passes;
        var before = await daemon.UsageAsync();
        await liar.LieAsync(lie);
        await busy.NeedAsync(needMiB);
        await Poll.UntilAsync($"the neighbour of a guest that lies ({lie}) holds {needMiB} MiB and works on", async () =>
            await busy.StatsAsync() is { } b && b.HeldMiB >= needMiB && b.Passes >= passes + 2
            && await liar.StatsAsync() is { } l && l.UptimeSeconds >= told.UptimeSeconds + LieSeconds);
        var after = await daemon.UsageAsync();
        Step($"{lie}: {(await liar.StatsAsync())!.LiesTold - told.LiesTold} times");
        return new LieRow(lie, before, after, await Daemon.PropertyAsync(Host, liar, "ReportSource") ?? "-", await Daemon.PropertyAsync(Host, liar, "Reason") ?? "-");
    }

    /// <summary>A third, as all weigh the same, of all that the three had and what was free beyond the slack.</summary>
    private static long GuaranteedKiB(Timeline timeline)
    {
        var first = timeline.Samples.Where(s => s.Milliseconds == timeline.Samples[0].Milliseconds && s.Stats is not null).ToList();
        return (first.Sum(s => s.Actual) + first[0].HostFree - SlackMiB * 1024) / first.Count;
    }
}
