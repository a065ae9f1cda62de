using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Squeezed;

/// <summary>A host as squeezed sees it.</summary>
/// <param name="Free">Free memory, less what is reserved.</param>
/// <param name="Domains">The domains, in ascending order of id.</param>
internal sealed record SqueezedHost(KiB Free, ImmutableArray<SqueezedDomain> Domains)
{
    /// <summary>What would be free if all of these were at dynamic-min.</summary>
    public KiB MostFree(IEnumerable<SqueezedDomain> domains)
    {
        KiB free = Free;
        foreach (SqueezedDomain domain in domains) free += domain.Freeable;
        return free;
    }
}
