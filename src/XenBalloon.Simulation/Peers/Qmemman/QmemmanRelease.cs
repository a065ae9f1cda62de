using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Qmemman;

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
