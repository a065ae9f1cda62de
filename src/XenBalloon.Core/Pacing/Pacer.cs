using System.Runtime.InteropServices;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// Decides how far each domain moves towards its entitlement in this pass: sets every domain's new target and reason.
/// </summary>
internal sealed class Pacer
{
    /// <summary>The slowest agents, XenServer's, report every 60 to 120 s.</summary>
    internal static readonly TimeSpan FirstReportTime = TimeSpan.FromMinutes(2);

    /// <summary>
    /// A growing guest lacks memory again and again: memory that was freed for it is not given to others between two of
    /// its steps.
    /// </summary>
    private static readonly TimeSpan QuietBeforeSharing = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Until it is measured: how far above its target a domain that is not PV may rest, which is what its cap allows
    /// beyond it (LIBXL_MAXMEM_CONSTANT).
    /// </summary>
    private static readonly KiB UnmeasuredOffset = KiB.FromMiB(1);

    private readonly GrowthPacer growth = new();
    private TimeSpan? lastDemandAt;

    /// <summary>Decides all new targets.</summary>
    /// <param name="host">The input of this pass.</param>
    /// <param name="domains">All domains.</param>
    /// <param name="participants">Those of them that memory was shared among.</param>
    /// <param name="budget">Free memory that may be granted.</param>
    /// <param name="pressure">How urgently memory must move.</param>
    /// <param name="minimumsExceedHost">Whether the minimums together exceed the memory: then no domain moves.</param>
    internal void Pace(
        in HostPass host,
        List<DomainPass> domains,
        List<DomainPass> participants,
        KiB budget,
        HostPressure pressure,
        bool minimumsExceedHost)
    {
        if (participants.Exists(static domain => domain.WantsGrowth)) lastDemandAt = host.Now;
        if (minimumsExceedHost)
        {
            participants.ForEach(static domain => domain.ReasonKind = ReasonKind.MinimumsExceedHost);
        }
        else
        {
            Shrink(host, participants, pressure);
            Grow(host, domains, participants, budget);
            Press(host, participants);
        }

        foreach (DomainPass domain in domains)
        {
            KeepExcluded(domain);
            bool rests = domain.ReasonKind is ReasonKind.Balanced or ReasonKind.InUse or ReasonKind.AtMaximum;
            if (rests && domain.Balloon.Health == BalloonHealth.Stuck) domain.ReasonKind = ReasonKind.Stuck;
            ShrinkPacer.PutBack(domain);
        }
    }

    /// <summary>Whether it has not had time to report yet.</summary>
    internal static bool IsUnheard(DomainPass domain, TimeSpan now) =>
        domain.ExclusionReason == ReasonKind.Silent && now - domain.History.FirstSeen < FirstReportTime;

    /// <summary>Whether it wants more than its maximum, and has that.</summary>
    internal static bool IsBoundByMaximum(DomainPass domain) =>
        domain.Demand.Want > domain.Claimable + domain.DeadBand
        && domain.Target + domain.DeadBand > domain.Claimable;

    private static void Shrink(in HostPass host, List<DomainPass> participants, HostPressure pressure)
    {
        bool isMissed = participants.Exists(static domain => domain.Demand.IsReported
            && domain.Target + domain.StartBand
                <= KiB.Min(domain.Entitlement, domain.Demand.RecentPeak));
        foreach (DomainPass domain in participants)
        {
            domain.ReasonKind = domain.LacksMemory ? ReasonKind.AtShare
                : IsBoundByMaximum(domain) ? ReasonKind.AtMaximum
                : ReasonKind.Balanced;
            if (domain.HasSurplus) ShrinkPacer.Pace(domain, pressure, host.Settings.Pace, isMissed, host.Now);
        }
    }

    private void Grow(in HostPass host, List<DomainPass> domains, List<DomainPass> participants, KiB budget)
    {
        bool isBuilding = false, someAreUnheard = false;
        KiB unmeasured = KiB.Zero;
        foreach (DomainPass domain in domains)
        {
            isBuilding |= domain.Snapshot.Lifecycle == DomainLifecycle.Building
                && host.Rules.Hold(SafetyRule.ConstructionFreezesGrowth)
                && domain.IsPopulating(host.Now)
                && !domain.HasReservation;
            bool mayRestAbove = domain.Participates && domain.Snapshot.Kind != DomainKind.Pv;
            if (mayRestAbove && !domain.Balloon.IsOffsetMeasured) unmeasured += UnmeasuredOffset;
            someAreUnheard |= IsUnheard(domain, host.Now);
        }

        // The domain that reports first must not get all spare memory: until all had time to report, only need is met.
        var terms = new GrowthTerms(
            Budget: isBuilding ? KiB.Zero : budget - unmeasured,
            KeepFree: host.KeepFree,
            IdleTax: host.Settings.IdleTax,
            NeedOnly: someAreUnheard,
            IsQuiet: !(host.Now - lastDemandAt < QuietBeforeSharing));
        growth.Pace(CollectionsMarshal.AsSpan(participants), terms, host.Now);
    }

    private static void Press(in HostPass host, List<DomainPass> participants)
    {
        bool isAllowed = host.Settings is { PressToShare: true, Restores: false };
        if (!isAllowed || !participants.Exists(static domain => domain.IsDeprived)) return;
        foreach (DomainPass domain in participants)
        {
            if (domain.ReasonKind == ReasonKind.InUse) ShrinkPacer.Press(domain, host.Now);
        }
    }

    private static void KeepExcluded(DomainPass domain)
    {
        if (domain.ExclusionReason is not { } reason) return;
        domain.ReasonKind = reason;
        if (reason == ReasonKind.Stuck) domain.NewTarget = StuckTarget(domain);
    }

    /// <summary>
    /// The target of a balloon that does not move. If it did not shrink, the target goes back to what the domain holds:
    /// a domain that reboots is built with its target, and without a balloon driver it would never get the rest. If it
    /// did not grow, the memory that was granted is taken back for others, but not below the target before the growth.
    /// If the domain holds more than its maximum, the target is one page off at each retry, because the Linux driver
    /// gives up after four failures until its target changes.
    /// </summary>
    private static KiB StuckTarget(DomainPass domain)
    {
        BalloonTracker balloon = domain.Balloon;
        KiB target = domain.Target, holds = domain.Holds.FloorToPage();
        KiB restored = KiB.Min(holds, domain.Range.Maximum);
        if (restored > target) return restored;
        if (balloon.GrewFrom is { } before && holds < target)
        {
            return KiB.Min(target, KiB.Max(before, domain.Snapshot.Actual.FloorToPage()));
        }

        if (!balloon.IsStuckAgain || !balloon.HasAnswered || balloon.IsResting) return target;
        return target + KiB.Page <= domain.Range.Maximum ? target + KiB.Page : target - KiB.Page;
    }
}
