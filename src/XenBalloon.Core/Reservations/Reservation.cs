using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>
/// The state of a reservation. Up to <see cref="Claimed"/> it is open; the others are final.
/// </summary>
public enum ReservationState
{
    /// <summary>Its minimum is not free yet, or no longer: memory is being freed for it.</summary>
    Gathering,

    /// <summary>At least its minimum is set aside: a domain can be started.</summary>
    Ready,

    /// <summary>It belongs to a domain, and shrinks as that domain takes its pages.</summary>
    Claimed,

    /// <summary>The domain has taken all of it, or is built and needs no more.</summary>
    Completed,

    /// <summary>Its owner cancelled it.</summary>
    Cancelled,

    /// <summary>Its minimum was not free by its deadline, or no domain claimed it in time.</summary>
    Expired,

    /// <summary>Its owner left before any domain had claimed it.</summary>
    OwnerLeft,

    /// <summary>The domain that claimed it is gone.</summary>
    DomainDied,

    /// <summary>
    /// The domain that claimed it is not built and has stopped taking pages long ago: its toolstack is gone.
    /// </summary>
    Abandoned,
}

/// <summary>The domain that claimed a reservation, and how much of it the domain has taken.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="HeldBefore">
/// What it occupied (<see cref="DomainSnapshot.Occupied"/>) at the claim: only what it takes beyond that comes out of
/// the reservation.
/// </param>
/// <param name="Granted">What was set aside at the claim.</param>
/// <param name="Outstanding">
/// What it has not taken yet. Only falls: pages that a domain gives back do not return to its reservation.
/// </param>
/// <param name="TakenAt">When it last took pages, on the snapshot's clock.</param>
public readonly record struct ReservationClaim(
    DomainIdentity Domain, KiB HeldBefore, KiB Granted, KiB Outstanding, TimeSpan TakenAt);

/// <summary>
/// Memory promised to a domain that will start. Plain data, so it can be saved and loaded. Times are on the snapshot's
/// clock.
/// </summary>
public sealed record Reservation
{
    /// <summary>Its number, which is never reused.</summary>
    public required long Id { get; init; }

    /// <summary>It is ready when this much is held, in whole pages.</summary>
    public required KiB Minimum { get; init; }

    /// <summary>The most that is held, in whole pages.</summary>
    public required KiB Maximum { get; init; }

    /// <summary>Its owner: a bus name, or a name for people.</summary>
    public required string Owner { get; init; }

    /// <summary>The name or UUID of the domain that it is for; empty if unknown.</summary>
    public string For { get; init; } = "";

    /// <summary>Whether it stays when the owner leaves.</summary>
    public bool Persistent { get; init; }

    /// <summary>When it was requested.</summary>
    public required TimeSpan RequestedAt { get; init; }

    /// <summary>When its minimum must be free; null if there is no deadline.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>When it ends if no domain has claimed it; null for never.</summary>
    public TimeSpan? ExpiresAt { get; init; }

    /// <summary>Its state.</summary>
    public ReservationState State { get; init; }

    /// <summary>Free memory set aside for it now.</summary>
    public KiB Held { get; init; }

    /// <summary>
    /// When its minimum was first held and its owner notified; null before. From then on the deadline does not
    /// apply.
    /// </summary>
    public TimeSpan? ReadyAt { get; init; }

    /// <summary>
    /// How much went to later reservations while this one waited: at most its own minimum, so small ones cannot starve
    /// it.
    /// </summary>
    public KiB Overtaken { get; init; }

    /// <summary>The claim of the domain that it belongs to; null before a claim.</summary>
    public ReservationClaim? Claim { get; init; }

    /// <summary>
    /// When its minimum will be free at the balloons' present speed; null if it is ready, or if all donors together
    /// cannot give it.
    /// </summary>
    public TimeSpan? Eta { get; init; }

    /// <summary>
    /// What was requested from each domain, what it gave and what hindered it, while it gathers; in no particular
    /// order.
    /// </summary>
    public ImmutableArray<Donation> Donations { get; init; } = [];

    /// <summary>Whether it has not ended.</summary>
    public bool IsOpen => State <= ReservationState.Claimed;

    /// <summary>Whether its deadline can still end it: it is open and was never ready.</summary>
    public bool IsAwaited => State == ReservationState.Gathering && ReadyAt is null;

    /// <summary>
    /// Whether its minimum exceeds free memory and all that the donors can give. Then nothing is held for it and no
    /// domain is pressed, because that would be useless. It continues when that changes.
    /// </summary>
    public bool IsOutOfReach { get; init; }

    /// <summary>Whether the balancer made it, for a domain that is expected to come back after a reboot.</summary>
    public bool IsForReturn => Owner == ReservationBook.ReturnOwner;

