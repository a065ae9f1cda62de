using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>What the daemon shows to the world after each step; immutable, so that any thread may read it.</summary>
/// <param name="Version">The daemon's version.</param>
/// <param name="Host">What the host is: <see cref="IXenHost.Description"/>.</param>
/// <param name="Settings">The operator's wishes, as they were in the step.</param>
/// <param name="Mode">What is done with the plans.</param>
/// <param name="Plan">The newest plan.</param>
/// <param name="Reservations">The open reservations, after the step.</param>
/// <param name="Time">When it was, on the wall clock.</param>
public sealed record Publication(
    string Version,
    string Host,
    BalancerSettings Settings,
    BalancerMode Mode,
    Plan Plan,
    ImmutableArray<Reservation> Reservations,
    DateTimeOffset Time)
{
    /// <summary>A time of the snapshot's clock on the wall clock.</summary>
    public DateTimeOffset ToWallClock(TimeSpan at) => Time + (at - Plan.At);

    /// <summary>The same, with reservations that ended before.</summary>
    public Publication With(ImmutableArray<Reservation> endedBefore) =>
        endedBefore.IsEmpty ? this : this with { Plan = Plan with { Ended = endedBefore.AddRange(Plan.Ended) } };

    /// <summary>What was decided of a domain; null where there is none.</summary>
    public DomainDecision? Find(DomainIdentity domain) => Plan.Domains.FirstOrDefault(one => one.Domain.Identity == domain);
}
