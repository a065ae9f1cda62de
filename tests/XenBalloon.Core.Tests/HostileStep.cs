using XenBalloon.Core.Hosts;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>One step of a <see cref="HostileHistory"/>.</summary>
/// <param name="Host">The host as it is shown.</param>
/// <param name="Word">What is asked of the reservation book before; null for nothing.</param>
internal sealed record HostileStep(HostSnapshot Host, Func<ReservationBook, TimeSpan, ReservationBook>? Word)
{
    internal Plan Decide(Balancer balancer, BalancerSettings settings)
    {
        if (Word is not null) balancer.Reservations = Word(balancer.Reservations, Host.At);
        return balancer.Step(Host, settings);
    }
}
