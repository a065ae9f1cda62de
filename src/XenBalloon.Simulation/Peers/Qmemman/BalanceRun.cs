using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Qmemman;

/// <summary>
/// A balancing under way (qmemman's <c>do_balance</c>): the sizes are set one after the other, and before one that grows, the others get half a second to
/// give memory back. If that is not enough, it gets what there is, and the rest of the list is dropped.
/// </summary>
/// <param name="requests">The sizes, those who give first.</param>
/// <param name="before">What each domain held when the balancing began.</param>
internal sealed class BalanceRun(IReadOnlyList<QmemmanRequest> requests, IReadOnlyDictionary<int, KiB> before)
{
    private const int Tries = 5;

    private int next;
    private int triesLeft = Tries;

    /// <summary>Begins a balancing if it is worth the trouble.</summary>
    public static BalanceRun? Begin(QmemmanState state)
    {
        state.Forgive();
        IReadOnlyDictionary<int, QmemmanDomain> domains = state.Domains;
        IReadOnlyList<QmemmanRequest> requests = QmemmanBalance.Requests(state.Free - QmemmanThresholds.LeftFree, domains.Values);
        bool worth = requests.Count > 0 && QmemmanThresholds.AreMet(requests, domains, state.Free);
        return worth ? new BalanceRun(requests, domains.ToDictionary(pair => pair.Key, pair => pair.Value.Actual)) : null;
    }

    /// <summary>Goes on as far as it can now; returns whether it is done.</summary>
    public bool Advance(QmemmanState state)
    {
        while (next < requests.Count)
        {
            if (!state.Domains.TryGetValue(requests[next].Id, out QmemmanDomain? domain))
            {
                next++;
                continue;
            }

            if (state.Free - (requests[next].Size - domain.Actual) < QmemmanThresholds.LeftFree.Times(0.9))
            {
                if (triesLeft-- > 0) return false;
                Blame(state);
                state.Set(new QmemmanRequest(domain.Id, state.Free + domain.Actual - QmemmanThresholds.LeftFree));
                return true;
            }

            state.Set(requests[next]);
            triesLeft = Tries;
            next++;
        }

        return true;
    }

    private void Blame(QmemmanState state)
    {
        foreach (QmemmanRequest done in requests.Take(next))
        {
            bool still = state.Domains.TryGetValue(done.Id, out QmemmanDomain? domain)
                && domain.Actual > domain.LastTarget + QmemmanThresholds.LeftFree.Times(0.25)
                && domain.Actual == before[done.Id];
            if (still) state.OnNoProgress(done.Id);
        }
    }
}
