using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Tests.Judging;

/// <summary>A policy that runs a test's function and records the snapshots.</summary>
internal sealed class ScriptedPolicy(Func<HostSnapshot, PolicyDecision> decide) : IMemoryPolicy
{
    public List<HostSnapshot> Seen { get; } = [];

    public List<ImmutableArray<StartRequest>> Waiting { get; } = [];

    public IEnumerable<double> SecondsSeen => Seen.Select(snapshot => snapshot.At.TotalSeconds);

    public static HostCommand Target(HostSnapshot snapshot, string name, int mib) =>
        new(
            HostCommandKind.SetTarget, snapshot.Domains.Single(domain => domain.Name == name).Identity,
            KiB.FromMiB(mib));

    public static HostCommand MaxMem(HostSnapshot snapshot, string name, int mib) =>
        Target(snapshot, name, mib) with { Kind = HostCommandKind.SetMaxMem };

    public PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        Seen.Add(snapshot);
        Waiting.Add(waiting);
        return decide(snapshot);
    }
}