    /// <summary>Whether it ends when this owner leaves.</summary>
    internal bool IsDroppedWith(string owner) => Owner == owner && !Persistent && Claim is null;

    /// <summary>What is missing until it is ready.</summary>
    public KiB Missing => State == ReservationState.Gathering ? KiB.Max(KiB.Zero, Minimum - Held) : KiB.Zero;

    /// <summary>What must be freed for it now.</summary>
    public KiB Wanted => IsOutOfReach ? KiB.Zero : Missing;

    /// <summary>What it can use beyond its minimum and beyond what is held.</summary>
    public KiB Desired => State <= ReservationState.Ready ? Maximum - KiB.Max(Minimum, Held) : KiB.Zero;

    /// <summary>
    /// The domains that do not give the requested memory, or from which none can be requested, and why.
    /// </summary>
    public IEnumerable<Donation> BlockedBy => Donations.Where(donation => donation.IsObstructed);

    /// <summary>
    /// Its progress and what hinders it, in one line:
    /// <c>100 MiB of 512 MiB held; web1 gave 40 KiB of 512 MiB and is slow</c>.
    /// </summary>
    public string Explain()
    {
        if (State == ReservationState.Expired && ReadyAt is not null) return $"no domain claimed {Minimum} in time";
        string progress = IsOutOfReach
            ? $"not enough memory: free memory and all that domains can give are less than {Minimum}"
            : State == ReservationState.Expired ? $"{Minimum} did not become free in time"
            : $"{Held} of {Minimum} held";
        return string.Join("; ", [progress, .. BlockedBy.Select(donation => donation.ToString())]);
    }
}

/// <summary>A request to set memory aside for a domain that will start.</summary>
/// <param name="Minimum">The least memory that the domain can start with.</param>
/// <param name="Maximum">The most memory that the domain can use.</param>
/// <param name="Owner">
/// The owner: a bus name, or a name for people. Empty in a request to the bus, which knows the caller.
/// </param>
/// <param name="Persistent">Whether it stays when the owner leaves.</param>
/// <param name="Within">
/// The time within which the minimum must be free; null to wait without limit, zero for memory that is free already. It
/// does not end a reservation that was ready in time.
/// </param>
/// <param name="For">
/// The name or UUID of the domain that it is for, if known: that domain gets the reservation as soon as it is being
/// built. Empty if the owner will claim it.
/// </param>
/// <param name="ExpiresAfter">
/// How long after the request it ends if no domain has claimed it, even if it is ready; null for never.
/// </param>
public sealed record ReservationRequest(
    KiB Minimum,
    KiB Maximum,
    string Owner = "",
    bool Persistent = false,
    TimeSpan? Within = null,
    string For = "",
    TimeSpan? ExpiresAfter = null)
{
    /// <summary>The longest time that can be requested.</summary>
    public static TimeSpan LongestWithin { get; } = TimeSpan.FromDays(3650);

    /// <summary>No domain name is longer.</summary>
    private const int LongestName = 256;

    /// <summary>What is wrong with the request, for the owner; null if it is valid.</summary>
    public string? Fault()
    {
        if (Minimum <= KiB.Zero) return $"invalid minimum {Minimum.Value} KiB: expected more than 0";
        if (Maximum < Minimum)
        {
            return $"invalid maximum {Maximum.Value} KiB: expected at least the minimum, {Minimum.Value} KiB";
        }

        if (Maximum > KiB.Largest) return $"invalid maximum {Maximum.Value} KiB: more memory than any machine has";
        if (Minimum != Minimum.FloorToPage())
        {
            return $"invalid minimum {Minimum.Value} KiB: expected whole pages of {KiB.PerPage} KiB";
        }

        if (Maximum != Maximum.FloorToPage())
        {
            return $"invalid maximum {Maximum.Value} KiB: expected whole pages of {KiB.PerPage} KiB";
        }

        if (string.IsNullOrWhiteSpace(Owner)) return "missing owner: a reservation requires one";
        if (For.Length > LongestName)
        {
            return $"invalid domain name '{For[..16]}…': expected at most {LongestName} characters, not {For.Length}";
        }

        if (Within < TimeSpan.Zero) return "invalid timeout: expected 0 or more";
        if (Within > LongestWithin)
        {
            return $"invalid timeout: expected at most {LongestWithin.TotalSeconds:0} s, ten years; "
                + "omit it to wait without limit";
        }

        if (ExpiresAfter <= TimeSpan.Zero) return "invalid expiry: expected more than 0";
        return ExpiresAfter > LongestWithin
            ? $"invalid expiry: expected at most {LongestWithin.TotalSeconds:0} s, ten years; omit it for no limit"
            : null;
    }
}
