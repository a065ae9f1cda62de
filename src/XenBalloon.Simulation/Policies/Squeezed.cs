using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// xapi's squeezed in charge of the host. It checks the balance every 10 s; a start first reserves its memory. Both are
/// calls that hold one lock until they end, without a deadline: while one domain moves slowly, no other request is
/// served, even when the start has been abandoned. If dynamic-min is not set, it is a quarter of static-max (the least
/// that XenServer supported for Linux), or the boot memory if that is less.
/// </summary>
/// <param name="scenario">The scenario, for the settings of its guests.</param>
internal sealed class SqueezedPolicy(Scenario scenario) : IMemoryPolicy
{
    private static readonly TimeSpan BalanceInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PassInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Always kept free: 64 MiB for Xen's low-memory interrupt and 8 MiB of overhead for building a domain.
    /// </summary>
    private static readonly KiB Slack = KiB.FromMiB(64 + 8);

    private static readonly KiB Tolerance = new(512);
    private static readonly KiB Inaccuracy = new(4);

    private readonly GuestTracker tracker = new(scenario);
    private readonly StartRetries retries = new();
    private readonly Dictionary<string, KiB> reserved = new(StringComparer.Ordinal);
    private SqueezeCall? call;
    private StartRequest? served;
    private TimeSpan balanceAt = BalanceInterval;

    /// <inheritdoc/>
    public PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        IReadOnlyList<PeerGuest> guests = tracker.Update(snapshot);
        foreach (string done in reserved.Keys.Except(waiting.Select(start => start.Name)).ToArray())
            reserved.Remove(done);
        SqueezedHost host = Host(snapshot, guests);
        var commands = new PeerCommands();
        Begin(host, waiting, snapshot.At);
        if (call is { } current && Advance(current, host, guests, commands, snapshot.At))
            return new PolicyDecision(commands.ToImmutable(), PassInterval);
        bool moreWait = waiting.Any(start => CanServe(start, snapshot.At));
        TimeSpan pause = moreWait ? PassInterval : balanceAt - snapshot.At;
        return new PolicyDecision(
            commands.ToImmutable(), pause > TimeSpan.Zero ? pause : PassInterval, WakeOnChange: true);
    }

    private static bool IsBalanced(KiB free) => free - Slack < Tolerance;

    private bool CanServe(StartRequest start, TimeSpan now) =>
        !reserved.ContainsKey(start.Name) && retries.IsDue(start, now);

    /// <summary>Starts the next call if none holds the lock.</summary>
    private void Begin(SqueezedHost host, ImmutableArray<StartRequest> waiting, TimeSpan now)
    {
        if (call is not null) return;
        foreach (StartRequest start in waiting.Where(start => CanServe(start, now)))
        {
            KiB wanted = start.Needed + Slack;
            if (SqueezeCall.IsNeedless(host, wanted))
            {
                reserved[start.Name] = start.Needed;
                host = host with { Free = host.Free - start.Needed };
                continue;
            }

            (served, call) = (start, new SqueezeCall(wanted, free => free >= wanted));
            return;
        }

        if (now < balanceAt) return;
        served = null;
        SqueezeStep first = new SqueezeCall(Slack, IsBalanced).Step(host, now);
        bool unbalanced = first.Sizes.Zip(host.Domains).Any(pair => pair.First.Size != pair.Second.Target);
        if (first.Outcome == SqueezeOutcome.Working && unbalanced) call = new SqueezeCall(Slack, IsBalanced);
        else balanceAt = now + BalanceInterval;
    }

    /// <summary>Makes one step of the call; returns whether the call goes on.</summary>
    private bool Advance(
        SqueezeCall current, SqueezedHost host, IReadOnlyList<PeerGuest> guests, PeerCommands commands, TimeSpan now)
    {
        SqueezeStep step = current.Step(host, now);
        foreach ((int id, KiB size) in step.Sizes)
            commands.Resize(guests.First(guest => guest.Identity.Domid == id), size);
        if (step.Outcome == SqueezeOutcome.Working) return true;
        call = null;
        if (served is not { } start) balanceAt = now + BalanceInterval;
        else if (step.Outcome == SqueezeOutcome.Succeeded) reserved[start.Name] = start.Needed;
        else retries.OnRefused(start, now);
        return false;
    }

    private SqueezedHost Host(HostSnapshot snapshot, IReadOnlyList<PeerGuest> guests)
    {
        KiB free = snapshot.Free;
        foreach (KiB amount in reserved.Values) free -= amount;
        return new SqueezedHost(free, [.. guests.Select(Domain)]);
    }

    private static SqueezedDomain Domain(PeerGuest guest)
    {
        if (!guest.HasBooted)
            return new SqueezedDomain(
                guest.Identity.Domid, CanBalloon: false, guest.Target, guest.Target, guest.Target, guest.Actual,
                Inaccuracy);
        KiB least = guest.Settings.Minimum ?? KiB.Min(guest.Settings.StaticMax.Times(0.25), guest.Settings.BootMemory);
        return new SqueezedDomain(
            guest.Identity.Domid, CanBalloon: true, least, guest.Target, guest.Settings.Maximum, guest.Actual,
            Inaccuracy);
    }
}

