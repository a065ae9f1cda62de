using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>Records the timeline of a run for plots: a limited number of moments, evenly spaced.</summary>
/// <param name="duration">The length of the run.</param>
/// <param name="moments">The maximum number of moments, 2 or more.</param>
public sealed class TimelineRecorder(TimeSpan duration, int moments = TimelineRecorder.DefaultMoments)
{
    /// <summary>A plot has no pixels for more.</summary>
    public const int DefaultMoments = 281;

    private readonly TimeSpan spacing = Spacing(duration, moments);
    private readonly List<TimelineMoment> kept = [];
    private TimeSpan next;
    private ImmutableArray<(TimeSpan Worked, TimeSpan Stalled)> before = [];

    /// <summary>The recorded moments.</summary>
    public ImmutableArray<TimelineMoment> Moments => [.. kept];

    /// <summary>Records a tick.</summary>
    internal void OnTick(Machine machine)
    {
        if (machine.Now < next) return;
        next += spacing;
        kept.Add(new TimelineMoment(machine.Now, machine.Free, [.. machine.Guests.Select(Show)]));
        before =
            [.. machine.Guests.Select(guest => guest.Outcome()).Select(outcome => (outcome.Worked, outcome.Stalled))];
    }

    private TimelineGuest? Show(SimulatedGuest guest, int number)
    {
        if (guest.State == GuestState.Absent) return null;
        GuestOutcome outcome = guest.Outcome();
        (TimeSpan worked, TimeSpan stalled) = before.IsEmpty ? default : before[number];
        double slowdown = outcome.Worked == worked
            ? 1
            : SlowdownWindows.Slowdown(outcome.Worked - worked, outcome.Stalled - stalled);
        return new TimelineGuest(guest.Occupied, guest.Target, guest.Needed, slowdown);
    }

    private static TimeSpan Spacing(TimeSpan duration, int moments)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(moments, 2);
        long ticks = Math.Max(1, (long)Math.Ceiling(duration / Tick.Length / (moments - 1)));
        return Tick.Length * ticks;
    }
}

/// <summary>A moment of a run.</summary>
/// <param name="At">The time.</param>
/// <param name="Free">The free memory of the host.</param>
/// <param name="Guests">The guests, in scenario order; null for one that does not exist.</param>
public sealed record TimelineMoment(TimeSpan At, KiB Free, ImmutableArray<TimelineGuest?> Guests);

/// <summary>A guest at a moment of a run.</summary>
/// <param name="Actual">What the hypervisor holds for it, or keeps for it while it is being built.</param>
/// <param name="Target">The balloon target; null while it is being built.</param>
/// <param name="Needed">What it needs to run without waiting.</param>
/// <param name="Slowdown">Its slowdown since the moment before; 1 for none.</param>
public sealed record TimelineGuest(KiB Actual, KiB? Target, KiB Needed, double Slowdown);
