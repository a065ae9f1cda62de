using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>The domain that a reservation belongs to, and how far it has got.</summary>
/// <param name="Domain">Which domain.</param>
/// <param name="HeldBefore">
/// What it occupied (<see cref="DomainSnapshot.Occupied"/>) when it was given the reservation: only what it takes beyond comes out of that.
/// </param>
/// <param name="Granted">What was set aside then.</param>
/// <param name="Owed">What of that it has not taken yet. Only falls: pages that a domain gives back are not its reservation's again.</param>
/// <param name="TakenAt">When it last took pages, on the snapshot's clock.</param>
public readonly record struct ReservationClaim(DomainIdentity Domain, KiB HeldBefore, KiB Granted, KiB Owed, TimeSpan TakenAt);
