using XenBalloon.Bus.Definitions;
using XenBalloon.Core.Memory;
using static XenBalloon.Bus.Definitions.PropertyChanges;

namespace XenBalloon.Bus.Objects;

/// <summary>What a reservation's object can be asked. Sizes are in KiB.</summary>
internal static class ReservationInterface
{
    internal static BusInterface<PublishedReservation> Define(IControl control) => new(
        Names.ReservationInterface,
        [
            new("Transfer", [new("domid", BusValue.UInt32)], null, (r, call) => TransferAsync(r, call, control)),
            new("Cancel", [], null, (r, call) => Authorization.IfAllowedAsync(call, Names.ReserveAction, () => control.CancelAsync(r.Reservation.Id))),
        ],
        [
            new("Owner", BusValue.String, Never, r => r.Reservation.Owner),
            new("For", BusValue.String, Never, r => r.Reservation.For),
            new("Persistent", BusValue.Boolean, Never, r => r.Reservation.Persistent),
            new("Minimum", BusValue.UInt64, Never, r => Size(r.Reservation.Minimum)),
            new("Maximum", BusValue.UInt64, Never, r => Size(r.Reservation.Maximum)),
            new("Held", BusValue.UInt64, Announced, r => Size(r.Reservation.Held)),
            new("State", BusValue.String, Announced, r => Words.For(r.Reservation.State)),
            new("Deadline", BusValue.UInt64, Never, r => r.Deadline),
            new("Eta", BusValue.UInt64, Announced, r => r.Eta),
            new("BlockedBy", BusValue.Strings, Announced, r => BusValue.Array([.. r.Reservation.BlockedBy.Select(one => one.ToString())])),
            new("Domain", BusValue.String, Announced, r => r.Reservation.Claim is { } claim ? Names.DomainPath(claim.Domain.Domid) : ""),
            new("Reason", BusValue.String, Announced, r => r.Reservation.Explain()),
        ]);

    private static Task<BusValue?> TransferAsync(PublishedReservation reservation, IMethodCall call, IControl control)
    {
        ulong domid = call.Arguments[0].Number;
        if (domid > int.MaxValue) throw new MethodErrorException(ErrorNames.NoSuchDomain, $"no domain has the number {domid}: 'xenballoon list' shows those there are");
        return Authorization.IfAllowedAsync(call, Names.ReserveAction, () => control.TransferAsync(reservation.Reservation.Id, (int)domid));
    }

    private static BusValue Size(KiB size) => Sizes.ToBus(size);
}
