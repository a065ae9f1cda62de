using System.Globalization;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>Guests with the agent, on a full host with an idle guest.</summary>
public sealed class AgentTests : XenTest
{
    private const int GrowthMiB = 160, GrowingMiB = 256, IdleMiB = 520;

    [TestCase(GuestKind.Pv, 3, Category = CountedClock)]
    [TestCase(GuestKind.Pvh, 2, Category = Alone)]
    [RepeatedAfterEmulatorFault]
    public async Task Sudden_need_is_met_from_an_idle_guest_without_an_OOM_kill(GuestKind kind, int count)
    {
        var growing = await CreateAsync("growing", kind, GrowingMiB, 640, GuestTraits.Agent | GuestTraits.Killable);
        var idle = await CreateAsync("idle", kind, IdleMiB, IdleMiB, GuestTraits.Agent);
        await growing.BootedAsync();
        await idle.BootedAsync();
        Step("two guests have booted");
        await FillHostAsync();

        var rounds = new List<Delivery>();
        for (var i = 0; i < count; i++)
        {
            rounds.Add(await RoundAsync(growing, idle));
            Step($"round {i + 1}: {rounds[i]}");
        }

        TestContext.Out.WriteLine(
            Delivery.Table($"{kind}: {GrowthMiB} MiB more than the guest has, from an idle guest", rounds));
        var swapOuts = (Growing: (await growing.StatsAsync())!.SwapOuts, Idle: (await idle.StatsAsync())!.SwapOuts);
        TestContext.Out.WriteLine($"pages swapped out: {swapOuts.Growing} by it, {swapOuts.Idle} by the idle guest");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await growing.StatsAsync())!.OomKills, Is.Zero);
            Assert.That((await idle.StatsAsync())!.OomKills, Is.Zero);
            Assert.That(
                (await idle.StatsAsync())!.SwapIns,
                Is.LessThan(256),
                "the idle guest, which gave memory, swapped pages in");
        }
    }

    /// <summary>Starts with the guests' first sizes and a new daemon, which knows nothing of earlier rounds.</summary>
    private async Task<Delivery> RoundAsync(Guest growing, Guest idle)
    {
        await growing.NeedAsync(0);
        await Poll.UntilAsync($"{growing.Name} needs nothing", async () => (await growing.StatsAsync())!.HeldMiB == 0);
        await growing.AgentIsUpToDateAsync();
        // The daemon only observes while the guests get their sizes. The test does not cover keep-free.
        var daemon = await StartDaemonAsync("observe", "keep-free = 0m");
        await growing.SetMemoryAsync(GrowingMiB);
        await idle.SetMemoryAsync(IdleMiB);
        await Daemon.AgentsReportAsync(Host, growing, idle);
        var recorder = await Recorder.StartAsync(Host, growing, idle);
        await Poll.UntilAsync("the idle guest has not reported for 5 s", async () =>
            await Daemon.KiBAsync(Host, idle, "ReportAge") > 5);

        // Read before the daemon is active: it may give the guest headroom before the need begins.
        var growth = GrowthMiB * 1024L;
        var set = (int)((await growing.AvailableKiBAsync() + growth) / 1024);
        var before = await growing.HeldMiBAsync();
        await Daemon.ActivateAsync(Host);
        await growing.NeedAsync(set);
        await Poll.UntilAsync($"{growing.Name} uses {set} MiB and has got its memory", async () =>
            (await growing.StatsAsync())!.HeldMiB >= set && await growing.HeldMiBAsync() > before + GrowthMiB * 9 / 10);

        var recording = await recorder.StopAsync();
        await daemon.StopAsync();
        return Delivery.Of(recording, growing, set, growth, idle);
    }
}

/// <summary>Agents that are restarted, and guests that are saved and restored.</summary>
[Category(CountedClock)]
public sealed class AgentRestartTests : XenTest
{
    [Test]
    public async Task Restarted_agent_reports_as_before()
    {
        var guest = await SmallGuestAsync();
        var first = (await guest.StatsAsync())!.AgentStartedMilliseconds;

        await guest.KillAgentAsync();

        await Poll.UntilAsync("a new agent has reported", async () =>
            await guest.StatsAsync() is { AgentStartedMilliseconds: var started } && started > first
                && await guest.RecordAsync() is { } record && record.UptimeMilliseconds >= started);
        await ReportsNeedAsync(guest);
    }

