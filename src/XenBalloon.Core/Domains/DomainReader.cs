using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Domains;

/// <summary>
/// The first phase of a pass: combines a domain's snapshot, history and settings into its demand and the bounds of its
/// share.
/// </summary>
internal static class DomainReader
{
    /// <summary>
    /// The target of a slow balloon changes by no more than it moves in this time, but by at least
    /// <see cref="MinSlowStep"/>, so that the step is worth a write.
    /// </summary>
    private static readonly TimeSpan SlowHorizon = TimeSpan.FromSeconds(5);

    private static readonly KiB MinSlowStep = KiB.FromMiB(16);

    /// <summary>Brings a domain up to date.</summary>
    internal static void Read(
        DomainPass domain, DomainSnapshot snapshot, in HostPass host, RememberedGuests remembered)
    {
        (TimeSpan now, BalancerSettings settings) = (host.Now, host.Settings);
        DomainHistory history = domain.History;
        history.Balloon.Observe(snapshot, history.WasStalled, now);
        domain.Begin(snapshot, settings, host.Rules);
        history.Override.Observe(snapshot.Target, counts: !settings.Observes);
        history.Cap.Observe(snapshot, isRetargeted: history.Override.HasJustChanged, counts: !settings.Observes);
        if (snapshot.Target is { } last) history.Last = (last, snapshot.Name);
        if (snapshot.BootMemory is { } recorded) history.BootMemory = recorded;
        else if (history.BootMemory is null && snapshot.Target is { } first)
        {
            remembered.OnFirstTarget(history, snapshot, first);
        }

        domain.IsLeaving = history.Leave.Observe(snapshot, now);

        // Settings for all domains never apply to dom0, which the toolstack runs in.
        domain.Managed = !domain.Identity.IsDom0 && domain.Settings.Managed != false;
        KiB? overridden = history.Override.Value;
        domain.Pin = domain.Settings.Pin ?? (settings.Override == OverrideHandling.Pin ? overridden : null);
        bool isOverridden = domain.Settings.Pin is null && domain.Pin is not null;
        bool restores = settings.Restores && domain.Managed && !isOverridden;
        if (restores && domain.BootMemory is { } boot) domain.Restore(boot);
        domain.Range = DomainRange.Of(snapshot, domain.Settings, domain.BootMemory);
        if (settings.Override == OverrideHandling.Adopt && overridden is { } most && !domain.IsRestored)
        {
            KiB adopted = most.FloorToPage().Clamp(domain.Range.Minimum, domain.Range.Maximum);
            domain.Range = domain.Range with { Maximum = KiB.Min(domain.Range.Maximum, adopted) };
        }

        bool isBalanced = domain is { Managed: true, IsRestored: false };
        domain.Conflict = isBalanced ? SettingConflict.Of(domain.Settings, domain.Range) : null;
        if (domain.IsNeverShrunk) KeepMaximum(domain);
        if (MostWithinCap(domain) is { } limit && limit < domain.Range.Maximum)
        {
            domain.Range = new DomainRange(KiB.Min(domain.Range.Minimum, limit), limit);
            domain.IsBoundByCap = true;
        }

        domain.Estimator.HasSwap = domain.Settings.Swap;
        domain.Estimator.Offset = domain.MeasuredOffset;
        DomainDemand demand = domain.Estimator.Observe(
            snapshot, history.Balloon.RestingSince, domain.BootMemory, now, settings);

        // After a restart of the daemon, an idle guest's agent reports only at its next heartbeat, so request a report.
        // An agent that has not reported by then has left, and only its old record remains.
        if (demand.Verdict == ReportVerdict.Silent
            && snapshot.HasAgent
            && now - history.FirstSeen < ReportTiming.AgentHeartbeat)
        {
            domain.RequestReport(now);
        }

        bool fellSilent = SetBounds(domain, demand, now, settings);
        domain.Claimable = domain.Upper;
        SetDemandWithinBounds(domain, settings);
        history.Exhaustion.Observe(domain, now);
        history.WasStalled = domain.Demand is { IsReported: true, IsStalled: true };
        domain.ExclusionReason = FindExclusion(domain, now, isSilent: !demand.IsReported && !fellSilent);
        domain.Derive(now);
    }

    /// <summary>
    /// The target at which the domain reaches the cap that another tool set, but at least its target now: the cap
    /// bounds growth, and takes nothing. Null if no tool set one. libxl's allowance is for what a guest holds above its
    /// target besides video memory, which is more than that in a PV shim.
    /// </summary>
    private static KiB? MostWithinCap(DomainPass domain)
    {
        if (domain.History.Cap.Value is not { } cap) return null;
        KiB above = KiB.Max(domain.PositiveOffset, domain.Snapshot.VideoRam + CapWatch.Allowance);
        return KiB.Max((cap - above).FloorToPage(), domain.Target.FloorToPage());
    }

    /// <summary>
    /// A domain that could not be created again with less than its maximum does not shrink, whatever its settings; with
    /// less, it grows back, as a domain does to its boot memory.
    /// </summary>
    private static void KeepMaximum(DomainPass domain)
    {
        KiB least = domain.Target.FloorToPage();
        domain.Range = new DomainRange(
            KiB.Max(domain.Range.Minimum, least), KiB.Max(domain.Range.Maximum, least));
        domain.History.BootMemory = domain.Range.Maximum;
    }

