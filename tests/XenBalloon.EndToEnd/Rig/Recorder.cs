using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>The event recorder that runs in dom0: tests/rig/dom0/recorder.c.</summary>
internal sealed class Recorder
{
    private const string File = "/tmp/recorded";
    private readonly XenHost host;
    private readonly string pid;

    private Recorder(XenHost host, string pid)
    {
        this.host = host;
        this.pid = pid;
    }

    /// <summary>Records requests to these guests, their reports, targets and sizes.</summary>
    public static async Task<Recorder> StartAsync(XenHost host, params IReadOnlyList<Guest> guests)
    {
        string[] leaves = ["data/eat", "data/tmpfs", "data/xenballoon", "memory/target"];
        var paths = string.Join(' ', guests.SelectMany(g => leaves.Select(leaf => $"{g.Path}/{leaf}")));
        var pid = (await host.RunAsync($"recorder {paths} > {File} 2>&1 & echo $!")).Trim();
        // Each watch fires once when it is set.
        await Poll.UntilAsync("the recorder's watches are set", async () =>
            (await host.TryAsync($"grep -c /local/ {File}")) is { ExitCode: 0, Output: var count }
            && int.Parse(count, CultureInfo.InvariantCulture) >= guests.Count * leaves.Length);
        return new Recorder(host, pid);
    }

    public async Task<Recording> StopAsync()
    {
        await host.TryAsync($"kill {pid}");
        var lines = (await host.ReadFileAsync(File)).Split('\n');
        return new Recording(lines.Select(RecordedEvent.Parse).OfType<RecordedEvent>());
    }
}

/// <summary>What happened, in requestedMiB of time. The first event of each leaf is its watch's own.</summary>
internal sealed class Recording(IEnumerable<RecordedEvent> events)
{
    private readonly IReadOnlyList<RecordedEvent> events = [.. events];

    public IReadOnlyList<RecordedEvent> Reports(Guest guest) => Leaf(guest, "data/xenballoon");

    public IReadOnlyList<RecordedEvent> Targets(Guest guest) => Leaf(guest, "memory/target");

    /// <summary>When the guest was requested to use so much.</summary>
    public long RequestedAt(Guest guest, int mib) =>
        events.First(e => (e.Path == $"{guest.Path}/data/eat" || e.Path == $"{guest.Path}/data/tmpfs")
            && e.Value == mib.ToString(CultureInfo.InvariantCulture)).Milliseconds;

    /// <summary>Each change of the memory that the guest holds.</summary>
    public IReadOnlyList<RecordedEvent> Held(Guest guest) =>
        [.. events.Where(e => e.Path == string.Create(CultureInfo.InvariantCulture, $"held/{guest.Domid}"))];

    private IReadOnlyList<RecordedEvent> Leaf(Guest guest, string leaf) =>
        [.. events.Where(e => e.Path == $"{guest.Path}/{leaf}").Skip(1)];
}

/// <summary>A line of the recorder: time, node (or a domain's size), value.</summary>
internal sealed record RecordedEvent(long Milliseconds, string Path, string Value)
{
    /// <summary>Null for an incomplete line, such as the last one while the recorder writes.</summary>
    public static RecordedEvent? Parse(string line) =>
        line.Split(' ', 3) is [var time, var path, var value]
        && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
            ? new RecordedEvent(ms, path, value)
            : null;

    public long KiB => long.Parse(Value, CultureInfo.InvariantCulture);
}

/// <summary>
/// How a need was met: times in ms since the guest was requested to use more, and the number of targets written.
/// </summary>
internal sealed record Delivery(long FirstReport, long FirstTarget, long NinetyPercent, int Targets)
{
    /// <summary>Finds in a recording when a guest had got 90 % of the memory that it lacked.</summary>
    /// <param name="recording">The recording of all guests involved.</param>
    /// <param name="needy">The guest in need.</param>
    /// <param name="requestedMiB">What it was requested to need, MiB.</param>
    /// <param name="growthKiB">The part of it that the guest lacked.</param>
    /// <param name="others">Other guests whose targets count.</param>
    public static Delivery Of(
        Recording recording,
        Guest needy,
        int requestedMiB,
        long growthKiB,
        params IReadOnlyList<Guest> others)
    {
        var start = recording.RequestedAt(needy, requestedMiB);
        var held = recording.Held(needy);
        var had = held.Last(e => e.Milliseconds <= start).KiB;
        var delivered = held.First(e => e.KiB >= had + growthKiB * 9 / 10).Milliseconds;
        var targets = ((IEnumerable<Guest>)[needy, .. others]).SelectMany(recording.Targets)
            .Select(e => e.Milliseconds).Where(t => t >= start && t <= delivered).Order().ToList();
        var report = recording.Reports(needy).First(e => e.Milliseconds >= start).Milliseconds;
        return new Delivery(report - start, targets[0] - start, delivered - start, targets.Count);
    }

    /// <summary>A table of all rounds with minimum, median and maximum.</summary>
    public static string Table(string what, IReadOnlyList<Delivery> rounds) =>
        string.Create(CultureInfo.InvariantCulture, $"""
        {what}, {rounds.Count} rounds; s, min/median/max
          need to first report       {Times(rounds, r => r.FirstReport)}
          need to first target       {Times(rounds, r => r.FirstTarget)}
          need to 90 % delivered     {Times(rounds, r => r.NinetyPercent)}
          targets written            {string.Join(' ', rounds.Select(r => r.Targets))}
        """);

    private static string Times(IReadOnlyList<Delivery> rounds, Func<Delivery, long> time)
    {
        var sorted = rounds.Select(time).Order().Select(t => t / 1000.0).ToList();
        var each = string.Join(
            ' ',
            rounds.Select(r => (time(r) / 1000.0).ToString("0.00", CultureInfo.InvariantCulture)));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{sorted[0]:0.00}/{sorted[sorted.Count / 2]:0.00}/{sorted[^1]:0.00}   ({each})");
    }
}
