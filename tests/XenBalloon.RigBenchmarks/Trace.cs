using System.Globalization;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.RigBenchmarks;

/// <summary>What happened in a run. All times are milliseconds of the host's clock.</summary>
internal sealed class Trace
{
    private readonly List<double> daemonSeconds = [];
    private readonly List<RecordedEvent> free;

    public Trace(string said, string recording, IReadOnlyList<Guest> guests)
    {
        var events = recording.Split('\n').Select(RecordedEvent.Parse).OfType<RecordedEvent>().ToList();
        free = [.. events.Where(e => e.Path == "free")];
        Guests = [.. guests.Select(g => new GuestTrace(g, events))];
        var marks = new List<long>();
        foreach (var words in said.Split('\n').Select(line => line.Split(' ')))
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

    /// <summary>The beginning of each phase, and the end of the last.</summary>
    public IReadOnlyList<long> Marks { get; }

    /// <summary>When the domain that was to be started was there.</summary>
    public long? Created { get; }

    public int Deaths { get; }

    /// <summary>The daemon's time on a CPU in a phase.</summary>
    public double DaemonSeconds(int phase) => daemonSeconds[phase + 1] - daemonSeconds[phase];

    public long FreeKiB(long at) => free.LastOrDefault(e => e.Milliseconds <= at)?.KiB ?? 0;

    private static long Milliseconds(string seconds) =>
        (long)(1000 * double.Parse(seconds, CultureInfo.InvariantCulture));
}
