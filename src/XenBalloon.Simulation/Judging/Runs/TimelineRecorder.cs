using System.Collections.Immutable;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>Keeps what is to be drawn of a run: so many moments, evenly spread, however long it is.</summary>
/// <param name="duration">How long the run is.</param>
/// <param name="moments">How many moments are kept at most, 2 or more.</param>
public sealed class TimelineRecorder(TimeSpan duration, int moments = TimelineRecorder.UsualMoments)
{
    /// <summary>Finer than this, a plot has no pixels.</summary>
    public const int UsualMoments = 281;

    private readonly TimeSpan spacing = Spacing(duration, moments);
    private readonly List<TimelineMoment> kept = [];
    private TimeSpan next;
    private ImmutableArray<(TimeSpan Worked, TimeSpan Stalled)> before = [];

    /// <summary>What was kept.</summary>
    public ImmutableArray<TimelineMoment> Moments => [.. kept];

    /// <summary>A tick has gone by.</summary>
    internal void OnTick(Machine machine)
    {
        if (machine.Now < next) return;
        next += spacing;
        kept.Add(new TimelineMoment(machine.Now, machine.Free, [.. machine.Guests.Select(Show)]));
        before = [.. machine.Guests.Select(guest => guest.Outcome()).Select(outcome => (outcome.Worked, outcome.Stalled))];
    }

    private TimelineGuest? Show(SimulatedGuest guest, int number)
    {
        if (guest.State == GuestState.Absent) return null;
        GuestOutcome outcome = guest.Outcome();
        (TimeSpan worked, TimeSpan stalled) = before.IsEmpty ? default : before[number];
        double slowdown = outcome.Worked == worked ? 1 : SlowdownWindows.Slowdown(outcome.Worked - worked, outcome.Stalled - stalled);
        return new TimelineGuest(guest.Occupied, guest.Target, guest.Needed, slowdown);
    }

    private static TimeSpan Spacing(TimeSpan duration, int moments)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(moments, 2);
        long ticks = Math.Max(1, (long)Math.Ceiling(duration / Tick.Length / (moments - 1)));
        return Tick.Length * ticks;
    }
}
