using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// xapi's squeezed in charge of the host. Every 10 s it looks whether memory is unbalanced; a start reserves its memory first. Both are calls that
/// hold one lock to their end, with no deadline: while one domain trickles, nobody else is served, even when whoever wanted to start has long gone.
/// Where no dynamic-min was said, it is a quarter of static-max, the least that XenServer supported for Linux, or the boot memory if that is less.
/// </summary>
/// <param name="scenario">Where the guests' terms are.</param>
internal sealed class SqueezedPolicy(Scenario scenario) : IMemoryPolicy
{
    private static readonly TimeSpan BalanceInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>Always kept free: 64 MiB for Xen's low-memory interrupt and 8 MiB for what building a domain needs besides.</summary>
    private static readonly KiB Slack = KiB.FromMiB(64 + 8);

    private static readonly KiB Tolerance = new(512);
    private static readonly KiB Inaccuracy = new(4);

    private readonly GuestRoster roster = new(scenario);
    private readonly StartRetries retries = new();
    private readonly Dictionary<string, KiB> reserved = new(StringComparer.Ordinal);
    private SqueezeCall? call;
    private StartRequest? served;
    private TimeSpan balanceAt = BalanceInterval;

    /// <inheritdoc/>
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        IReadOnlyList<PeerGuest> guests = roster.Look(snapshot);
        foreach (string done in reserved.Keys.Except(waiting.Select(start => start.Name)).ToArray()) reserved.Remove(done);
        SqueezedHost host = Host(snapshot, guests);
        var commands = new PeerCommands();
        Begin(host, waiting, snapshot.At);
        if (call is { } underWay && GoesOn(underWay, host, guests, commands, snapshot.At)) return new Turn(commands.ToImmutable(), LookInterval);
        bool moreWait = waiting.Any(start => CanServe(start, snapshot.At));
        TimeSpan pause = moreWait ? LookInterval : balanceAt - snapshot.At;
        return new Turn(commands.ToImmutable(), pause > TimeSpan.Zero ? pause : LookInterval, WakeOnChange: true);
    }

    private static bool IsBalanced(KiB free) => free - Slack < Tolerance;

    private bool CanServe(StartRequest start, TimeSpan now) => !reserved.ContainsKey(start.Name) && retries.IsAskedFor(start, now);

    /// <summary>Takes the lock for the next call, if none has it.</summary>
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
        SqueezeStep first = new SqueezeCall(Slack, IsBalanced).Look(host, now);
        bool unbalanced = first.Sizes.Zip(host.Domains).Any(pair => pair.First.Size != pair.Second.Target);
        if (first.Outcome == SqueezeOutcome.Working && unbalanced) call = new SqueezeCall(Slack, IsBalanced);
        else balanceAt = now + BalanceInterval;
    }

    /// <summary>Lets the call look once; returns whether it goes on.</summary>
    private bool GoesOn(SqueezeCall underWay, SqueezedHost host, IReadOnlyList<PeerGuest> guests, PeerCommands commands, TimeSpan now)
    {
        SqueezeStep step = underWay.Look(host, now);
        foreach ((int id, KiB size) in step.Sizes) commands.Resize(guests.First(guest => guest.Identity.Domid == id), size);
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
            return new SqueezedDomain(guest.Identity.Domid, CanBalloon: false, guest.Target, guest.Target, guest.Target, guest.Actual, Inaccuracy);
        KiB least = guest.Terms.Minimum ?? KiB.Min(guest.Terms.StaticMax.Times(0.25), guest.Terms.BootMemory);
        return new SqueezedDomain(guest.Identity.Domid, CanBalloon: true, least, guest.Target, guest.Terms.Maximum, guest.Actual, Inaccuracy);
    }
}

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

/// <summary>One look of a call of squeezed.</summary>
/// <param name="Outcome">Where the call stands.</param>
/// <param name="Sizes">The target and the cap of every domain, whether new or not, in ascending order of id.</param>
/// <param name="Refusers">The domains that are to blame.</param>
internal readonly record struct SqueezeStep(SqueezeOutcome Outcome, ImmutableArray<(int Id, KiB Size)> Sizes, ImmutableArray<int> Refusers);

