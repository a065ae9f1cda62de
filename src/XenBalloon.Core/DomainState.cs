using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;

namespace XenBalloon.Core;

/// <summary>What the balancer remembers of one domain.</summary>
public readonly record struct DomainState
{
    /// <summary>Which domain.</summary>
    public required DomainIdentity Identity { get; init; }

    /// <summary>When it was first seen.</summary>
    public required TimeSpan FirstSeen { get; init; }

    /// <summary>The memory it booted with, as far as is known: written down in xenstore, else its target when it was first seen with one.</summary>
    public KiB? BootMemory { get; init; }

    /// <summary>Its demand.</summary>
    public DemandState Demand { get; init; }

    /// <summary>Its balloon.</summary>
    public BalloonState Balloon { get; init; }
}
