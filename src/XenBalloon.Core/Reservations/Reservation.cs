using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>Memory promised to a domain yet to come; plain data, so that it can be saved and loaded. Times are on the snapshot's clock.</summary>
public sealed record Reservation
{
    /// <summary>Its number, never used again.</summary>
    public required long Id { get; init; }

    /// <summary>It is ready when this much is held; whole pages.</summary>
    public required KiB Minimum { get; init; }

    /// <summary>No more than this is held; whole pages.</summary>
    public required KiB Maximum { get; init; }

    /// <summary>Who asked for it.</summary>
    public required string Owner { get; init; }

    /// <summary>The name or UUID of the domain that it is for; empty where that is not known.</summary>
    public string For { get; init; } = "";

    /// <summary>Whether it stays when the owner leaves.</summary>
    public bool Persistent { get; init; }

    /// <summary>When it was asked for.</summary>
    public required TimeSpan RequestedAt { get; init; }

    /// <summary>When its minimum must be free; null when there is no hurry.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Where it is in its life.</summary>
    public ReservationState State { get; init; }

    /// <summary>What is set aside for it now: free, and for no one else.</summary>
    public KiB Held { get; init; }

    /// <summary>When its minimum was first held, which is when its owner got the answer; null before. The deadline no longer counts after it.</summary>
    public TimeSpan? ReadyAt { get; init; }

    /// <summary>What has gone to later reservations while this one waited: bounded by its own minimum, so that small ones cannot starve it.</summary>
    public KiB Overtaken { get; init; }

    /// <summary>The domain that it belongs to; null while it belongs to none.</summary>
    public ReservationClaim? Claim { get; init; }

    /// <summary>When its minimum will be free if the balloons go on as they do; null when it is ready, or while all donors together cannot give it.</summary>
    public TimeSpan? Eta { get; init; }

    /// <summary>Who was asked for how much, and who could not be, while it gathers; in no particular order.</summary>
    public ImmutableArray<Donation> Donations { get; init; } = [];

    /// <summary>Whether it has not ended.</summary>
    public bool IsOpen => State <= ReservationState.Claimed;

    /// <summary>Whether its deadline can still end it: it is open, and its minimum was never held.</summary>
    public bool IsAwaited => State == ReservationState.Gathering && ReadyAt is null;

    /// <summary>
    /// Whether its minimum is more than what is free and all that the others can give: nothing is held for it then and nobody is pressed, for it would be
    /// in vain; it goes on when things change.
    /// </summary>
    public bool IsOutOfReach { get; init; }

    /// <summary>What it lacks before it is ready.</summary>
    public KiB Missing => State == ReservationState.Gathering ? KiB.Max(KiB.Zero, Minimum - Held) : KiB.Zero;

    /// <summary>What must be freed for it now.</summary>
    public KiB Wanted => IsOutOfReach ? KiB.Zero : Missing;

    /// <summary>What it can use beyond its minimum and what it holds.</summary>
    public KiB Desired => State <= ReservationState.Ready ? Maximum - KiB.Max(Minimum, Held) : KiB.Zero;

    /// <summary>Who did not give what it was asked for, or could not be asked, and why.</summary>
    public IEnumerable<Donation> BlockedBy => Donations.Where(one => one.IsObstructed);

    /// <summary>How it stands and who is in its way, in one line: <c>100 MiB of 512 MiB held; web1 gave 40 KiB of 512 MiB and is slow</c>.</summary>
    public string Explain()
    {
        string standing = IsOutOfReach ? $"all that the others can give does not reach {Minimum}"
            : State == ReservationState.Expired ? $"{Minimum} did not become free in time"
            : $"{Held} of {Minimum} held";
        return string.Join("; ", [standing, .. BlockedBy.Select(one => one.ToString())]);
    }
}
