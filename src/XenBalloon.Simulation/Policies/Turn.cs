using System.Collections.Immutable;
using XenBalloon.Core.Hosts;

namespace XenBalloon.Simulation.Policies;

/// <summary>What a policy does now, and when it wants to look again.</summary>
/// <param name="Commands">Carried out at once, in this order.</param>
/// <param name="LookAgainAfter">It looks again after this time at the latest, more than zero.</param>
/// <param name="WakeOnChange">Whether it looks earlier when a report arrives, a domain comes or goes, or a start is asked for.</param>
public readonly record struct Turn(ImmutableArray<HostCommand> Commands, TimeSpan LookAgainAfter, bool WakeOnChange = false);
