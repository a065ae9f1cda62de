using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Qmemman;

/// <summary>When a balancing is worth the trouble (qmemman's <c>is_balance_req_significant</c>).</summary>
internal static class QmemmanThresholds
{
    /// <summary>Left to Xen.</summary>
    public static readonly KiB LeftFree = KiB.FromMiB(50);

    /// <summary>A start succeeds once this is free besides what it needs.</summary>
    public static readonly KiB LeastFree = KiB.FromMiB(25);

    private static readonly KiB WorthUnderPreference = KiB.FromMiB(15);
    private static readonly KiB WorthInAll = KiB.FromMiB(150);

    /// <summary>Whether to carry the requests out.</summary>
    /// <param name="requests">The sizes.</param>
    /// <param name="domains">The domains by id.</param>
    /// <param name="free">What is free, less what domains may still take.</param>
    public static bool AreMet(IReadOnlyList<QmemmanRequest> requests, IReadOnlyDictionary<int, QmemmanDomain> domains, KiB free)
    {
        if (LeftFree - free > WorthUnderPreference) return true;
        KiB moved = KiB.Zero;
        foreach (QmemmanRequest request in requests)
        {
            QmemmanDomain domain = domains[request.Id];
            KiB change = request.Size - domain.LastTarget;
            moved += KiB.Max(change, -change);
            if (domain.LastTarget > KiB.Zero && domain.LastTarget < domain.Preferred && change > WorthUnderPreference) return true;
        }

        return moved + KiB.Max(free - LeftFree, LeftFree - free) > WorthInAll;
    }
}
