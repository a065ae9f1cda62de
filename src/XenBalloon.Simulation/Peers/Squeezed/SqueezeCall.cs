using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Squeezed;

/// <summary>
/// One call of xapi's squeezed (<c>change_host_free_memory</c> in xapi-project/xen-api, ocaml/squeezed): looks once a second until the host's free
/// memory is as wanted, or nothing more can be done. Who was stuck is forgotten with the call.
/// </summary>
/// <param name="wanted">What is to be free.</param>
/// <param name="isEnough">Whether an amount of free memory, once all targets are reached, is a success.</param>
/// <param name="twoPhase">Whether nobody may grow while somebody must shrink: squeezed's own tests switch that off to show why it is there.</param>
internal sealed class SqueezeCall(KiB wanted, Func<KiB, bool> isEnough, bool twoPhase = true)
{
    private readonly StuckMonitor stuck = new();
    private HashSet<int> inactive = [];

    /// <summary>Whether there is nothing to do for the call: all rest at their targets, and enough is free.</summary>
    public static bool IsNeedless(SqueezedHost host, KiB wanted) =>
        host.Free >= wanted && host.Domains.All(domain => !domain.CanBalloon || domain.HasHitTarget);

    /// <summary>Looks once.</summary>
    public SqueezeStep Look(SqueezedHost host, TimeSpan now)
    {
        stuck.Update(host, now);
        SqueezedDomain[] active = [.. host.Domains.Where(domain => domain.CanBalloon && stuck.IsActive(domain.Id))];
        HashSet<int> before = inactive;
        inactive = [.. host.Domains.Select(domain => domain.Id).Except(active.Select(domain => domain.Id))];
        IReadOnlyDictionary<int, KiB> targets = ThisPhase(active, ProportionalShare.Targets(host, active, wanted));

        bool changes = active.Any(domain => targets.TryGetValue(domain.Id, out KiB target) && target != domain.Target);
        bool working = changes || active.Any(domain => !domain.HasHitTarget);
        ImmutableArray<int> refusers = [.. host.Domains.Where(domain => domain.CanBalloon && inactive.Contains(domain.Id)).Select(domain => domain.Id)];
        return new SqueezeStep(
            working ? SqueezeOutcome.Working : Ended(host.Free, refusers),
            [.. host.Domains.Select(domain => (domain.Id, Size(domain, working ? targets : null, before)))],
            refusers);
    }

    private SqueezeOutcome Ended(KiB free, ImmutableArray<int> refusers)
    {
        if (isEnough(free)) return SqueezeOutcome.Succeeded;
        return refusers.IsEmpty ? SqueezeOutcome.CannotFree : SqueezeOutcome.Refused;
    }

    /// <summary>Those who must shrink; once nobody must, all.</summary>
    private IReadOnlyDictionary<int, KiB> ThisPhase(SqueezedDomain[] active, IReadOnlyDictionary<int, KiB> targets)
    {
        if (!twoPhase) return targets;
        int[] freeing = [.. active.Where(domain => targets[domain.Id] < domain.Actual && !domain.IsAt(targets[domain.Id])).Select(domain => domain.Id)];
        return freeing.Length == 0 ? targets : freeing.ToDictionary(id => id, id => targets[id]);
    }

    private KiB Size(SqueezedDomain domain, IReadOnlyDictionary<int, KiB>? targets, HashSet<int> inactiveBefore)
    {
        bool newlyInactive = inactive.Contains(domain.Id) && !inactiveBefore.Contains(domain.Id);

        // One that was given up must not wake up and take what others were given since (CA-41832); but it keeps its dynamic range.
        if (newlyInactive) return KiB.Min(domain.Maximum, KiB.Max(domain.Minimum, KiB.Min(domain.Target, domain.Actual)));
        return targets is not null && targets.TryGetValue(domain.Id, out KiB target) ? target : domain.Target;
    }
}
