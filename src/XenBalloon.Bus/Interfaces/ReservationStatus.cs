using System.Text.Json.Serialization;
using XenBalloon.Core;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Interfaces;

/// <summary>A reservation as the daemon shows it; times that are unknown or do not apply are null.</summary>
[BusInterface("org.xenballoon.Balloon1.Reservation")]
public sealed partial record ReservationStatus
{
    /// <summary>Its number, which is in its path.</summary>
    public long Id { get; init; }

    /// <summary>The number of the domain that it belongs to; null while there is none.</summary>
    public uint? Domid => BusNames.DomidOf(Domain);

    /// <summary>Whether its minimum is still being freed, so that its domain cannot be started yet.</summary>
    [JsonIgnore]
    public bool IsGathering => State == EnumText.Of(ReservationState.Gathering);

    /// <summary>
    /// The reservation as the daemon publishes it. Its times are in whole seconds, so that what is the same looks the
    /// same.
    /// </summary>
    internal static ReservationStatus Of(Reservation reservation, Publication publication) => new()
    {
        Id = reservation.Id,
        Owner = BusNames.NameOfOwner(reservation.Owner),
        For = reservation.For,
        Persistent = reservation.Persistent,
        Minimum = reservation.Minimum,
        Maximum = reservation.Maximum,
        Held = reservation.Held,
        State = EnumText.Of(reservation.State),
        Deadline = WallClock(publication, reservation.Deadline),

        // In another mode nothing is done for it.
        Eta = publication.Mode == BalancerMode.Active ? WallClock(publication, reservation.Eta) : null,
        BlockedBy = [.. reservation.BlockedBy.Select(one => one.ToString())],
        Domain = reservation.Claim is { } claim ? BusNames.DomainPath(claim.Domain.Domid) : "",
        Reason = reservation.Explain(),
    };

    private static DateTimeOffset? WallClock(Publication publication, TimeSpan? at) =>
        at is { } known ? DateTimeOffset.FromUnixTimeSeconds(publication.ToWallClock(known).ToUnixTimeSeconds()) : null;
}
