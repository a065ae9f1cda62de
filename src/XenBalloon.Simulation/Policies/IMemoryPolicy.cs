using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Simulation.Hosts;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// A way of balancing, put in charge of a simulated host: ours, or a peer's. It sees what it would see on a real host and nothing else (the oracle
/// excepted, which is made for the scenario and knows what comes). It is called by one thread, with snapshots in order of time.
/// </summary>
public interface IMemoryPolicy
{
    /// <summary>Looks at the host and decides.</summary>
    /// <param name="snapshot">The host now; reports carry <see cref="GuestVitals"/>.</param>
    /// <param name="waiting">Domains that someone wants to start and that do not fit yet, in the order in which they were asked for.</param>
    Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting);
}
