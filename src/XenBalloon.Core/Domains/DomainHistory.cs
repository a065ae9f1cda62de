using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Domains;

/// <summary>What the balancer remembers of a domain from pass to pass, for as long as the domain lives.</summary>
/// <param name="identity">The domain.</param>
/// <param name="firstSeen">The time of the first snapshot that had it.</param>
internal sealed class DomainHistory(DomainIdentity identity, TimeSpan firstSeen)
{
    /// <summary>The domain.</summary>
    internal DomainIdentity Identity { get; } = identity;

    /// <summary>The time of the first snapshot that had it.</summary>
    internal TimeSpan FirstSeen { get; } = firstSeen;

    /// <summary>How its balloon follows its target.</summary>
    internal BalloonTracker Balloon { get; } = new();

    /// <summary>What its reports showed.</summary>
    internal DemandEstimator Estimator { get; } = new();

    /// <summary>Whether a guest that reports nothing available really has nothing left.</summary>
    internal ExhaustionCheck Exhaustion { get; } = new();

    /// <summary>Targets that other tools set.</summary>
    internal OverrideWatch Override { get; } = new();

    /// <summary>The cap that another tool set.</summary>
    internal CapWatch Cap { get; } = new();

    /// <summary>Reports that its agent was asked for.</summary>
    internal ReportRequests Requests { get; } = new();

    /// <summary>
    /// The memory it booted with: as recorded in xenstore, else the first target it was seen with. Null before that.
    /// </summary>
    internal KiB? BootMemory { get; set; }

    /// <summary>
    /// Whether it was created again with less than its boot memory, because it had been shrunk when it left.
    /// </summary>
    internal bool ReturnedSmall { get; set; }

    /// <summary>
    /// Its last target and name: libxl removes both from xenstore before the domain vanishes from the hypervisor.
    /// </summary>
    internal (KiB Target, string Name)? Last { get; set; }

    /// <summary>What is remembered of its guest beyond its life; null if nothing.</summary>
    internal RememberedGuest? Remembered { get; set; }

    /// <summary>Its announcements that it shuts down or reboots.</summary>
    internal LeaveWatch Leave { get; } = new();

    /// <summary>
    /// What the toolstack will need to create it again with its target, while it is able to run; null before that.
    /// </summary>
    internal ReturnNeed? NeedsToReturn { get; set; }

    /// <summary>Since when it has been ending; null while it is not.</summary>
    internal TimeSpan? EndingSince { get; set; }

    /// <summary>Whether it stalled on memory in the previous pass.</summary>
    internal bool WasStalled { get; set; }
}

/// <summary>
/// Tells targets that another tool set from the balancer's own: <c>xl mem-set</c> is an operator's order.
/// </summary>
internal sealed class OverrideWatch
{
    private KiB? seen;
    private KiB? decided;

    /// <summary>The last target that another tool set; null if none did.</summary>
    internal KiB? Value { get; private set; }

    /// <summary>Whether the last snapshot found a target that another tool had just set.</summary>
    internal bool HasJustChanged { get; private set; }

    /// <summary>
    /// Reads the current target. The first one is the toolstack's. The one decided last is the balancer's own, whether
    /// or not it was written.
    /// </summary>
    /// <param name="target">The target; null if the domain has none.</param>
    /// <param name="counts">Whether a target of another tool counts as an override.</param>
    internal void Observe(KiB? target, bool counts)
    {
        HasJustChanged = seen is not null && target is not null && target != seen && target != decided;
        if (counts && HasJustChanged) Value = target;
        seen = target;
    }

    /// <summary>Restores an override from before the daemon started.</summary>
    internal void Restore(KiB value) => Value = value;

    /// <summary>Clears the override.</summary>
    internal void Forget() => Value = null;

    /// <summary>Records a target that the balancer is about to write.</summary>
    internal void OnDecided(KiB target) => decided = target;
}

/// <summary>Requests for reports to a domain's agent.</summary>
internal sealed class ReportRequests
{
    /// <summary>A running agent answers within a tenth of a second.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2);

    private TimeSpan? requestedAt;

    /// <summary>The time of the first request since the last report; null if none is unanswered.</summary>
    internal TimeSpan? UnansweredSince { get; private set; }

    /// <summary>Requests a report, unless one was requested a moment ago.</summary>
    /// <returns>Whether to send a request.</returns>
    internal bool Send(TimeSpan now)
    {
        if (now - requestedAt < AnswerTime) return false;
        requestedAt = now;
        UnansweredSince ??= now;
        return true;
    }

    /// <summary>Reads the time of the newest report.</summary>
    internal void Observe(TimeSpan? reportedAt)
    {
        if (reportedAt >= UnansweredSince) UnansweredSince = null;
    }
}

/// <summary>
/// Announcements that a domain shuts down or reboots. A guest can write them as often as it likes, so one counts for a
/// limited time, and then none for a while.
/// </summary>
internal sealed class LeaveWatch
{
    /// <summary>A guest that has not gone by then stays: systemd kills services after 90 s.</summary>
    private static readonly TimeSpan LongestLeave = TimeSpan.FromMinutes(2);

    /// <summary>The shortest time from one announcement that counts to the next.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private TimeSpan? since;

    /// <summary>The domain's target when it began to leave; null while it does not leave.</summary>
    internal KiB? TargetBefore { get; private set; }

    /// <summary>Whether the domain is leaving.</summary>
    /// <param name="domain">The domain now.</param>
    /// <param name="now">The snapshot's time.</param>
    internal bool Observe(DomainSnapshot domain, TimeSpan now)
    {
        bool isLeaving = IsLeaving(domain.LeavingSince, now);

        // libxl removes the target before the domain vanishes.
        if (domain.Target is { } target) TargetBefore = isLeaving ? TargetBefore ?? target : null;
        return isLeaving;
    }

    private bool IsLeaving(TimeSpan? announcedAt, TimeSpan now)
    {
        if (announcedAt is not { } announced) return false;
        if (since is not { } counted || announced - counted >= Interval) since = announced;
        return now - since < LongestLeave;
    }
}
