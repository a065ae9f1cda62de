using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Esx;

/// <summary>What a hypervisor finds out by itself about a guest's use of its memory, without asking the guest.</summary>
public interface ITouchedMemory
{
    /// <summary>How much of what the domain holds it touches within half a minute; null where that is not known.</summary>
    KiB? Touched(DomainIdentity domain);
}
