using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// qmemman's balancing (qubes-core-admin, qubes/qmemman/algo.py): with enough memory everybody gets his preference and a part of the rest in proportion
/// to it; without, who has more than his preference gives it up and the others share what is there.
/// </summary>
internal static class QmemmanBalance
{
    // "Prevent rounding errors".
    private const double Most = 0.999;
    private static readonly KiB NotWorthTaking = KiB.FromMiB(10);

    /// <summary>The sizes to set, those who give first.</summary>
    /// <param name="free">Free memory beyond what is left to Xen.</param>
    /// <param name="all">The domains.</param>
    public static IReadOnlyList<QmemmanRequest> Requests(KiB free, IEnumerable<QmemmanDomain> all)
    {
        QmemmanDomain[] domains = [.. all.Where(domain => domain.TakesPart)];
        long needed = domains.Sum(domain => domain.Needed.Value);
        KiB available = free - new KiB(needed);
        return available > KiB.Zero ? WhenEnough(available, domains) : WhenShort(free, domains);
    }

    private static List<QmemmanRequest> WhenEnough(KiB available, QmemmanDomain[] domains)
    {
        double preferred = domains.Sum(domain => domain.Preferred.Value);
        KiB[] sizes = Array.ConvertAll(domains, domain => (domain.Preferred + available.Times(domain.Preferred.Value / preferred)).Times(Most));
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
                // A mistake since 2010, and kept: what givers give is subtracted, so that receivers get nothing until it has arrived and is free.
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

/// <summary>How qmemman frees memory for a domain that starts: each gives in proportion to what it has beyond its preference.</summary>
internal static class QmemmanRelease
{
    // A bit more than is asked for, lest rounding leave it stuck just short of the goal.
    private const double SafetyNet = 1.05;

    /// <summary>The sizes to set; none when all together have too little.</summary>
    public static IReadOnlyList<QmemmanRequest> Requests(KiB amount, IEnumerable<QmemmanDomain> domains)
    {
        QmemmanDomain[] givers = [.. domains.Where(domain => domain.TakesPart && domain.Needed < KiB.Zero)];
        KiB available = new(givers.Sum(domain => -domain.Needed.Value));
        if (available < amount || givers.Length == 0) return [];
        double scale = amount.Value / (double)available.Value * SafetyNet;
        return [.. givers.Select(domain => new QmemmanRequest(domain.Id, domain.Actual - (-domain.Needed).Times(scale)))];
    }
}

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

/// <summary>A domain as qmemman sees it.</summary>
/// <param name="Id">Its domid; 0 is dom0.</param>
/// <param name="Used">What its meminfo-writer last said is in use, swap included; null while it has said nothing.</param>
/// <param name="Actual">What it holds, or may take by the last target if that is more.</param>
/// <param name="Maximum">static-max.</param>
/// <param name="LastTarget">The last size that it was told.</param>
/// <param name="NoProgress">Whether it did not react to its last target: it is left out.</param>
internal sealed record QmemmanDomain(int Id, KiB? Used, KiB Actual, KiB Maximum, KiB LastTarget, bool NoProgress = false)
{
    private const double CacheFactor = 1.3;
    private static readonly KiB LeastPreference = KiB.FromMiB(200);

    // As dom0 must have a large cache for the guests' disks.
    private static readonly KiB Dom0Boost = KiB.FromMiB(350);

    /// <summary>Whether it takes part.</summary>
    public bool TakesPart => Used is not null && !NoProgress;

    /// <summary>prefmem: what it should have. Its minimum, should its administrator have set one, is unknown to qmemman.</summary>
    public KiB Preferred
    {
        get
        {
            KiB factored = (Used ?? KiB.Zero).Times(CacheFactor);
            return Id == 0 ? KiB.Min(factored + Dom0Boost, Maximum) : KiB.Max(KiB.Min(factored, Maximum), LeastPreference);
        }
    }

    /// <summary>What it lacks; negative for what it could give.</summary>
    public KiB Needed => Preferred - Actual;
}

/// <summary>A size that qmemman wants a domain to have.</summary>
/// <param name="Id">The domain.</param>
/// <param name="Size">Its size.</param>
internal readonly record struct QmemmanRequest(int Id, KiB Size);
