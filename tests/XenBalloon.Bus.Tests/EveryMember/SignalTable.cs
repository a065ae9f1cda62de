using XenBalloon.Core;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests.EveryMember;

/// <summary>Every signal: what is published to have it sent, and what it says.</summary>
internal static class SignalTable
{
    private const string Root = "/org/xenballoon/Balloon1";

    internal static IReadOnlyList<(Member Member, Publication Next, string[] Arguments)> All { get; } =
    [
        (
            Signal("DomainStuck"),
            Canned.Publish(Canned.Dom0, Canned.Web, Canned.Db with { Health = BalloonHealth.Stuck }),
            [Root + "/domain/7", "db"]),
        (
            Signal("ReservationReady"),
            Canned.Host with { Reservations = [Ready(Canned.Reservation(4))] },
            [Root + "/reservation/4"]),
        .. new[]
        {
            (ReservationState.Cancelled, "cancelled", "100 MiB of 512 MiB held"),
            (ReservationState.Expired, "expired", "512 MiB did not become free in time"),
            (ReservationState.OwnerLeft, "owner-left", "100 MiB of 512 MiB held"),
            (ReservationState.DomainDied, "domain-died", "100 MiB of 512 MiB held"),
            (ReservationState.Abandoned, "abandoned", "100 MiB of 512 MiB held"),
        }.Select(end => (
            Signal("ReservationFailed"),
            Canned.Host.With([Canned.Reservation(4) with { State = end.Item1 }]),
            new[]
            {
                Root + "/reservation/4",
                end.Item2,
                $"{end.Item3}; db gave 0 KiB of 400 MiB and does not answer",
            })),
    ];

    private static Member Signal(string name) => new("Manager", "signal", name);

    private static Reservation Ready(Reservation gathering) =>
        gathering with { State = ReservationState.Ready, Held = KiB.FromMiB(512), ReadyAt = Canned.At, Donations = [] };
}
