using System.Globalization;
using System.Text;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>
/// A guest that writes false reports, beside two honest guests whose needs grow to their guaranteed shares.
/// </summary>
[Category(CountedClock)]
public sealed class LyingGuestTests : XenTest
{
    // NeedMiB is the need of each neighbour meanwhile; the last ones are about the guaranteed share, a third of the
    // memory. The flood is last, because the daemon reads the guest's reports with delay for a minute after it.
    private static readonly (string Lie, int NeedMiB)[] Lies =
    [
        ("truth", 100), ("all", 112), ("nothing", 124), ("negative", 136), ("junk", 148),
        ("delete", 160), ("perms", 172), ("nodes", 184), ("all", 205), ("flood", 205),
    ];

    private const int LieSeconds = 8;

    // A report is up to a second old.
    private const int ToleranceKiB = 6 * 1024;

    /// <summary>Of both neighbours together, in two minutes: 16 MiB of the 410 MiB that they use.</summary>
    private const int MaxSwapIns = 4096;

    [Test]
    public async Task False_reports_take_no_memory_from_neighbours_and_do_not_stop_the_daemon()
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
                Assert.That(
                    timeline.Of(neighbour).Where(s => s.Target + ToleranceKiB < s.Used),
                    Is.Empty,
                    "a neighbour was taken below what it uses");
                Assert.That((await StatsAsync(neighbour)).OomKills, Is.Zero);
            }
            // The first need comes suddenly to idle guests; its cost is not due to the lies. Later needs lack memory
            // for seconds, while the memory lent to the liar is reclaimed. A thrashing guest swaps in 2,000 pages a
            // second.
            Assert.That(swapIns[^1] - swapIns[0], Is.LessThan(MaxSwapIns), "the neighbours swapped pages in");
            var lastLieBegins = timeline.Of(liar)[^1].Milliseconds - LieSeconds * 1000;
            var lastLie = timeline.Of(liar).Where(s => s.Milliseconds > lastLieBegins).ToList();
            Assert.That(
                lastLie.Where(s => s.Target > GuaranteedKiB(timeline) + ToleranceKiB),
                Is.Empty,
                "the liar has more than its share while both neighbours need theirs");
            foreach (var row in rows)
                Assert.That(row.DaemonPercent, Is.LessThan(50), $"the lie '{row.Lie}' keeps the daemon busy");
        }
    }

    /// <summary>Lets the liar write a lie for a while, in which its neighbours' needs grow and are met.</summary>
    private async Task<LieRow> RunLieAsync(string lie, Guest liar, Guest[] neighbours, int needMiB, Daemon daemon)
    {
        var liarBefore = await StatsAsync(liar);
        var passes = await Task.WhenAll(neighbours.Select(StatsAsync));
        var before = await daemon.UsageAsync();
        await liar.LieAsync(lie);
        foreach (var neighbour in neighbours)
            await neighbour.NeedAsync(needMiB);
        await Poll.UntilAsync($"the neighbours use {needMiB} MiB and work, during the lie '{lie}'", async () =>
            (await StatsAsync(liar)).UptimeSeconds >= liarBefore.UptimeSeconds + LieSeconds
            && (await Task.WhenAll(neighbours.Select(StatsAsync))).Zip(passes).All(now =>
                now.First.HeldMiB >= needMiB && now.First.Passes >= now.Second.Passes + 2));
        var after = await daemon.UsageAsync();
        Step($"{lie}: {(await StatsAsync(liar)).LiesTold - liarBefore.LiesTold} times");
        return new LieRow(
            lie,
            needMiB,
            before,
            after,
            await Daemon.PropertyAsync(Host, liar, "ReportVerdict") ?? "-",
            await Daemon.PropertyAsync(Host, liar, "Reason") ?? "-");
    }

    private static async Task<GuestStats> StatsAsync(Guest guest) => (await guest.StatsAsync())!;

    /// <summary>A third, as the weights are equal, of the guests' memory and the free memory above the slack.</summary>
    private static long GuaranteedKiB(Timeline timeline)
    {
        var first = timeline.Samples.Where(s =>
            s.Milliseconds == timeline.Samples[0].Milliseconds && s.Stats is not null).ToList();
        return (first.Sum(s => s.Actual) + first[0].HostFree - SlackMiB * 1024) / first.Count;
    }
}

/// <summary>The effect of a lie: told between two moments, while each neighbour needed so much.</summary>
internal sealed record LieRow(string Lie, int NeedMiB, Usage Before, Usage After, string Verdict, string Reason)
{
    public double DaemonPercent => After.PercentSince(Before);

    /// <summary>A table of the targets of each guest under each lie.</summary>
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
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{row.DaemonPercent,4:0.0} %  {row.Verdict,-13}  {row.Reason}");
        }
        return text.ToString();
    }

    /// <summary>The lowest and the highest target in that time, MiB.</summary>
    private string Targets(Timeline timeline, Guest guest)
    {
        var targets = timeline.Of(guest)
            .Where(s => s.Milliseconds / 1000.0 >= Before.AtSeconds && s.Milliseconds / 1000.0 <= After.AtSeconds)
            .Select(s => s.Target / 1024).ToList();
        return targets.Count == 0 ? "-" : $"{targets.Min()}..{targets.Max()}";
    }
}
