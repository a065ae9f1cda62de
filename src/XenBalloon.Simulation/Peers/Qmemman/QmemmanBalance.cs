using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Qmemman;

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
