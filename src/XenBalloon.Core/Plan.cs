using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core;

/// <summary>What to do now, and why: the outcome of one step.</summary>
public readonly record struct Plan
{
    /// <summary>When, on the snapshot's clock.</summary>
    public required TimeSpan At { get; init; }

    /// <summary>The host.</summary>
    public required HostDecision Host { get; init; }

    /// <summary>The domains, in ascending order of domid.</summary>
    public required ImmutableArray<DomainDecision> Domains { get; init; }

    /// <summary>Reservations that came to their end in this step, with the state that says how; they are in the book no more.</summary>
    public required ImmutableArray<Reservation> Ended { get; init; }

    /// <summary>Whether some balloon is on its way, or is sent on it now: worth looking at again soon, since movement announces itself nowhere.</summary>
    public bool IsMoving { get; init; }

    /// <summary>
    /// What to write, in this order: first what gives memory back, then what takes it. When one command of a domain is not done, that domain's
    /// remaining commands are to be left out.
    /// </summary>
    public required ImmutableArray<HostCommand> Commands { get; init; }
}