    [Test]
    public async Task Restored_guest_reports_before_its_next_heartbeat()
    {
        var guest = await SmallGuestAsync();

        var restored = await guest.SaveAndRestoreAsync();
        Step($"saved as domain {guest.Domid} and restored as domain {restored.Domid}");
        GuestStats? first = null;
        AgentRecord? report = null;
        await Poll.UntilAsync("the restored guest's agent has reported", async () =>
        {
            first ??= await restored.StatsAsync();
            report ??= await restored.RecordAsync();
            return first is not null && report is not null;
        });

        var waited = report!.UptimeMilliseconds - first!.UptimeMilliseconds;
        TestContext.Out.WriteLine($"the agent reported within {waited} ms of the restored guest's first statistics");
        Assert.That(waited, Is.LessThan(30_000), "the report may be the next heartbeat");
        await Daemon.AgentsReportAsync(Host, restored);
        await ReportsNeedAsync(restored);
    }

    private async Task<Guest> SmallGuestAsync()
    {
        // Small, because dom0 keeps the saved guest in memory.
        var guest = await CreateAsync("small", GuestKind.Pv, memoryMiB: 128, maxMiB: 128, GuestTraits.Agent);
        await guest.BootedAsync();
        await StartDaemonAsync();
        await Daemon.AgentsReportAsync(Host, guest);
        await Poll.UntilAsync("the agent has reported that memory use has settled", async () =>
            await guest.RecordAsync() is { Sequence: >= 2 });
        return guest;
    }

    /// <summary>Checks that a need of the guest shows on the bus.</summary>
    private static async Task ReportsNeedAsync(Guest guest)
    {
        const int NeedMiB = 30, ToleranceKiB = NeedMiB * 1024 / 4;
        await guest.NeedAsync(NeedMiB);
        await Poll.UntilAsync("the daemon shows the guest's need", async () =>
        {
            var (inUse, actual) =
                (await Daemon.KiBAsync(Host, guest, "InUse"), await Daemon.KiBAsync(Host, guest, "Actual"));
            return await guest.StatsAsync() is { HeldMiB: NeedMiB } stats
                && actual - stats.AvailableKiB - inUse is > -ToleranceKiB and < ToleranceKiB;
        });
    }
}

[Category(Alone)]
public sealed class QuietAgentTests : XenTest
{
    private const int Seconds = 65;

    [Test]
    [RepeatedAfterEmulatorFault]
    public async Task Quiet_guests_cause_no_target_writes_and_few_reports()
    {
        // Both have about what they want, and can grow and shrink.
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
            (await Task.WhenAll(guests.Select(StatsAsync))).Zip(before).All(now =>
                now.First.UptimeSeconds >= now.Second.UptimeSeconds + Seconds));

        var after = await Task.WhenAll(guests.Select(StatsAsync));
        var spent = await daemon.UsageAsync();
        var recording = await recorder.StopAsync();
        foreach (var (guest, then, now) in guests.Zip(before, after))
        {
            double milliseconds = now.UptimeMilliseconds - then.UptimeMilliseconds;
            var cpu = 100 * (now.AgentCpuMilliseconds - then.AgentCpuMilliseconds) / milliseconds;
            TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{guest.Name}: {recording.Reports(guest).Count} reports, {recording.Targets(guest).Count} targets "
                + $"in {Seconds} s; its agent uses {now.AgentRssKiB} KiB and {cpu:0.00} % of a CPU"));
        }
        TestContext.Out.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"the daemon uses {spent.RssKiB} KiB and {spent.PercentSince(cost):0.00} % of a CPU"));
        using (Assert.EnterMultipleScope())
        {
            foreach (var (guest, now) in guests.Zip(after))
            {
                Assert.That(recording.Targets(guest), Is.Empty, $"a target of {guest.Name} was written");
                // A heartbeat, and another report if the last change of the boot was not reported yet.
                Assert.That(
                    recording.Reports(guest),
                    Has.Count.LessThanOrEqualTo(3),
                    $"the agent of {guest.Name} reports too often");
                Assert.That(now.AgentRssKiB, Is.InRange(1, 1024), $"the agent of {guest.Name}");
            }
        }
    }

    private static async Task<GuestStats> StatsAsync(Guest guest) => (await guest.StatsAsync())!;
}