/// <summary>
/// One call of xapi's squeezed (<c>change_host_free_memory</c> in xapi-project/xen-api, ocaml/squeezed). It makes one
/// step each second until the host's free memory is as wanted or nothing more can be done. Stuck domains are remembered
/// only within the call.
/// </summary>
/// <param name="wanted">The free memory to reach.</param>
/// <param name="isEnough">Whether an amount of free memory is a success once all targets are reached.</param>
/// <param name="twoPhase">
/// Whether domains grow only after all others have shrunk. squeezed's own tests turn this off to show why it is needed.
/// </param>
internal sealed class SqueezeCall(KiB wanted, Func<KiB, bool> isEnough, bool twoPhase = true)
{
    private readonly StuckMonitor stuck = new();
    private HashSet<int> inactive = [];

    /// <summary>Whether the call has nothing to do: all domains are at their targets and enough is free.</summary>
    public static bool IsNeedless(SqueezedHost host, KiB wanted) =>
        host.Free >= wanted && host.Domains.All(domain => !domain.CanBalloon || domain.HasHitTarget);

    /// <summary>Makes one step.</summary>
    public SqueezeStep Step(SqueezedHost host, TimeSpan now)
    {
        stuck.Update(host, now);
        SqueezedDomain[] active = [.. host.Domains.Where(domain => domain.CanBalloon && stuck.IsActive(domain.Id))];
        HashSet<int> before = inactive;
        inactive = [.. host.Domains.Select(domain => domain.Id).Except(active.Select(domain => domain.Id))];
        IReadOnlyDictionary<int, KiB> targets = ThisPhase(active, ProportionalShare.Targets(host, active, wanted));

        bool changes = active.Any(domain => targets.TryGetValue(domain.Id, out KiB target) && target != domain.Target);
        bool working = changes || active.Any(domain => !domain.HasHitTarget);
        ImmutableArray<int> refusers =
        [
            .. host.Domains
                .Where(domain => domain.CanBalloon && inactive.Contains(domain.Id))
                .Select(domain => domain.Id),
        ];
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

    /// <summary>The targets of this phase: of the domains that must shrink; if there are none, of all.</summary>
    private IReadOnlyDictionary<int, KiB> ThisPhase(SqueezedDomain[] active, IReadOnlyDictionary<int, KiB> targets)
    {
        if (!twoPhase) return targets;
        int[] freeing = [.. active.Where(MustShrink).Select(domain => domain.Id)];
        return freeing.Length == 0 ? targets : freeing.ToDictionary(id => id, id => targets[id]);

        bool MustShrink(SqueezedDomain domain) =>
            targets[domain.Id] < domain.Actual && !domain.IsAt(targets[domain.Id]);
    }

    private KiB Size(SqueezedDomain domain, IReadOnlyDictionary<int, KiB>? targets, HashSet<int> inactiveBefore)
    {
        bool newlyInactive = inactive.Contains(domain.Id) && !inactiveBefore.Contains(domain.Id);

        // A domain that was given up must not start to take memory that others have been given since (CA-41832), but it
        // keeps its dynamic range.
        if (newlyInactive)
            return KiB.Min(domain.Maximum, KiB.Max(domain.Minimum, KiB.Min(domain.Target, domain.Actual)));
        return targets is not null && targets.TryGetValue(domain.Id, out KiB target) ? target : domain.Target;
    }
}

/// <summary>One step of a call.</summary>
/// <param name="Outcome">The state of the call.</param>
/// <param name="Sizes">Target and cap of every domain, new or not, in ascending order of id.</param>
/// <param name="Refusers">The domains that did not move.</param>
internal readonly record struct SqueezeStep(
    SqueezeOutcome Outcome, ImmutableArray<(int Id, KiB Size)> Sizes, ImmutableArray<int> Refusers);

/// <summary>The state of a call of squeezed.</summary>
internal enum SqueezeOutcome
{
    /// <summary>Targets have been set or are not reached yet.</summary>
    Working,

