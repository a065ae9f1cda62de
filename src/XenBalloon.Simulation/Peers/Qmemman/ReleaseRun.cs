using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Qmemman;

/// <summary>
/// Memory being freed for a start (qmemman's <c>do_balloon</c>): looked at ten times a second. It fails when less than 300 MiB came in 3 s, or when those
/// who still move have too little beyond their preference.
/// </summary>
/// <param name="amount">What is to be free for the start.</param>
internal sealed class ReleaseRun(KiB amount)
{
    private const int LooksInPeriod = 30;
    private static readonly KiB LeastInPeriod = KiB.FromMiB(300);

    private readonly Queue<KiB> lately = new();
    private Dictionary<int, KiB> asked = [];

    /// <summary>Looks once; returns whether it succeeded, or null while it goes on.</summary>
    public bool? Advance(QmemmanState state)
    {
        KiB free = state.Free;
        if (free >= amount + QmemmanThresholds.LeastFree) return true;
        if (lately.Count == LooksInPeriod && free < lately.Dequeue() + LeastInPeriod) return false;
        lately.Enqueue(free);
        IReadOnlyDictionary<int, QmemmanDomain> domains = state.Domains;
        foreach ((int id, KiB actual) in asked)
        {
            if (domains.TryGetValue(id, out QmemmanDomain? domain) && domain.Actual == actual) state.OnNoProgress(id);
        }

        IReadOnlyList<QmemmanRequest> requests = QmemmanRelease.Requests(amount + QmemmanThresholds.LeftFree - free, state.Domains.Values);
        if (requests.Count == 0) return false;
        foreach (QmemmanRequest request in requests) state.Set(request);
        asked = requests.ToDictionary(request => request.Id, request => domains[request.Id].Actual);
        return null;
    }
}
