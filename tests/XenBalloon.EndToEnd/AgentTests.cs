using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>Guests with our agent on a host that is full but for an idle neighbour.</summary>
public sealed class AgentTests : XenTest
{
    private const int GrowthMiB = 160, NeedyMiB = 256, IdleMiB = 520;

    [TestCase(GuestKind.Pv, 5)]
    [TestCase(GuestKind.Pvh, 2)]
    public async Task A_sudden_need_is_met_out_of_an_idle_neighbour_before_the_kernel_kills_anything(GuestKind kind, int count)
    {
        var needy = await CreateAsync("needy", kind, NeedyMiB, 640, GuestTraits.Agent | GuestTraits.Killable);
        var idle = await CreateAsync("idle", kind, IdleMiB, IdleMiB, GuestTraits.Agent);
        await needy.BootedAsync();
        await idle.BootedAsync();
        Step("two guests have booted");
        await FillHostAsync();

        var rounds = new List<Delivery>();
        for (var i = 0; i < count; i++)
        {
            rounds.Add(await RoundAsync(needy, idle));
            Step($"round {i + 1}: {rounds[i]}");
        }

        TestContext.Out.WriteLine(Delivery.Table($"{kind}: {GrowthMiB} MiB more than the guest has, from an idle neighbour", rounds));
        TestContext.Out.WriteLine($"it swapped out {(await needy.StatsAsync())!.SwapOuts} pages meanwhile, and its neighbour {(await idle.StatsAsync())!.SwapOuts}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await needy.StatsAsync())!.OomKills, Is.Zero);
            Assert.That((await idle.StatsAsync())!.OomKills, Is.Zero);
            Assert.That((await idle.StatsAsync())!.SwapIns, Is.LessThan(256), "the neighbour, which gave memory, had to swap pages in");
        }
    }

    /// <summary>Both as they were at first, and a daemon that knows nothing of the last time.</summary>
    private async Task<Delivery> RoundAsync(Guest needy, Guest idle)
    {
        await needy.NeedAsync(0);
        await Poll.UntilAsync($"{needy.Name} needs nothing", async () => (await needy.StatsAsync())!.HeldMiB == 0);
        await needy.AgentIsUpToDateAsync();
        // It looks on while the guests are given their sizes. What is kept free beside the slack is not what this test is about.
        var daemon = await StartDaemonAsync("observe", "keep-free = 0m");
        await needy.SetMemoryAsync(NeedyMiB);
        await idle.SetMemoryAsync(IdleMiB);
        await Daemon.HearsAgentsAsync(Host, needy, idle);
        var recorder = await Recorder.StartAsync(Host, needy, idle);
        await Poll.UntilAsync("the idle guest has said nothing for a while, as idle guests do", async () => await Daemon.KiBAsync(Host, idle, "ReportAge") > 5);

        // Taken while nothing moves: once it is active, the daemon may give the guest headroom before the need begins.
        var growth = GrowthMiB * 1024L;
        var set = (int)((await needy.AvailableKiBAsync() + growth) / 1024);
        var before = await needy.HeldMiBAsync();
        await Daemon.ActivateAsync(Host);
        await needy.NeedAsync(set);
        await Poll.UntilAsync($"{needy.Name} holds {set} MiB and has got its memory", async () =>
            (await needy.StatsAsync())!.HeldMiB >= set && await needy.HeldMiBAsync() > before + GrowthMiB * 9 / 10);

        var recording = await recorder.StopAsync();
        await daemon.StopAsync();
        return Delivery.Of(recording, needy, set, growth, idle);
    }
}