/// <summary>Where a call of squeezed stands.</summary>
internal enum SqueezeOutcome
{
    /// <summary>Targets have been set, or are not reached yet.</summary>
    Working,

    /// <summary>As much is free as was wanted.</summary>
    Succeeded,

    /// <summary>All are where they can be and it is not enough: nobody is to blame.</summary>
    CannotFree,

    /// <summary>It is not enough because of domains that did not move.</summary>
    Refused,
}

/// <summary>squeezed's one policy: everybody at the same part γ of the way from dynamic-min to dynamic-max, whatever he needs.</summary>
internal static class ProportionalShare
{
    /// <summary>The targets at which about the wanted amount is free.</summary>
    /// <param name="host">The host.</param>
    /// <param name="active">The domains that can move, whose targets are worked out.</param>
    /// <param name="wanted">What is to be free.</param>
    public static IReadOnlyDictionary<int, KiB> Targets(SqueezedHost host, IReadOnlyList<SqueezedDomain> active, KiB wanted)
    {
        KiB surplus = KiB.Max(KiB.Zero, host.MostFree(active) - wanted);
        long ranges = active.Sum(domain => domain.Range.Value);
        double gamma = ranges == 0 ? 0 : Math.Min(1, surplus.Value / (double)ranges);
        return active.ToDictionary(domain => domain.Id, domain => domain.Minimum + domain.Range.Times(gamma));
    }
}

/// <summary>Guesses which balloon drivers are stuck: asked to move, and for more than 5 s not a page nearer to the target.</summary>
internal sealed class StuckMonitor
{
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(5);

    private readonly Dictionary<int, (KiB Actual, TimeSpan Progress, bool Stuck)> seen = [];

    /// <summary>Looks at the domains.</summary>
    public void Update(SqueezedHost host, TimeSpan now)
    {
        foreach (SqueezedDomain domain in host.Domains)
        {
            (KiB actual, TimeSpan progress, bool stuck) = seen.TryGetValue(domain.Id, out var before) ? before : (domain.Actual, now, false);
            KiB moved = domain.Actual - actual;
            bool asked = !domain.HasHitTarget;
            if (asked && moved != KiB.Zero && moved > KiB.Zero == domain.Target > domain.Actual) (progress, stuck) = (now, false);
            if (asked && now - progress > StuckAfter) stuck = true;
            seen[domain.Id] = (domain.Actual, progress, stuck);
        }
    }

    /// <summary>Whether a domain's driver is believed to work.</summary>
    public bool IsActive(int id) => seen.TryGetValue(id, out var domain) && !domain.Stuck;
}

/// <summary>A host as squeezed sees it.</summary>
/// <param name="Free">Free memory, less what is reserved.</param>
/// <param name="Domains">The domains, in ascending order of id.</param>
internal sealed record SqueezedHost(KiB Free, ImmutableArray<SqueezedDomain> Domains)
{
    /// <summary>What would be free if all of these were at dynamic-min.</summary>
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
/// <param name="Target">What its balloon works towards.</param>
/// <param name="Maximum">dynamic-max.</param>
/// <param name="Actual">What it holds.</param>
/// <param name="Inaccuracy">How far actual may be from the target and the target still count as hit.</param>
internal sealed record SqueezedDomain(int Id, bool CanBalloon, KiB Minimum, KiB Target, KiB Maximum, KiB Actual, KiB Inaccuracy)
{
    /// <summary>dynamic-max − dynamic-min.</summary>
    public KiB Range => KiB.Max(KiB.Zero, Maximum - Minimum);

    /// <summary>What it gives back at least once it is sent to dynamic-min.</summary>
    public KiB Freeable => KiB.Max(KiB.Zero, Actual - Minimum - Inaccuracy - Inaccuracy);

    /// <summary>Whether it is where its target says.</summary>
    public bool HasHitTarget => IsAt(Target);

    /// <summary>Whether it would count as having reached a target.</summary>
    public bool IsAt(KiB target) => KiB.Max(Actual - target, target - Actual) <= Inaccuracy;
}
