using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

/// <summary>A policy that estimates what guests use, so that what it believes can be held against what is so.</summary>
public interface IEstimatesWorkingSets
{
    /// <summary>
    /// What the policy took the domain to use when it last decided, in what the hypervisor holds; null where it knew nothing of it, and where it only took
    /// something for granted.
    /// </summary>
    KiB? Estimate(DomainIdentity domain);
}
