using System.Globalization;
using System.Text;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>A guest that tells lies in our agent's place, beside two honest neighbours whose needs grow until they make use of all that is theirs.</summary>
public sealed class LyingGuestTests : XenTest
{
    // What the neighbours need meanwhile, MiB: at last about their guaranteed share, a third of what there is. The flood comes last: for a minute
    // after it the guest is not heard at once.
    private static readonly (string Lie, int NeedMiB)[] Lies =
    [
        ("truth", 100), ("all", 112), ("nothing", 124), ("negative", 136), ("junk", 148), ("delete", 160), ("perms", 172), ("nodes", 184), ("all", 205), ("flood", 205),
    ];

    private const int LieSeconds = 8;

    // A report is up to a second old.
    private const int ToleranceKiB = 6 * 1024;

    /// <summary>Of both neighbours, in two minutes: 16 MiB of the 410 that they use.</summary>
    private const int MaxSwapIns = 4096;

    [Test]
    public async Task Whatever_a_guest_says_its_neighbours_get_what_they_need_and_the_daemon_goes_on()
    {
        Guest[] neighbours =
        [
            await CreateAsync("busy", GuestKind.Pv, memoryMiB: 256, maxMiB: 480, GuestTraits.Agent),
            await CreateAsync("busy", GuestKind.Pv, memoryMiB: 400, maxMiB: 480, GuestTraits.Agent),
        ];
        var liar = await CreateAsync("liar", GuestKind.Pv, memoryMiB: 256, maxMiB: 480, GuestTraits.Silent);
        foreach (var guest in neighbours.Append(liar))
            await guest.BootedAsync();
        Step("three guests have booted");
        await FillHostAsync();
        var daemon = await StartDaemonAsync(settings: "keep-free = 0m");
        await Daemon.AgentsReportAsync(Host, neighbours);
        var sampler = await Sampler.StartAsync(Host);

        var rows = new List<LieRow>();
        var swapIns = new List<long>();
        foreach (var (lie, need) in Lies)
        {
            rows.Add(await RunLieAsync(lie, liar, neighbours, need, daemon));
            swapIns.Add((await Task.WhenAll(neighbours.Select(StatsAsync))).Sum(stats => stats.SwapIns));
        }

        var timeline = await sampler.StopAsync();
        TestContext.Out.WriteLine(LieRow.Table(rows, timeline, [liar, .. neighbours]));
        TestContext.Out.WriteLine($"the neighbours swapped in, after each lie: {string.Join(' ', swapIns)} pages");
        TestContext.Out.WriteLine(timeline.Table(seconds: 6, [.. neighbours, liar]));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await daemon.RunningAsync(), Is.True);
            foreach (var neighbour in neighbours)
            {
                Assert.That(timeline.Of(neighbour).Where(s => s.Target + ToleranceKiB < s.Used), Is.Empty, "a neighbour was taken below what it uses");
                Assert.That((await StatsAsync(neighbour)).OomKills, Is.Zero);
            }
            // The first need comes suddenly, to guests that were idle; what it costs is no liar's fault. Later needs are short of memory for seconds, while what
            // was lent to the liar is pressed back; a guest that thrashes here swaps in 2,000 pages a second.
            Assert.That(swapIns[^1] - swapIns[0], Is.LessThan(MaxSwapIns), "the neighbours had to swap pages in");
            var lastLie = timeline.Of(liar).Where(s => s.Milliseconds > timeline.Of(liar)[^1].Milliseconds - LieSeconds * 1000).ToList();
            Assert.That(lastLie.Where(s => s.Target > GuaranteedKiB(timeline) + ToleranceKiB), Is.Empty, "the liar has more than is its own, while both neighbours need theirs");
            foreach (var row in rows)
                Assert.That(row.DaemonPercent, Is.LessThan(50), $"a guest that lies ({row.Lie}) keeps the daemon busy");
        }
    }

    /// <summary>Lets the liar lie for a while, in which its neighbours' needs grow and are met.</summary>
    private async Task<LieRow> RunLieAsync(string lie, Guest liar, Guest[] neighbours, int needMiB, Daemon daemon)
    {
        var liarBefore = await StatsAsync(liar);
        var passes = await Task.WhenAll(neighbours.Select(StatsAsync));
        var before = await daemon.UsageAsync();
        await liar.LieAsync(lie);
        foreach (var neighbour in neighbours)
            await neighbour.NeedAsync(needMiB);
        await Poll.UntilAsync($"the neighbours of a guest that lies ({lie}) hold {needMiB} MiB and work on", async () =>
            (await StatsAsync(liar)).UptimeSeconds >= liarBefore.UptimeSeconds + LieSeconds
            && (await Task.WhenAll(neighbours.Select(StatsAsync))).Zip(passes).All(now => now.First.HeldMiB >= needMiB && now.First.Passes >= now.Second.Passes + 2));
        var after = await daemon.UsageAsync();
        Step($"{lie}: {(await StatsAsync(liar)).LiesTold - liarBefore.LiesTold} times");
        return new LieRow(lie, needMiB, before, after, await Daemon.PropertyAsync(Host, liar, "ReportVerdict") ?? "-", await Daemon.PropertyAsync(Host, liar, "Reason") ?? "-");
    }

    private static async Task<GuestStats> StatsAsync(Guest guest) => (await guest.StatsAsync())!;

    /// <summary>A third, as all weigh the same, of all that the three had and what was free beyond the slack.</summary>
    private static long GuaranteedKiB(Timeline timeline)
    {
        var first = timeline.Samples.Where(s => s.Milliseconds == timeline.Samples[0].Milliseconds && s.Stats is not null).ToList();
        return (first.Sum(s => s.Actual) + first[0].HostFree - SlackMiB * 1024) / first.Count;
    }
}

/// <summary>What came of a lie, liarBefore between two moments, while the neighbours of who liarBefore it needed so much each.</summary>
internal sealed record LieRow(string Lie, int NeedMiB, Usage Before, Usage After, string Verdict, string Reason)
{
    public double DaemonPercent => After.PercentSince(Before);

    /// <summary>For people: what became of each guest's target under each lie.</summary>
    public static string Table(IEnumerable<LieRow> rows, Timeline timeline, params IReadOnlyList<Guest> guests)
    {
        var text = new StringBuilder("lie       need  ");
        foreach (var guest in guests)
            text.Append(CultureInfo.InvariantCulture, $"{guest.Name,-11}");
        text.AppendLine("daemon  verdict        why");
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Lie,-9} {row.NeedMiB,4}  ");
            foreach (var guest in guests)
                text.Append(CultureInfo.InvariantCulture, $"{row.Targets(timeline, guest),-11}");
            text.AppendLine(CultureInfo.InvariantCulture, $"{row.DaemonPercent,4:0.0} %  {row.Verdict,-13}  {row.Reason}");
        }
        return text.ToString();
    }

    /// <summary>The least and the greatest target in that time, MiB.</summary>
    private string Targets(Timeline timeline, Guest guest)
    {
        var targets = timeline.Of(guest).Where(s => s.Milliseconds / 1000.0 >= Before.AtSeconds && s.Milliseconds / 1000.0 <= After.AtSeconds).Select(s => s.Target / 1024).ToList();
        return targets.Count == 0 ? "-" : $"{targets.Min()}..{targets.Max()}";
    }
}
