using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// qmemman's balancing (qubes-core-admin, qubes/qmemman/algo.py). With enough memory, every domain gets its preference
/// and a part of the rest in proportion to it. Otherwise domains above their preference give up the excess and the
/// others share what is free.
/// </summary>
internal static class QmemmanBalance
{
    // "Prevent rounding errors".
    private const double Most = 0.999;
    private static readonly KiB NotWorthTaking = KiB.FromMiB(10);

    /// <summary>The sizes to set, donors first.</summary>
    /// <param name="free">Free memory beyond what is left to Xen.</param>
    /// <param name="all">The domains.</param>
    public static IReadOnlyList<QmemmanRequest> Requests(KiB free, IEnumerable<QmemmanDomain> all)
    {
        QmemmanDomain[] domains = [.. all.Where(domain => domain.IsBalanced)];
        long needed = domains.Sum(domain => domain.Needed.Value);
        KiB available = free - new KiB(needed);
        return available > KiB.Zero ? WhenEnough(available, domains) : WhenShort(free, domains);
    }

    private static List<QmemmanRequest> WhenEnough(KiB available, QmemmanDomain[] domains)
    {
        double preferred = domains.Sum(domain => domain.Preferred.Value);
        KiB[] sizes = Array.ConvertAll(
            domains, domain => (domain.Preferred + available.Times(domain.Preferred.Value / preferred)).Times(Most));
        int acceptors = domains.Length;
        KiB left = KiB.Zero;
        for (int i = 0; i < domains.Length; i++)
        {
            if (sizes[i] <= domains[i].Maximum) continue;
            left += sizes[i] - domains[i].Maximum;
            sizes[i] = domains[i].Maximum;
            acceptors--;
        }

        while (left > KiB.Zero && acceptors > 0) (left, acceptors) = HandOut(left, acceptors, domains, sizes);
        QmemmanRequest[] requests = [.. domains.Zip(sizes, (domain, size) => new QmemmanRequest(domain.Id, size))];
        return [.. Below(requests, domains, giving: true), .. Below(requests, domains, giving: false)];
    }

    private static (KiB Left, int Acceptors) HandOut(KiB left, int acceptors, QmemmanDomain[] domains, KiB[] sizes)
    {
        KiB bonus = left.Times(Most / acceptors);
        KiB over = KiB.Zero;
        int still = acceptors;
        for (int i = 0; i < domains.Length; i++)
        {
            KiB most = domains[i].Maximum;
            if (sizes[i] >= most) continue;
            sizes[i] += bonus;
            if (sizes[i] < most) continue;
            over += sizes[i] - most;
            sizes[i] = most;
            still--;
        }

        return (over, still);
    }

    private static IEnumerable<QmemmanRequest> Below(QmemmanRequest[] requests, QmemmanDomain[] domains, bool giving) =>
        requests.Where((request, i) => request.Size < domains[i].Actual == giving);

    private static List<QmemmanRequest> WhenShort(KiB free, QmemmanDomain[] domains)
    {
        var requests = new List<QmemmanRequest>();
        var acceptors = new List<QmemmanDomain>();
        KiB squeezed = free;
        foreach (QmemmanDomain domain in domains)
        {
            KiB spare = -domain.Needed;
            if (spare <= KiB.Zero && domain.Actual < domain.Maximum)
            {
                acceptors.Add(domain);
            }
            else if (spare >= NotWorthTaking)
            {
                // A defect of qmemman since 2010, kept here: what donors give is subtracted, so receivers get nothing
                // until it is free.
                squeezed -= spare;
                requests.Add(new QmemmanRequest(domain.Id, domain.Preferred));
            }
        }

        if (squeezed < KiB.Zero) return requests;
        double preferred = acceptors.Sum(domain => domain.Preferred.Value);
        foreach (QmemmanDomain domain in acceptors)
        {
            KiB size = (domain.Actual + squeezed.Times(domain.Preferred.Value / preferred)).Times(Most);
            requests.Add(new QmemmanRequest(domain.Id, KiB.Min(size, domain.Maximum)));
        }

        return requests;
    }
}

