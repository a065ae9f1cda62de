using System.Globalization;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

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
        await Daemon.HearsAgentsAsync(Host, guests);
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
