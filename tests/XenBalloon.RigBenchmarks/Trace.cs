using System.Globalization;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.RigBenchmarks;

/// <summary>The events of a run. All times are milliseconds of the host's clock.</summary>
internal sealed class Trace
{
    private readonly List<double> daemonSeconds = [];
    private readonly List<RecordedEvent> free;

    public Trace(string output, string recording, IReadOnlyList<Guest> guests)
    {
        var events = recording.Split('\n').Select(RecordedEvent.Parse).OfType<RecordedEvent>().ToList();
        free = [.. events.Where(e => e.Path == "free")];
        Guests = [.. guests.Select(g => new GuestTrace(g, events))];
        var marks = new List<long>();
        foreach (var words in output.Split('\n').Select(line => line.Split(' ')))
            switch (words)
            {
                case ["mark", var seconds, var ticks]:
                    marks.Add(Milliseconds(seconds));
                    daemonSeconds.Add(double.Parse(ticks, CultureInfo.InvariantCulture) / 100);
                    break;
                case ["created", "0", var seconds]:
                    Created = Milliseconds(seconds);
                    break;
                case ["dead", _]:
                    Deaths++;
                    break;
            }
        Marks = marks;
    }

    public IReadOnlyList<GuestTrace> Guests { get; }

    /// <summary>The start of each phase, and the end of the last.</summary>
    public IReadOnlyList<long> Marks { get; }

    /// <summary>When the new domain was created.</summary>
    public long? Created { get; }

    public int Deaths { get; }

    /// <summary>The daemon's CPU time in a phase.</summary>
    public double DaemonSeconds(int phase) => daemonSeconds[phase + 1] - daemonSeconds[phase];

    public long FreeKiB(long at) => free.LastOrDefault(e => e.Milliseconds <= at)?.KiB ?? 0;

    private static long Milliseconds(string seconds) =>
        (long)(1000 * double.Parse(seconds, CultureInfo.InvariantCulture));
}

/// <summary>The events of a guest in a run.</summary>
internal sealed class GuestTrace
{
    private readonly List<RecordedEvent> held, targets, reports;
    private readonly List<(long At, GuestStats Stats)> stats;

    public GuestTrace(Guest guest, IReadOnlyList<RecordedEvent> events)
    {
        held = [.. events.Where(e => e.Path == string.Create(CultureInfo.InvariantCulture, $"held/{guest.Domid}"))];
        // The target of a guest that died has the value "-".
        targets = [.. events.Where(e => e.Path == $"{guest.Path}/memory/target" && e.Value != "-")];
        string[] reported = [$"{guest.Path}/data/xenballoon", $"{guest.Path}/data/meminfo_free"];
        reports = [.. events.Where(e => reported.Contains(e.Path))];
        var output = events.Where(e => e.Path == $"{guest.Path}/data/rig-stats")
            .Select(e => (e.Milliseconds, Stats: GuestStats.Parse(e.Value))).Where(e => e.Stats is not null).ToList();
        // Statistics of a busy guest arrive late. Their time is that of the guest's clock, whose offset to the host's
        // clock is constant.
        var ahead = output.Count == 0 ? 0 : output.Min(e => e.Milliseconds - e.Stats!.UptimeMilliseconds);
        stats = [.. output.Select(e => (e.Stats!.UptimeMilliseconds + ahead, e.Stats))];
    }

    public long HeldKiB(long at) => (held.LastOrDefault(e => e.Milliseconds <= at) ?? held[0]).KiB;

    public long TargetKiB(long at) => (targets.LastOrDefault(e => e.Milliseconds <= at) ?? targets[0]).KiB;

    /// <summary>The guest's last statistics at that time.</summary>
    public GuestStats Stats(long at) => stats[Math.Max(0, stats.FindLastIndex(s => s.At <= at))].Stats;

    /// <summary>Its first statistics from then on; there are some after the end of the last job.</summary>
    public GuestStats StatsFrom(long at) =>
        stats.FindIndex(s => s.At >= at) is >= 0 and var next ? stats[next].Stats : stats[^1].Stats;

    /// <summary>The memory in use then.</summary>
    public long UsedKiB(long at) => HeldKiB(at) - Stats(at).AvailableKiB;

    /// <summary>The number of operations until then.</summary>
    public double Touches(long at)
    {
        var next = stats.FindIndex(s => s.At > at);
        if (next <= 0)
            return next < 0 ? stats[^1].Stats.Touches : stats[0].Stats.Touches;
        var (before, after) = (stats[next - 1], stats[next]);
        var pace = (double)(after.Stats.Touches - before.Stats.Touches) / (after.At - before.At);
        return before.Stats.Touches + pace * (at - before.At);
    }

    /// <summary>When it next reported to the daemon.</summary>
    public long? Reported(long from) => reports.Find(e => e.Milliseconds > from)?.Milliseconds;

    /// <summary>When a target was next written.</summary>
    public long? TargetWritten(long from) => targets.Find(e => e.Milliseconds > from)?.Milliseconds;

    /// <summary>When it first held that much.</summary>
    public long? Holds(long from, long kib) =>
        HeldKiB(from) >= kib ? from : held.Find(e => e.Milliseconds > from && e.KiB >= kib)?.Milliseconds;
}

/// <summary>The trace of a phase of a run.</summary>
internal sealed class PhaseTrace(Run run, Trace trace, int phase)
{
    // The time at a phase's end that determines the rate of work for extrapolation.
    private const int TailMilliseconds = 4000;

    public Trace Trace => trace;

    public long Start => trace.Marks[phase];

    public long End => trace.Marks[phase + 1];

    public long Length => End - Start;

    public IEnumerable<GuestTrace> HotGuests => run.Phases[phase].Hot.Select(i => trace.Guests[i]);

    public IEnumerable<long> Moments(int step)
    {
        for (var at = Start; at < End; at += step)
            yield return at;
    }

    /// <summary>
    /// Operations of the hot guests between two moments. Beyond the end of the phase, the last rate is extrapolated.
    /// </summary>
    public double Work(long from, long to) => Until(to) - Until(from);

    /// <summary>The increase of a counter of the guest in the phase.</summary>
    public long Increase(GuestTrace guest, Func<GuestStats, long> counter) =>
        counter(guest.StatsFrom(End)) - counter(guest.Stats(Start));

    private double Until(long moment) => moment <= Length
        ? HotGuests.Sum(g => g.Touches(Start + moment))
        : Until(Length) + (Until(Length) - Until(Length - TailMilliseconds)) * (moment - Length) / TailMilliseconds;
}