    /// <summary>
    /// Sets the demand and the bounds of the share. A guest that does not report keeps what it has. If it fell silent
    /// below its boot memory, it grows back to that. Memory above its boot memory was lent to it, and can be taken back
    /// if the guest has swap for it.
    /// </summary>
    /// <returns>Whether the guest fell silent and still participates.</returns>
    private static bool SetBounds(DomainPass domain, DomainDemand demand, TimeSpan now, BalancerSettings settings)
    {
        KiB target = domain.Target;
        KiB boot = BootWithinRange(domain);
        bool isReported = demand.IsReported;
        KiB silentSize = KiB.Max(target, boot);
        domain.Demand = isReported ? demand : DomainDemand.Unreported(demand.Verdict, target, silentSize);
        if (domain.IsLeaving) domain.Demand = domain.Demand.WithBootMemory(boot);
        bool mayGrowBack = target < boot;
        bool mayShrinkBack = target > boot && !domain.IsSwapless && !(domain.SwapHeadroom <= KiB.Zero);
        bool fellSilent = !isReported
            && (mayGrowBack || mayShrinkBack)
            && (HasFallenSilent(demand, domain, now, settings) || (mayGrowBack && MustGrowBack(domain)));
        domain.Lower = isReported ? domain.Range.Minimum
            : fellSilent ? KiB.Max(boot, KiB.Min(target, domain.Range.Minimum))
            : silentSize;
        domain.Upper = isReported ? domain.Range.Maximum : silentSize;
        domain.LowestReachable = domain.Settings.Pin is null ? domain.Lower : domain.Target;
        NarrowBounds(domain, now);
        NarrowToFloor(domain, now);
        return fellSilent;
    }

    /// <summary>
    /// Whether a guest that does not report gets its boot memory back at once. libxl creates a guest again with the
    /// target that it leaves with. One that was created again with less is given the rest while it boots: populated on
    /// demand, Xen crashes a guest that touches more than it has.
    /// </summary>
    private static bool MustGrowBack(DomainPass domain) =>
        domain.IsRestored
        || (domain.Snapshot.Lifecycle == DomainLifecycle.Running
            && (domain.IsLeaving || domain.History.ReturnedSmall));

    private static KiB BootWithinRange(DomainPass domain) =>
        (domain.BootMemory ?? domain.Target).Clamp(KiB.Zero, KiB.Max(domain.Range.Maximum, KiB.Zero));

    /// <summary>Narrows the bounds to the pinned size, or to what a slow or limited balloon can reach.</summary>
    private static void NarrowBounds(DomainPass domain, TimeSpan now)
    {
        if (domain.Settings.Pin is { } pin)
        {
            // If the memory for it is missing, the domain waits at what it has: that is no alarm for the whole host.
            domain.Upper = pin.CeilingToPage().Clamp(domain.Range.Minimum, domain.Range.Maximum);
            domain.Lower = KiB.Min(domain.Upper, KiB.Max(domain.Target, domain.Range.Minimum));
        }
        else if (domain.Balloon.Health == BalloonHealth.Slow)
        {
            double perSecond = domain.Balloon.PerSecond ?? 0;
            KiB least = KiB.Max(MinSlowStep, domain.SmallestStep + domain.SmallestStep);
            KiB step = KiB.Max(least, new KiB((long)(perSecond * SlowHorizon.TotalSeconds)));

            // More than a step is not counted on: another domain would wait for minutes. A step shows whether it is
            // still slow; without one, it would keep what it has for ever.
            domain.Lower = KiB.Max(domain.Lower, KiB.Min(domain.Range.Maximum, (domain.Holds - step).FloorToPage()));
            domain.Upper = KiB.Max(domain.Lower, KiB.Min(domain.Upper, (domain.Holds + step).FloorToPage()));
        }
        else if (BalloonCeiling(domain, now) is { } ceiling)
        {
            // Its minimum or boot memory may be more. It would not take that, and is not shrunk below it.
            domain.Lower = KiB.Min(domain.Lower, KiB.Max(ceiling, domain.Target));
            domain.Upper = KiB.Max(domain.Lower, KiB.Min(domain.Upper, ceiling));
        }
    }

    /// <summary>
    /// The size that its balloon failed to grow beyond. Null if it did not fail, or if the domain needs or should have
    /// more and may try again.
    /// </summary>
    private static KiB? BalloonCeiling(DomainPass domain, TimeSpan now)
    {
        KiB? ceiling = (domain.Balloon.Ceiling - domain.PositiveOffset)?.FloorToPage();
        bool isTooLittle = KiB.Max(domain.Demand.Need, domain.Lower) > ceiling;
        return isTooLittle && !(now < domain.Balloon.CeilingUntil) ? null : ceiling;
    }

