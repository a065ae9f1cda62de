using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Domains;

/// <summary>
/// Tells caps that another tool set from the balancer's own. <c>xl mem-max</c> is an operator's order. Up to Xen 4.16
/// it sets nothing but the hypervisor's cap, and later <c>memory/static-max</c> too.
/// </summary>
internal sealed class CapWatch
{
    /// <summary>
    /// libxl's allowance on top of a target (LIBXL_MAXMEM_CONSTANT), for pages that are not the guest's RAM.
    /// </summary>
    internal static readonly KiB Allowance = KiB.FromMiB(1);

    private KiB? seen;
    private KiB? seenTarget;
    private KiB? decided;
    private bool wasRetargeted;

    /// <summary>
    /// The cap that another tool set without the target, and that growth must not exceed; null if none.
    /// </summary>
    internal KiB? Value { get; private set; }

    /// <summary>
    /// Reads the cap. The first one is the toolstack's, which builds a domain with a cap just above its target.
    /// <c>xl mem-set</c> changes the cap with the target: that bounds nothing, and ends an earlier bound. The two
    /// changes may be seen in two snapshots, in either order.
    /// </summary>
    /// <param name="domain">The domain now.</param>
    /// <param name="isRetargeted">Whether another tool has changed the target since the last snapshot.</param>
    /// <param name="counts">Whether a cap of another tool counts.</param>
    internal void Observe(DomainSnapshot domain, bool isRetargeted, bool counts)
    {
        KiB cap = domain.MaxMem;
        bool isBuilt = domain.HasRun && seenTarget is not null && domain.Target is not null;
        bool isForTarget = wasRetargeted && cap == domain.Target + domain.VideoRam + Allowance;
        if (isBuilt && isRetargeted) Value = null;
        else if (counts && isBuilt && cap != seen && cap != decided && !isForTarget) Value = cap;
        else if (cap > Value) Value = cap;
        (seen, seenTarget, wasRetargeted) = (cap, domain.Target, isRetargeted);
    }

    /// <summary>Restores a bound from before the daemon started.</summary>
    internal void Restore(KiB value) => Value = value;

    /// <summary>Records a cap that the balancer is about to set.</summary>
    internal void OnDecided(KiB cap) => decided = cap;
}
