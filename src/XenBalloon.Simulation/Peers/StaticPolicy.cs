using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Peers;

/// <summary>No balancing: every guest keeps what it booted with. A domain starts if it happens to fit.</summary>
internal sealed class StaticPolicy : IMemoryPolicy
{
    private static readonly TimeSpan Ever = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting) => new([], Ever);
}