    /// <summary>
    /// Keeps a domain whose balloon failed to shrink at what it holds, until it may try again. It can still grow, but
    /// gets no more than it needs, since it would not give that back. After that it shrinks by little, if it has never
    /// followed a target.
    /// </summary>
    private static void NarrowToFloor(DomainPass domain, TimeSpan now)
    {
        BalloonTracker balloon = domain.Balloon;
        bool waits = now < balloon.FloorUntil;
        KiB? least = waits ? balloon.Floor - domain.PositiveOffset : domain.Holds - balloon.TellingStep;
        if (least is not { } floor) return;
        domain.Lower = KiB.Max(domain.Lower, KiB.Min(domain.Range.Maximum, floor.FloorToPage()));
        if (waits)
        {
            domain.LowestReachable = KiB.Max(domain.LowestReachable, domain.Lower);
            domain.Upper = KiB.Min(domain.Upper, domain.Demand.Need);
        }

        domain.Upper = KiB.Max(domain.Lower, domain.Upper);
    }

    private static void SetDemandWithinBounds(DomainPass domain, BalancerSettings settings)
    {
        bool isPinned = domain.Settings.Pin is not null;
        KiB boot = BootWithinRange(domain);

        // A guest without swap dies before memory can be brought back, so it should have its boot memory in any case.
        KiB want = domain.IsSwapless ? KiB.Max(boot, domain.Demand.Want) : domain.Demand.Want;
        bool keepsSpare = settings is { Spare: SpareUse.Keep, Policy: PolicyKind.FairShare };
        if (keepsSpare && domain.Demand.IsReported && !isPinned)
        {
            KiB used = KiB.Max(KiB.Max(want, boot), domain.Demand.Kept);
            domain.Upper = MostToKeep(domain, used).Clamp(domain.Lower, domain.Upper);
        }

        domain.Need = isPinned ? domain.Upper : domain.Demand.Need.Clamp(domain.Lower, domain.Upper);
        domain.Want = want.Clamp(domain.Lower, domain.Upper);
    }

    /// <summary>
    /// The most that a domain should have while memory that no domain needs stays free. Every report counts page cache
    /// as available. It can be taken without need only if the guest reports stalls, so that the loss shows. A slow
    /// balloon could not bring it back in time. A guest that may have no swap keeps what it has of its boot memory.
    /// </summary>
    private static KiB MostToKeep(DomainPass domain, KiB used)
    {
        KiB kept = domain.Demand.StallFraction is null || domain.Balloon.Health == BalloonHealth.Slow ? domain.Target
            : domain.Snapshot.Report?.Vitals?.SwapTotal is null
                ? KiB.Min(domain.Target, domain.BootMemory ?? domain.Target)
            : KiB.Zero;
        return KiB.Max(used, kept).CeilingToPage();
    }

    /// <summary>
    /// Whether the domain stopped reporting. Right after a start of the daemon no domain has reported yet, and that
    /// alone moves no memory.
    /// </summary>
    private static bool HasFallenSilent(
        DomainDemand demand, DomainPass domain, TimeSpan now, BalancerSettings settings) => demand.Verdict switch
        {
            ReportVerdict.Stale or ReportVerdict.Implausible => true,
            ReportVerdict.Silent => now - domain.History.FirstSeen > settings.StaleAfter,
            _ => false,
        };

    private static ReasonKind? FindExclusion(DomainPass domain, TimeSpan now, bool isSilent)
    {
        DomainSnapshot snapshot = domain.Snapshot;
        SafetyRules rules = domain.Rules;
        DomainRange range = domain.Range;
        BalloonTracker balloon = domain.Balloon;
        if (!domain.Managed) return ReasonKind.Unmanaged;
        if (snapshot.Lifecycle == DomainLifecycle.Building || snapshot.Target is null) return ReasonKind.Starting;
        if (!snapshot.HasRun) return ReasonKind.Starting;
        bool isMigrating = snapshot.Lifecycle == DomainLifecycle.Migrating;
        if (isMigrating && rules.Hold(SafetyRule.MigratingIsLeft)) return ReasonKind.Migrating;
        bool growsBack = MustGrowBack(domain) && domain.Target < domain.Lower;
        bool isPopulating = snapshot.PopulatesOnDemand && rules.Hold(SafetyRule.PopulatingIsLeft);
        if (isPopulating && !growsBack) return ReasonKind.Starting;
        bool isRunning = snapshot.Lifecycle == DomainLifecycle.Running || isMigrating;
        if (!isRunning && rules.Hold(SafetyRule.NotRunningIsLeft)) return ReasonKind.NotRunning;
        if (snapshot.HasPassthrough && rules.Hold(SafetyRule.PassthroughIsLeft)) return ReasonKind.Passthrough;
        if (domain.IsNeverShrunk && domain.Target >= range.Maximum) return ReasonKind.NotRecreatable;
        bool hasRange = !range.IsEmpty || (range.Maximum != KiB.Zero && domain.Target != range.Maximum);
        if (!hasRange) return ReasonKind.NoRange;
        if (domain.Settings.Pin is null && domain.Pin is not null) return ReasonKind.Overridden;
        if (balloon.IsStuck(now)) return ReasonKind.Stuck;
        return isSilent ? ReasonKind.Silent : null;
    }
}
