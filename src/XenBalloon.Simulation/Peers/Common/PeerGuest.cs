using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Common;

/// <summary>A domain that has a target, as every peer sees it.</summary>
/// <param name="Domain">The domain now.</param>
/// <param name="Terms">What its administrator said.</param>
/// <param name="Offset">
/// What the hypervisor holds beyond the target while the balloon rests, measured when the domain was first seen and taken for constant (as squeezed's
/// <c>memory-offset</c>).
/// </param>
/// <param name="HasBooted">Whether its balloon driver can be expected to answer.</param>
/// <param name="ActualAtReport">What the hypervisor held for it when its newest report was first seen: what that report tells of.</param>
internal sealed record PeerGuest(DomainSnapshot Domain, GuestTerms Terms, KiB Offset, bool HasBooted, KiB ActualAtReport)
{
    /// <summary>Which domain.</summary>
    public DomainIdentity Identity => Domain.Identity;

    /// <summary>What its balloon works towards.</summary>
    public KiB Target => Domain.Target ?? Actual;

    /// <summary>What it holds, in the unit of targets.</summary>
    public KiB Actual => Domain.Actual - Offset;

    /// <summary>What it held when it last reported, in the unit of targets.</summary>
    public KiB ReportedSize => ActualAtReport - Offset;

    /// <summary>What it may still take of the host's free memory: it was told so, and its cap allows it.</summary>
    public KiB Promised => KiB.Max(KiB.Zero, KiB.Min(Target + Offset, Domain.MaxMem) - Domain.Actual);

    /// <summary>What the cap is above the target: the offset, video memory, and libxl's allowance (LIBXL_MAXMEM_CONSTANT).</summary>
    public KiB CapOver => KiB.Max(Offset, Domain.VideoRam) + KiB.FromMiB(1);

    /// <summary>What the guest said of itself; null where it said nothing.</summary>
    public ReportedVitals? Vitals => Domain.Report is { Total: { } total } report ? new ReportedVitals(report, total) : null;
}
