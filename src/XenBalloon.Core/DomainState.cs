using XenBalloon.Core.Hosts;

namespace XenBalloon.Core;

/// <summary>What the balancer remembers of one domain.</summary>
/// <param name="Identity">Which domain.</param>
/// <param name="FirstSeen">When it was first seen.</param>
public sealed record DomainState(DomainIdentity Identity, TimeSpan FirstSeen);
