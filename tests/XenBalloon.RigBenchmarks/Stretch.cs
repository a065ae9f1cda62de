using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.RigBenchmarks;

/// <summary>One phase of a run that was gone through.</summary>
internal sealed class Stretch(Run run, Trace trace, int phase)
{
    // Over which the pace of work at a phase's end is taken.
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
    /// Operations of the hot guests between two moments; beyond the end they would have gone on as they did at
    /// last.
    /// </summary>
    public double Work(long from, long to) => Until(to) - Until(from);

    /// <summary>By how much one of the guest's counters grew in the phase.</summary>
    public long Grown(GuestTrace guest, Func<GuestStats, long> counter) =>
        counter(guest.StatsFrom(End)) - counter(guest.Stats(Start));

    private double Until(long moment) => moment <= Length
        ? HotGuests.Sum(g => g.Touches(Start + moment))
        : Until(Length) + (Until(Length) - Until(Length - TailMilliseconds)) * (moment - Length) / TailMilliseconds;
}
