using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Hosts;

/// <summary>A start that waits for memory. It fails if too little memory is free before the deadline.</summary>
/// <param name="Name">The guest's name.</param>
/// <param name="Needed">The memory that creation takes.</param>
/// <param name="RequestedAt">The time of the request, in scenario time.</param>
/// <param name="Deadline">When the start fails, in scenario time.</param>
public sealed record StartRequest(string Name, KiB Needed, TimeSpan RequestedAt, TimeSpan Deadline);

/// <summary>The requested starts: waiting and ended ones.</summary>
internal sealed class StartQueue
{
    private readonly List<GuestStart> ended = [];
    private List<PendingStart> pending = [];

    /// <summary>The waiting starts, in the order of their requests.</summary>
    public ImmutableArray<StartRequest> Waiting { get; private set; } = [];

    /// <summary>All starts: the ended ones in the order of their ends, then the waiting ones.</summary>
    public ImmutableArray<GuestStart> Records => [.. ended, .. pending.Select(start => start.Record)];

    /// <summary>The number of failed starts.</summary>
    public int Failed { get; private set; }

    /// <summary>Adds a request.</summary>
    public void Add(SimulatedGuest guest, TimeSpan now)
    {
        if (pending.Exists(start => start.Guest == guest)) return;
        TimeSpan deadline = guest.Description.Patience is { } patience ? now + patience : now;
        var request = new StartRequest(guest.Description.Name, guest.NeedsToStart, now, deadline);
        pending.Add(new PendingStart(guest, request));
    }

    /// <summary>
    /// Removes the starts that fit, in order, and those past their deadline. A start that does not fit does not block a
    /// later, smaller one.
    /// </summary>
    /// <param name="now">The scenario time.</param>
    /// <param name="free">The host's free memory.</param>
    /// <returns>The guests to create now.</returns>
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
