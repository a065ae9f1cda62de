using System.Collections.Immutable;

namespace XenBalloon.Core;

/// <summary>What the balancer remembers from one step to the next; immutable.</summary>
/// <param name="Domains">What it remembers of each domain, in ascending order of domid.</param>
/// <param name="UnmetSince">Since when some domain has needed more than can be freed; null when none does.</param>
public sealed record BalancerState(ImmutableArray<DomainState> Domains, TimeSpan? UnmetSince = null)
{
    /// <summary>Nothing remembered: the first step.</summary>
    public static BalancerState Empty { get; } = new([]);
}
