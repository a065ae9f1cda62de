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
    /// For 10 s it has had less memory than it needs: memory is missing, or its settings do not allow more.
    /// </summary>
    ShortOfMemory,

    /// <summary>
    /// Its kernel killed programs for lack of memory in the last minutes, or has for 3 s had almost nothing available
    /// and no swap left.
    /// </summary>
    NearOutOfMemory,

    /// <summary>Its balloon does not move to its target.</summary>
    BalloonStuck,

    /// <summary>Its agent has stopped reporting, or has not reported since the daemon started.</summary>
    AgentSilent,

    /// <summary>Its newest report is unreadable, or has values that no kernel can have.</summary>
    ReportInvalid,
}

/// <summary>An alarm that is raised.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Name">The name of the domain.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="Reason">The reason of the domain's target when the alarm was raised.</param>
public sealed record RaisedAlarm(DomainIdentity Domain, string Name, DomainAlarm Kind, string Reason)
{
    /// <summary>What to do.</summary>
    public string Remedy => Kind switch
    {
        DomainAlarm.ShortOfMemory =>
            "raise its maximum or its pin if it is at that; else raise its weight, add memory, or stop another domain",
        DomainAlarm.NearOutOfMemory => "raise its minimum, or give the guest swap",
        DomainAlarm.BalloonStuck => "check the balloon driver in the guest",
        DomainAlarm.AgentSilent => "check that the agent runs in the guest",
        _ => "check what writes the memory report in the guest",
    };
}

/// <summary>
/// Decides when an operator should look at a domain, by the decisions of each pass. Short lacks are met by balancing and
/// raise no alarm. An alarm is cleared when its condition has not held for a minute, so that one which comes and goes
/// does not fill the log.
/// </summary>
public sealed class DomainAlarmMonitor
{
    private const double ShortFraction = 0.01;

    private static readonly TimeSpan ShortBeforeAlarm = TimeSpan.FromSeconds(10),
        StarvedBeforeAlarm = TimeSpan.FromSeconds(3),
        UnheardBeforeAlarm = ReportTiming.AgentHeartbeat * 2.5,
        AbsentBeforeClear = TimeSpan.FromMinutes(1);

    private static readonly KiB LeastShort = KiB.FromMiB(10);

    private static readonly DomainAlarm[] Kinds = Enum.GetValues<DomainAlarm>();

    private readonly Dictionary<(DomainIdentity Domain, DomainAlarm Kind), Condition> conditions = [];
    private ImmutableArray<DomainDecision> last = [];

    /// <summary>The alarms that are raised, in the order in which they were; another array only if they change.</summary>
    public ImmutableArray<RaisedAlarm> Raised { get; private set; } = [];

    /// <summary>Reads the result of a pass.</summary>
    public void Read(in Plan plan)
    {
        if (plan.Domains == last && conditions.Count == 0) return;
        last = plan.Domains;
        foreach (DomainDecision decision in plan.Domains)
        {
            if (!decision.Managed || decision.Domain.Lifecycle != DomainLifecycle.Running) continue;
            foreach (DomainAlarm kind in Kinds)
            {
                if (Holds(kind, decision) is { } delay) OnHolds(kind, decision, delay, plan.At);
            }
        }

        foreach (((DomainIdentity Domain, DomainAlarm Kind) key, Condition condition) in conditions)
        {
            TimeSpan absent = plan.At - condition.HeldAt;
            bool stays = absent == TimeSpan.Zero
                || (condition.IsRaised
                    && absent < AbsentBeforeClear
                    && plan.Domains.Any(decision => decision.Domain.Identity == key.Domain));
            if (stays) continue;
            conditions.Remove(key);
            Raised = Raised.RemoveAll(alarm => (alarm.Domain, alarm.Kind) == key);
        }
    }

    private void OnHolds(DomainAlarm kind, DomainDecision decision, TimeSpan delay, TimeSpan now)
    {
        DomainIdentity domain = decision.Domain.Identity;
        Condition before = conditions.GetValueOrDefault((domain, kind), new Condition(now, now, IsRaised: false));
        bool isRaised = before.IsRaised || now - before.Since >= delay;
        conditions[(domain, kind)] = before with { HeldAt = now, IsRaised = isRaised };
        if (!isRaised || before.IsRaised) return;
        Raised = Raised.Add(new RaisedAlarm(domain, decision.Domain.Name, kind, decision.Reason.ToString()));
    }

    /// <summary>For how long the condition of an alarm must hold; null if it does not.</summary>
    private static TimeSpan? Holds(DomainAlarm kind, DomainDecision decision) => kind switch
    {
        DomainAlarm.ShortOfMemory => IsShort(decision) ? ShortBeforeAlarm : null,
        DomainAlarm.NearOutOfMemory => decision.Demand is { KilledPrograms: true } ? TimeSpan.Zero
            : IsStarved(decision) ? StarvedBeforeAlarm
            : null,
        DomainAlarm.BalloonStuck => decision.Health == BalloonHealth.Stuck ? TimeSpan.Zero : null,
        DomainAlarm.AgentSilent => decision.Demand?.Verdict switch
        {
            ReportVerdict.Stale => TimeSpan.Zero,
            ReportVerdict.Silent when decision.Domain.HasAgent => UnheardBeforeAlarm,
            _ => null,
        },
        _ => decision.Demand is { Verdict: ReportVerdict.Implausible } ? TimeSpan.Zero : null,
    };

    private static bool IsShort(DomainDecision decision) =>
        decision is { Demand: { IsReported: true } demand, Domain.Target: { } target }
        && target + KiB.Max(LeastShort, target.Times(ShortFraction)) <= demand.Need;

    private static bool IsStarved(DomainDecision decision) =>
        decision is { Demand: { IsReported: true, IsShortOfMemory: true } }
        && decision.Domain.Report?.Vitals?.SwapHeadroom <= KiB.Zero;

    /// <summary>The condition of an alarm.</summary>
    /// <param name="Since">Since when it has held.</param>
    /// <param name="HeldAt">When it last held.</param>
    /// <param name="IsRaised">Whether the alarm is raised.</param>
    private readonly record struct Condition(TimeSpan Since, TimeSpan HeldAt, bool IsRaised);
}