/// <summary>
/// How qmemman frees memory for a start: each domain gives in proportion to what it has beyond its preference.
/// </summary>
internal static class QmemmanRelease
{
    // A little more than needed, so that rounding does not leave the start just short.
    private const double SafetyNet = 1.05;

    /// <summary>The sizes to set; none if all domains together have too little.</summary>
    public static IReadOnlyList<QmemmanRequest> Requests(KiB amount, IEnumerable<QmemmanDomain> domains)
    {
        QmemmanDomain[] donors = [.. domains.Where(domain => domain.IsBalanced && domain.Needed < KiB.Zero)];
        KiB available = new(donors.Sum(domain => -domain.Needed.Value));
        if (available < amount || donors.Length == 0) return [];
        double scale = amount.Value / (double)available.Value * SafetyNet;
        return
        [
            .. donors.Select(domain => new QmemmanRequest(domain.Id, domain.Actual - (-domain.Needed).Times(scale))),
        ];
    }
}

/// <summary>When a balancing is worth it (qmemman's <c>is_balance_req_significant</c>).</summary>
internal static class QmemmanThresholds
{
    /// <summary>Left to Xen.</summary>
    public static readonly KiB LeftFree = KiB.FromMiB(50);

    /// <summary>A start succeeds once this is free in addition to what it needs.</summary>
    public static readonly KiB LeastFree = KiB.FromMiB(25);

    private static readonly KiB WorthUnderPreference = KiB.FromMiB(15);
    private static readonly KiB WorthInAll = KiB.FromMiB(150);

    /// <summary>Whether to carry out the requests.</summary>
    /// <param name="requests">The sizes.</param>
    /// <param name="domains">The domains by id.</param>
    /// <param name="free">Free memory, less what domains may still take.</param>
    public static bool AreMet(
        IReadOnlyList<QmemmanRequest> requests, IReadOnlyDictionary<int, QmemmanDomain> domains, KiB free)
    {
        if (LeftFree - free > WorthUnderPreference) return true;
        KiB moved = KiB.Zero;
        foreach (QmemmanRequest request in requests)
        {
            QmemmanDomain domain = domains[request.Id];
            KiB change = request.Size - domain.LastTarget;
            moved += KiB.Max(change, -change);
            if (domain.LastTarget > KiB.Zero && domain.LastTarget < domain.Preferred && change > WorthUnderPreference)
                return true;
        }

        return moved + KiB.Max(free - LeftFree, LeftFree - free) > WorthInAll;
    }
}

/// <summary>A domain as qmemman sees it.</summary>
/// <param name="Id">Its domid; 0 is dom0.</param>
/// <param name="Used">Memory in use as its meminfo-writer last wrote it, with swap; null if never written.</param>
/// <param name="Actual">What it holds, or its last target if that is more.</param>
/// <param name="Maximum">static-max.</param>
/// <param name="LastTarget">The last size that was set.</param>
/// <param name="NoProgress">Whether it did not respond to its last target and is excluded.</param>
internal sealed record QmemmanDomain(
    int Id, KiB? Used, KiB Actual, KiB Maximum, KiB LastTarget, bool NoProgress = false)
{
    private const double CacheFactor = 1.3;
    private static readonly KiB LeastPreference = KiB.FromMiB(200);

    // dom0 needs a large cache for the guests' disks.
    private static readonly KiB Dom0Boost = KiB.FromMiB(350);

    /// <summary>Whether it is balanced.</summary>
    public bool IsBalanced => Used is not null && !NoProgress;

    /// <summary>prefmem: the preferred size. qmemman does not know the administrator's minimum.</summary>
    public KiB Preferred
    {
        get
        {
            KiB factored = (Used ?? KiB.Zero).Times(CacheFactor);
            return Id == 0
                ? KiB.Min(factored + Dom0Boost, Maximum)
                : KiB.Max(KiB.Min(factored, Maximum), LeastPreference);
        }
    }

    /// <summary>What it needs; negative for what it could give.</summary>
    public KiB Needed => Preferred - Actual;
}

/// <summary>A size that qmemman sets.</summary>
/// <param name="Id">The domain.</param>
/// <param name="Size">The size.</param>
internal readonly record struct QmemmanRequest(int Id, KiB Size);
