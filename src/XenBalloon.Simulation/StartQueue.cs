using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Outcomes;

namespace XenBalloon.Simulation;

/// <summary>The starts that have been asked for: those that still wait for memory, and what became of the others.</summary>
internal sealed class StartQueue
{
    private readonly List<GuestStart> ended = [];
    private List<PendingStart> pending = [];

    /// <summary>Those that wait, in the order in which they were asked for.</summary>
    public ImmutableArray<StartRequest> Waiting { get; private set; } = [];

    /// <summary>All of them: those that have ended in the order in which they ended, then those that wait.</summary>
    public ImmutableArray<GuestStart> Records => [.. ended, .. pending.Select(start => start.Record)];

    /// <summary>How many were given up.</summary>
    public int Failed { get; private set; }

    /// <summary>Someone asks for a start.</summary>
    public void Ask(SimulatedGuest guest, TimeSpan now)
    {
        if (pending.Exists(start => start.Guest == guest)) return;
        TimeSpan deadline = guest.Description.Patience is { } patience ? now + patience : now;
        pending.Add(new PendingStart(guest, new StartRequest(guest.Description.Name, guest.NeedsToStart, now, deadline)));
    }

    /// <summary>Takes out what fits, in order; one that does not fit does not hold up a later smaller one. Who has waited for too long gives up.</summary>
    /// <param name="now">The scenario's time.</param>
    /// <param name="free">What is free on the host.</param>
    /// <returns>Those to be created now.</returns>
    public IReadOnlyList<SimulatedGuest> Admit(TimeSpan now, KiB free)
    {
        if (pending.Count == 0) return [];
        var admitted = new List<SimulatedGuest>();
        var staying = new List<PendingStart>();
        foreach (PendingStart start in pending)
        {
            if (start.Request.Needed <= free)
            {
                free -= start.Request.Needed;
                admitted.Add(start.Guest);
                ended.Add(start.Record with { CreatedAt = now });
            }
            else if (now < start.Request.Deadline)
            {
                staying.Add(start);
            }
            else
            {
                Failed++;
                ended.Add(start.Record with { GivenUpAt = now });
            }
        }

        pending = staying;
        ImmutableArray<StartRequest> requests = [.. pending.Select(start => start.Request)];
        if (!requests.SequenceEqual(Waiting)) Waiting = requests;
        return admitted;
    }

    private readonly record struct PendingStart(SimulatedGuest Guest, StartRequest Request)
    {
        public GuestStart Record => new(Request.Name, Request.RequestedAt);
    }
}
