using System.Collections.Immutable;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core;

/// <summary>What an operator should look at in one domain.</summary>
public enum DomainAlarm
{
    /// <summary>
    /// For 10 s it has had less memory than it needs, in mode active: memory is missing, or its settings do not allow
    /// more.
    /// </summary>
    ShortOfMemory,

    /// <summary>
    /// Its kernel killed programs for lack of memory in the last minutes, or has for 3 s had almost nothing available
    /// and almost no free swap.
    /// </summary>
    NearOutOfMemory,

    /// <summary>Its balloon does not move to its target, or did not grow to what the domain needs.</summary>
    BalloonStuck,

    /// <summary>Its agent has not reported for 150 s longer than usual, or since the daemon started.</summary>
    AgentSilent,

    /// <summary>For 10 s its newest report has been unreadable, or had values that no kernel can have.</summary>
    ReportInvalid,
}

/// <summary>An alarm that is raised.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Name">The name of the domain.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="Reason">Why the domain had its target when the alarm was raised.</param>
public sealed record RaisedAlarm(DomainIdentity Domain, string Name, DomainAlarm Kind, Reason Reason)
{
    /// <summary>What to do.</summary>
    public string Remedy => Kind switch
    {
        DomainAlarm.ShortOfMemory =>
            "raise its maximum or its pin if it is at that; else raise its weight, add memory, or stop another domain",
        DomainAlarm.NearOutOfMemory => "raise its minimum, give the guest swap, or raise the limit of the memory "
            + "cgroup whose programs were killed",
        DomainAlarm.BalloonStuck =>
            "check the balloon driver in the guest; some kernels cannot grow a guest beyond what it booted with",
        DomainAlarm.AgentSilent => "check that the agent runs in the guest",
        _ => "check what writes the memory report in the guest",
    };
}

/// <summary>
/// Decides when an operator should look at a domain, by the decisions of each pass. The balancer meets a short lack,
/// which raises no alarm. An alarm is cleared when its condition has not held for a minute, so that one which comes and
/// goes does not fill the log.
/// </summary>
public sealed class DomainAlarmMonitor
{
    private const double ShortFraction = 0.01, StarvedFraction = 0.03;

    private static readonly TimeSpan ShortBeforeAlarm = TimeSpan.FromSeconds(10),
        StarvedBeforeAlarm = TimeSpan.FromSeconds(3),
        UnheardBeforeAlarm = ReportTiming.AgentHeartbeat * 2.5,
        InvalidBeforeAlarm = TimeSpan.FromSeconds(10),
        AbsentBeforeClear = TimeSpan.FromMinutes(1);

    private static readonly KiB LeastShort = KiB.FromMiB(10), LeastAvailable = KiB.FromMiB(8),
        MostAvailable = KiB.FromMiB(256);

    private static readonly DomainAlarm[] Kinds = Enum.GetValues<DomainAlarm>();

    private readonly Dictionary<DomainIdentity, Watched> watched = [];
    private ImmutableArray<DomainDecision> last = [];
    private bool balanced;

    /// <summary>The alarms that are raised; another array only if they change.</summary>
    public ImmutableArray<RaisedAlarm> Raised { get; private set; } = [];

    /// <summary>Reads the result of a pass.</summary>
    /// <param name="plan">The result.</param>
    /// <param name="balances">
    /// Whether the host is balanced: the mode is active, and no restoration is under way. Only then does a lack show
    /// that memory is missing.
    /// </param>
    public void Read(in Plan plan, bool balances)
    {
        bool isSame = balances == balanced && plan.Domains == last;
        if (isSame && watched.Count == 0) return;
        bool changes = false;
        for (int i = 0; i < plan.Domains.Length; i++)
        {
            DomainDecision decision = plan.Domains[i];
            bool isKnown = balances == balanced && i < last.Length && ReferenceEquals(last[i], decision);
            if (isKnown && watched.Count == 0) continue;
            watched.TryGetValue(decision.Domain.Identity, out Watched? domain);
            if (isKnown && domain is null) continue;
            foreach (DomainAlarm kind in Kinds)
            {
                TimeSpan? delay = Holds(kind, decision, balances);
                if (delay is not null && domain is null) watched.Add(decision.Domain.Identity, domain = new Watched());
                changes |= domain is not null && domain.Read(kind, delay, decision, plan.At);
            }

            domain?.SeenAt = plan.At;
        }

        (last, balanced) = (plan.Domains, balances);
        changes |= RemoveOthers(plan.At);
        if (changes) Raised = [.. watched.Values.SelectMany(domain => domain.Raised)];
    }

