using System.Collections.Immutable;
using XenBalloon.Bus.Client;

namespace XenBalloon.Cli.Output;

/// <summary>What <c>reservations --json</c> writes.</summary>
/// <param name="Reservations">In the order in which they were asked for.</param>
internal sealed record ReservationsJson(ImmutableArray<ReservationJson> Reservations)
{
    internal static ReservationsJson Of(HostStatus host) => new([.. host.Reservations.Select(ReservationJson.Of)]);
}