    /// <summary>The wanted amount is free.</summary>
    Succeeded,

    /// <summary>All domains are at their targets and it is not enough.</summary>
    CannotFree,

    /// <summary>It is not enough because some domains did not move.</summary>
    Refused,
}

/// <summary>
/// squeezed's only policy: all domains at the same fraction γ between dynamic-min and dynamic-max, whatever they use.
/// </summary>
internal static class ProportionalShare
{
    /// <summary>The targets at which about the wanted amount is free.</summary>
    /// <param name="host">The host.</param>
    /// <param name="active">The domains that respond.</param>
    /// <param name="wanted">The free memory to reach.</param>
    public static IReadOnlyDictionary<int, KiB> Targets(
        SqueezedHost host, IReadOnlyList<SqueezedDomain> active, KiB wanted)
    {
        KiB surplus = KiB.Max(KiB.Zero, host.MostFree(active) - wanted);
        long ranges = active.Sum(domain => domain.Range.Value);
        double gamma = ranges == 0 ? 0 : Math.Min(1, surplus.Value / (double)ranges);
        return active.ToDictionary(domain => domain.Id, domain => domain.Minimum + domain.Range.Times(gamma));
    }
}

/// <summary>
/// Detects stuck balloon drivers: those that should move and have made no progress towards the target for over five
/// seconds.
/// </summary>
internal sealed class StuckMonitor
{
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(5);

    private readonly Dictionary<int, (KiB Actual, TimeSpan Progress, bool Stuck)> seen = [];

    /// <summary>Reads the domains.</summary>
    public void Update(SqueezedHost host, TimeSpan now)
    {
        foreach (SqueezedDomain domain in host.Domains)
        {
            (KiB actual, TimeSpan progress, bool stuck) = seen.TryGetValue(domain.Id, out var before)
                ? before
                : (domain.Actual, now, false);
            KiB moved = domain.Actual - actual;
            bool shouldMove = !domain.HasHitTarget;
            if (shouldMove && moved != KiB.Zero && moved > KiB.Zero == domain.Target > domain.Actual)
                (progress, stuck) = (now, false);
            if (shouldMove && now - progress > StuckAfter) stuck = true;
            seen[domain.Id] = (domain.Actual, progress, stuck);
        }
    }

    /// <summary>Whether the driver of a domain is assumed to work.</summary>
    public bool IsActive(int id) => seen.TryGetValue(id, out var domain) && !domain.Stuck;
}

/// <summary>A host as squeezed sees it.</summary>
/// <param name="Free">Free memory, less reservations.</param>
/// <param name="Domains">The domains, in ascending order of id.</param>
internal sealed record SqueezedHost(KiB Free, ImmutableArray<SqueezedDomain> Domains)
{
    /// <summary>What would be free if these domains were at dynamic-min.</summary>
    public KiB MostFree(IEnumerable<SqueezedDomain> domains)
    {
        KiB free = Free;
        foreach (SqueezedDomain domain in domains) free += domain.Freeable;
        return free;
    }
}

/// <summary>A domain as squeezed sees it.</summary>
/// <param name="Id">Its domid.</param>
/// <param name="CanBalloon">Whether its balloon driver has announced itself.</param>
/// <param name="Minimum">dynamic-min.</param>
/// <param name="Target">The balloon target.</param>
/// <param name="Maximum">dynamic-max.</param>
/// <param name="Actual">What it holds.</param>
/// <param name="Inaccuracy">The largest difference between actual and target that still counts as reached.</param>
internal sealed record SqueezedDomain(
    int Id, bool CanBalloon, KiB Minimum, KiB Target, KiB Maximum, KiB Actual, KiB Inaccuracy)
{
    /// <summary>dynamic-max − dynamic-min.</summary>
    public KiB Range => KiB.Max(KiB.Zero, Maximum - Minimum);

    /// <summary>What it gives back at least when it goes to dynamic-min.</summary>
    public KiB Freeable => KiB.Max(KiB.Zero, Actual - Minimum - Inaccuracy - Inaccuracy);

    /// <summary>Whether it has reached its target.</summary>
    public bool HasHitTarget => IsAt(Target);

    /// <summary>Whether it would count as having reached a target.</summary>
    public bool IsAt(KiB target) => KiB.Max(Actual - target, target - Actual) <= Inaccuracy;
}