    /// <summary>Removes the domains that have ended, and those without a condition.</summary>
    /// <returns>Whether one of them had an alarm.</returns>
    private bool RemoveOthers(TimeSpan now)
    {
        bool changes = false;
        foreach ((DomainIdentity identity, Watched domain) in watched)
        {
            if (domain.SeenAt == now && !domain.IsEmpty) continue;
            changes |= domain.Raised.Any();
            watched.Remove(identity);
        }

        return changes;
    }

    /// <summary>For how long the condition of an alarm must hold; null if it does not.</summary>
    private static TimeSpan? Holds(DomainAlarm kind, DomainDecision decision, bool balances)
    {
        if (!decision.Managed || decision.Domain.Lifecycle != DomainLifecycle.Running) return null;
        return kind switch
        {
            DomainAlarm.ShortOfMemory => balances && IsShort(decision) ? ShortBeforeAlarm : null,
            DomainAlarm.NearOutOfMemory => decision.Demand is { KilledPrograms: true } ? TimeSpan.Zero
                : IsStarved(decision) ? StarvedBeforeAlarm
                : null,
            DomainAlarm.BalloonStuck => IsStuck(decision) ? TimeSpan.Zero : null,
            DomainAlarm.AgentSilent => IsUnheard(decision) ? UnheardBeforeAlarm : null,
            _ => decision.Demand is { Verdict: ReportVerdict.Implausible } ? InvalidBeforeAlarm : null,
        };
    }

    /// <summary>
    /// A domain that leaves, or whose kernel killed programs, is given its boot memory. One that stays full may count
    /// page cache as used. What these need is not known.
    /// </summary>
    private static bool IsShort(DomainDecision decision) =>
        decision is { Demand: { IsReported: true } demand, Domain.Target: { } target }
        && target + KiB.Max(LeastShort, target.Times(ShortFraction)) <= demand.Need
        && demand is { KilledPrograms: false, StaysFull: false }
        && decision.Facts is not { IsLeaving: true };

    private static bool IsStarved(DomainDecision decision) =>
        decision is { Demand.IsReported: true, Domain.Report.Available: { } available }
        && available < decision.Domain.Actual.Times(StarvedFraction).Clamp(LeastAvailable, MostAvailable)
        && decision.Facts is { Swap: SwapKnowledge.None or SwapKnowledge.Full };

    /// <summary>Between two attempts, a balloon that did not grow rests at the size that it failed to exceed.</summary>
    private static bool IsStuck(DomainDecision decision) =>
        decision.Health == BalloonHealth.Stuck
        || (decision.Facts is { Bound: ShareBound.Ceiling } facts && decision.Demand?.Need > facts.Claimable);

    /// <summary>The agent of Qubes reports changes only, so that its silence shows nothing.</summary>
    private static bool IsUnheard(DomainDecision decision) => decision.Demand?.Verdict switch
    {
        ReportVerdict.Stale => decision.Domain.Report is not { Source: ReportSource.Qubes },
        ReportVerdict.Silent => decision.Domain.HasAgent,
        _ => false,
    };

    /// <summary>A domain for which the condition of an alarm holds, or held in the last minute.</summary>
    private sealed class Watched
    {
        private readonly Condition?[] conditions = new Condition?[Kinds.Length];

        /// <summary>The pass that last had the domain.</summary>
        internal TimeSpan SeenAt { get; set; }

        internal bool IsEmpty => Array.TrueForAll(conditions, static condition => condition is null);

        internal IEnumerable<RaisedAlarm> Raised =>
            conditions.Select(condition => condition?.Alarm).OfType<RaisedAlarm>();

        /// <summary>Reads a condition.</summary>
        /// <returns>Whether the alarm is raised or cleared.</returns>
        internal bool Read(DomainAlarm kind, TimeSpan? delay, DomainDecision decision, TimeSpan now)
        {
            ref Condition? condition = ref conditions[(int)kind];
            if (delay is { } required)
            {
                condition ??= new Condition(now, now, null);
                bool isRaised = condition.Value.Alarm is null && now - condition.Value.Since >= required;
                condition = condition.Value with { HeldAt = now };
                if (!isRaised) return false;
                DomainSnapshot domain = decision.Domain;
                var alarm = new RaisedAlarm(domain.Identity, domain.Name, kind, decision.Reason);
                condition = condition.Value with { Alarm = alarm };
                return true;
            }

            if (condition is not { } past) return false;
            if (past.Alarm is not null && now - past.HeldAt < AbsentBeforeClear) return false;
            condition = null;
            return past.Alarm is not null;
        }
    }

    /// <summary>The condition of an alarm.</summary>
    /// <param name="Since">Since when it has held.</param>
    /// <param name="HeldAt">When it last held.</param>
    /// <param name="Alarm">The alarm, if it is raised.</param>
    private readonly record struct Condition(TimeSpan Since, TimeSpan HeldAt, RaisedAlarm? Alarm);
}
