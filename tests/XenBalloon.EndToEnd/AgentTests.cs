using System.Globalization;
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
        await Daemon.AgentsReportAsync(Host, needy, idle);
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

/// <summary>Agents, and guests, that stop and go on.</summary>
public sealed class AgentLifeTests : XenTest
{
    [Test]
    public async Task An_agent_that_was_killed_and_started_again_is_heard_as_before()
    {
        var guest = await SmallGuestAsync();
        var before = (await guest.RecordAsync())!;

        await guest.KillAgentAsync();

        // A new process counts from one; two reports at the least have gone before, when it started and when the guest had come to rest.
        await Poll.UntilAsync("a new agent has spoken", async () =>
            await guest.RecordAsync() is { } now && now.Sequence < before.Sequence && now.UptimeMilliseconds > before.UptimeMilliseconds);
        await ReportsNeedAsync(guest);
    }

    [Test]
    public async Task A_guest_that_was_saved_and_restored_is_heard_without_waiting_for_a_heartbeat()
    {
        var guest = await SmallGuestAsync();

        var restored = await guest.SaveAndRestoreAsync();
        Step($"saved as domain {guest.Domid} and restored as domain {restored.Domid}");
        GuestStats? first = null;
        await Poll.UntilAsync("the restored guest's agent has spoken", async () =>
        {
            first ??= await restored.StatsAsync();
            return first is not null && await restored.RecordAsync() is not null;
        });

        var waited = (await restored.StatsAsync())!.UptimeMilliseconds - first!.UptimeMilliseconds;
        TestContext.Out.WriteLine($"the agent spoke within {waited} ms of the restored guest's first sign of life");
        Assert.That(waited, Is.LessThan(30_000), "the next heartbeat would have come as soon");
        await Daemon.AgentsReportAsync(Host, restored);
        await ReportsNeedAsync(restored);
    }

    private async Task<Guest> SmallGuestAsync()
    {
        // Small: a saved guest has to find room in dom0's memory.
        var guest = await CreateAsync("small", GuestKind.Pv, memoryMiB: 128, maxMiB: 128, GuestTraits.Agent);
        await guest.BootedAsync();
        await StartDaemonAsync();
        await Daemon.AgentsReportAsync(Host, guest);
        await Poll.UntilAsync("the agent has said that the guest is at rest", async () => await guest.RecordAsync() is { Sequence: >= 2 });
        return guest;
    }

    /// <summary>What happens in the guest is seen on the bus.</summary>
    private static async Task ReportsNeedAsync(Guest guest)
    {
        const int NeedMiB = 30;
        var inUse = await Daemon.KiBAsync(Host, guest, "InUse");
        await guest.NeedAsync(NeedMiB);
        await Poll.UntilAsync("the daemon has heard of the guest's need", async () =>
            await Daemon.KiBAsync(Host, guest, "InUse") >= inUse + NeedMiB * 1024 * 3 / 4);
    }
}

public sealed class QuietAgentTests : XenTest
{
    private const int Seconds = 65;

    [Test]
    public async Task Where_nothing_happens_no_target_is_written_and_the_agents_hardly_speak()
    {
        // Both have about what they want, and room in either direction.
        Guest[] guests =
        [
            await CreateAsync("quiet", GuestKind.Pv, memoryMiB: 148, maxMiB: 320, GuestTraits.Agent),
            await CreateAsync("quiet", GuestKind.Pvh, memoryMiB: 148, maxMiB: 320, GuestTraits.Agent),
        ];
        foreach (var guest in guests)
            await guest.BootedAsync();
        var daemon = await StartDaemonAsync();
        await Daemon.AgentsReportAsync(Host, guests);
        var recorder = await Recorder.StartAsync(Host, guests);
        var before = await Task.WhenAll(guests.Select(StatsAsync));
        var cost = await daemon.UsageAsync();

        await Poll.UntilAsync($"nothing has happened for {Seconds} s", async () =>
            (await Task.WhenAll(guests.Select(StatsAsync))).Zip(before).All(now => now.First.UptimeSeconds >= now.Second.UptimeSeconds + Seconds));

        var after = await Task.WhenAll(guests.Select(StatsAsync));
        var spent = await daemon.UsageAsync();
        var recording = await recorder.StopAsync();
        foreach (var (guest, then, now) in guests.Zip(before, after))
        {
            var cpu = 100.0 * (now.AgentCpuMilliseconds - then.AgentCpuMilliseconds) / (now.UptimeMilliseconds - then.UptimeMilliseconds);
            TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{guest.Name}: {recording.Reports(guest).Count} reports and {recording.Targets(guest).Count} targets in {Seconds} s; its agent has {now.AgentRssKiB} KiB and took {cpu:0.00} % of a CPU"));
        }
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the daemon has {spent.RssKiB} KiB and took {spent.PercentSince(cost):0.00} % of a CPU"));
        using (Assert.EnterMultipleScope())
        {
            foreach (var (guest, now) in guests.Zip(after))
            {
                Assert.That(recording.Targets(guest), Is.Empty, $"a target of {guest.Name} was written");
                // A heartbeat, and one more where the last thing of its boot had not been told yet.
                Assert.That(recording.Reports(guest), Has.Count.LessThanOrEqualTo(3), $"the agent of {guest.Name} speaks without need");
                Assert.That(now.AgentRssKiB, Is.InRange(1, 1024), $"the agent of {guest.Name}");
            }
        }
    }

    private static async Task<GuestStats> StatsAsync(Guest guest) => (await guest.StatsAsync())!;
}
