using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Domains;

/// <summary>
/// What one balancing pass knows and decides of a domain. <see cref="DomainReader"/> sets what is known; the phases of
/// the pass decide the rest. The object is reused in every pass, so a pass on a quiet host allocates nothing.
/// </summary>
/// <param name="history">What is remembered of the domain.</param>
internal sealed class DomainPass(DomainHistory history)
{
    private const int DefaultWeight = 100;

    private const double DeadBandFraction = 0.0025, StartBandFraction = 0.05;

    private static readonly KiB MinDeadBand = KiB.FromMiB(10), MinStartBand = KiB.FromMiB(32),
        MinStepInNeed = KiB.FromMiB(1);

    /// <summary>
    /// Growth waits for a domain under construction, because its size is unknown; but no longer than this after it last
    /// took memory, because its toolstack may have died.
    /// </summary>
    private static readonly TimeSpan LongestConstruction = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long a domain that rests may go unread: all limits that its time could pass are of seconds or more.
    /// </summary>
    private static readonly TimeSpan LongestUnread = TimeSpan.FromSeconds(1);

    private BalancerSettings? settingsInForce;
    private DomainSettings configured = DomainSettings.None;
    private TimeSpan readAt;
    private bool mayResume;
    private (KiB Lower, KiB Upper) asRead;

    /// <summary>What is remembered of the domain.</summary>
    internal DomainHistory History { get; } = history;

    /// <inheritdoc cref="DomainHistory.Identity"/>
    internal DomainIdentity Identity => History.Identity;

    /// <inheritdoc cref="DomainHistory.Balloon"/>
    internal BalloonTracker Balloon => History.Balloon;

    /// <inheritdoc cref="DomainHistory.Estimator"/>
    internal DemandEstimator Estimator => History.Estimator;

    /// <inheritdoc cref="DomainHistory.BootMemory"/>
    internal KiB? BootMemory => History.BootMemory;

    /// <summary>The safety rules in force.</summary>
    internal SafetyRules Rules { get; private set; }

    /// <summary>The domain now.</summary>
    internal DomainSnapshot Snapshot { get; private set; } = null!;

    /// <summary>The operator's settings of the domain.</summary>
    internal DomainSettings Settings { get; private set; } = DomainSettings.None;

    /// <summary>Whether it is given back what it booted with.</summary>
    internal bool IsRestored { get; private set; }

    /// <summary>The size it is pinned to, by its settings or by another tool; null if it is balanced.</summary>
    internal KiB? Pin { get; set; }

    /// <summary>The configured range of its target.</summary>
    internal DomainRange Range { get; set; }

    /// <summary>Whether the maximum of <see cref="Range"/> comes from a cap that another tool set.</summary>
    internal bool IsBoundByCap { get; set; }

    /// <summary>A setting that the range does not allow; null if there is none.</summary>
    internal SettingConflict? Conflict { get; set; }

    /// <summary>What it needs.</summary>
    internal DomainDemand Demand { get; set; }

    /// <summary>Whether the balancer may move its memory at all, now or later.</summary>
    internal bool Managed { get; set; }

    /// <summary>Why no memory is shared out to it in this pass; null if it participates.</summary>
    internal ReasonKind? ExclusionReason { get; set; }

    /// <summary>Whether memory is shared out to it in this pass.</summary>
    internal bool Participates => ExclusionReason is null;

    /// <summary>Shares in force.</summary>
    internal int Weight { get; private set; } = DefaultWeight;

    /// <summary>Whether it could not be created again with less than its maximum, so that it is never shrunk.</summary>
    internal bool IsNeverShrunk => Snapshot is { FixedBy: not null, StaticMax: not null }
        && Rules.Hold(SafetyRule.NotRecreatableIsKept);

    /// <summary>The target in force; its size if it has none.</summary>
    internal KiB Target { get; private set; }

    /// <summary>The least that it can be entitled to.</summary>
    internal KiB Lower { get; set; }

    /// <summary>The least that it can be shrunk to in the end, however slow its balloon is.</summary>
    internal KiB LowestReachable { get; set; }

    /// <summary>The most that it can be entitled to.</summary>
    internal KiB Upper { get; set; }

    /// <summary>The most that it could claim if it had a use for it: at least <see cref="Upper"/>.</summary>
    internal KiB Claimable { get; set; }

    /// <summary>The memory it must have, within its bounds.</summary>
    internal KiB Need { get; set; }

    /// <summary>The memory it should have, within its bounds.</summary>
    internal KiB Want { get; set; }

    /// <summary>
    /// The memory it should have, including growth that is expected next within its guaranteed share.
    /// </summary>
    internal KiB WantWithForecast => KiB.Max(Want, KiB.Min(Demand.Forecast, Guaranteed));

    /// <summary>Its weighted share if every domain claimed everything: no claim of another domain reduces it.</summary>
    internal KiB Guaranteed { get; set; }

    /// <summary>The memory it is entitled to now.</summary>
    internal KiB Entitlement { get; set; }

    /// <summary>
    /// The target that it should shrink to if it has more: its entitlement, or less if its neighbours keep more than
    /// theirs, or more if reservations need less from it.
    /// </summary>
    internal KiB ShrinkTo { get; set; }

    /// <summary>What it gets of the host's memory, as one value.</summary>
    internal DomainShare Share
    {
        get => new(Guaranteed, Entitlement, ShrinkTo);
        set => (Guaranteed, Entitlement, ShrinkTo) = (value.Guaranteed, value.Entitlement, value.ShrinkTo);
    }

    /// <summary>The target that this pass decides.</summary>
    internal KiB NewTarget { get; set; }

    /// <summary>Why this pass decides <see cref="NewTarget"/>.</summary>
    internal ReasonKind ReasonKind { get; set; }

    /// <summary>Memory that its balloon may still take without another grant: its target is a promise.</summary>
    internal KiB Promised { get; private set; }

    /// <summary>
    /// What its target promises and its cap withholds, because the cap was lowered while the domain did not run. A cap
    /// that another tool set is left.
    /// </summary>
    internal KiB WithheldByCap { get; private set; }

    /// <summary>Whether <see cref="WithheldByCap"/> is free, so that the cap may be raised again.</summary>
    internal bool MayRestoreCap { get; set; }

    /// <summary>Whether it shuts down or reboots, as far as is known.</summary>
    internal bool IsLeaving { get; set; }

    /// <summary>Whether memory was reserved for this domain while it is being built.</summary>
    internal bool HasReservation { get; set; }

    /// <summary>Whether to request a report from its agent now.</summary>
    internal bool RequestsReport { get; private set; }

    /// <summary>
    /// Memory that was taken, or is being taken, since the last report that was believed: that report does not show the
    /// effect.
    /// </summary>
    internal KiB TakenSinceReport =>
        KiB.Max(KiB.Zero, (Estimator.HeldAtReport ?? Snapshot.Actual) - PositiveOffset - Target);

    /// <summary>
    /// What the domain holds above its target at rest. A negative offset does not count: it may be a promise that the
    /// domain has yet to take.
    /// </summary>
    internal KiB PositiveOffset { get; private set; }

    /// <summary>The same as it was measured last; zero before that.</summary>
    internal KiB MeasuredOffset { get; private set; }

    /// <summary>What its cap must allow above its target, besides libxl's allowance.</summary>
    internal KiB AboveTarget => KiB.Max(PositiveOffset, Snapshot.VideoRam);

    /// <summary>What the domain holds, in the unit of its target.</summary>
    internal KiB Holds { get; private set; }

    /// <summary>The least target that leaves it what it uses plus a margin.</summary>
    internal KiB LowestTarget { get; private set; }

    /// <summary>A smaller change is not worth a write, so a quiet host gets none.</summary>
    internal KiB DeadBand { get; private set; }

    /// <summary>
    /// For a domain that lacks memory, a step of this size is worth a write even below the dead band. One that lacks
    /// less than this has what it is entitled to.
    /// </summary>
    internal KiB LeastStepInNeed => KiB.Min(MinStepInNeed, DeadBand);

    /// <summary>Without need, a shorter move is not worth starting; once started, a move is finished.</summary>
    internal KiB StartBand { get; private set; }

    /// <summary>Whether it has no swap, by its settings or its report.</summary>
    internal bool IsSwapless => Settings.Swap is { } configured ? !configured : Estimator.IsSwapless;

    /// <summary>
    /// What it can still swap out, by its report. Null if it reports no swap data, or if the settings say that it has
    /// swap and its report says that it has none.
    /// </summary>
    internal KiB? SwapHeadroom => Settings.Swap == true && Estimator.IsSwapless ? null : Estimator.SwapHeadroom;

    /// <summary>Whether it has less memory than it must have to work as it does now.</summary>
    internal bool LacksMemory => Participates
        && (Target + DeadBand <= Need
            || (Target < Upper && (Demand.IsShortOfMemory || Target < KiB.Min(Demand.Floor, Upper))));

    /// <summary>
    /// Whether others should give memory up for it now: it lacks memory or headroom, and is entitled to more than it
    /// has.
    /// </summary>
    internal bool WantsGrowth => LacksMemory
        ? Target + LeastStepInNeed <= Entitlement
        : Participates && Target + StartBand <= KiB.Min(WantWithForecast, Reachable);

    /// <summary>
    /// How far it may grow: what it should shrink to, if that is less than its entitlement and it lacks nothing. Else
    /// it would get memory that is taken from it again for a deprived domain, for ever to and fro.
    /// </summary>
    internal KiB Reachable => LacksMemory ? Entitlement : KiB.Min(Entitlement, ShrinkTo);

    /// <summary>Whether it has more than it should shrink to.</summary>
    internal bool HasSurplus => ShrinkTo < Target;

    /// <summary>Whether it lacks memory that it needs and is entitled to: another domain uses it.</summary>
    internal bool IsDeprived => LacksMemory && Target + LeastStepInNeed <= KiB.Min(Need, Entitlement);

    /// <summary>How often it has been read: tells what was computed from an earlier reading.</summary>
    internal int Readings { get; private set; }

    /// <summary>What was read and decided, as one value: all that a decision rests on.</summary>
    internal DomainOutcome Outcome => new(Readings, Share, NewTarget, ReasonKind, ExclusionReason, Lower, Upper);

    /// <summary>
    /// Starts a pass without reading the domain, if that would show nothing new: resets what the pass decides. What a
    /// pass changes of a domain that it decides to move is not reset here.
    /// </summary>
    /// <returns>False if it must be read.</returns>
    internal bool TryResume(DomainSnapshot snapshot, in HostPass host)
    {
        TimeSpan unread = host.Now - readAt;
        bool isSame = ReferenceEquals(snapshot, Snapshot)
            && ReferenceEquals(host.Settings, settingsInForce)
            && unread >= TimeSpan.Zero
            && unread < LongestUnread
            && mayResume
            && NewTarget == Target;
        if (!isSame) return false;
        Balloon.OnUnchanged(host.Now);
        (Lower, Upper) = asRead;
        Reset();
        return true;
    }

    /// <summary>
    /// Starts a pass: sets the inputs, after <see cref="Balloon"/> has observed them, and resets what the pass decides.
    /// </summary>
    internal void Begin(DomainSnapshot snapshot, BalancerSettings settings, SafetyRules rules)
    {
        mayResume = false;

        // A rule may be a glob, so the settings are looked up only when they or the name have changed.
        if (!ReferenceEquals(settings, settingsInForce) || snapshot.Name != Snapshot.Name)
        {
            settingsInForce = settings;
            configured = settings.For(Identity, snapshot.Name);
        }

        Settings = configured;
        IsRestored = false;
        Snapshot = snapshot;
        Target = snapshot.Target ?? snapshot.Actual;
        Weight = configured.Weight ?? DefaultWeight;
        PositiveOffset = KiB.Max(KiB.Zero, Balloon.Offset);
        MeasuredOffset = KiB.Max(KiB.Zero, Balloon.MeasuredOffset);
        Holds = snapshot.Actual - PositiveOffset;
        Rules = rules;
        History.Requests.Observe(snapshot.Report?.ReceivedAt);
        IsBoundByCap = false;
        Reset();
    }

    /// <summary>Makes the next pass read the domain, even if nothing has changed.</summary>
    internal void ReadAgain() => mayResume = false;

    private void Reset()
    {
        NewTarget = Entitlement = ShrinkTo = Guaranteed = Target;
        ReasonKind = ReasonKind.Balanced;
        MayRestoreCap = false;
        HasReservation = false;
        RequestsReport = false;
    }

    /// <summary>Whether nothing that the balancer or the guest began is going on in the domain.</summary>
    private bool IsAtRest => Snapshot is { Lifecycle: DomainLifecycle.Running, Target: not null }
        && Balloon.IsResting
        && !IsLeaving
        && !History.WasStalled
        && !History.Exhaustion.IsChecking;

    /// <summary>
    /// Has the domain get what it booted with: for this pass, that is its pin, and its range is all that it can have.
    /// </summary>
    internal void Restore(KiB bootMemory)
    {
        IsRestored = true;
        Settings = configured with { Pin = bootMemory, Minimum = KiB.Page, Maximum = Snapshot.StaticMax };
    }

    /// <summary>Requests a report from its agent, unless one was requested a moment ago.</summary>
    internal void RequestReport(TimeSpan now) => RequestsReport |= History.Requests.Send(now);

    /// <summary>Whether a domain under construction has taken memory recently.</summary>
    internal bool IsPopulating(TimeSpan now) => now - Balloon.StillSince < LongestConstruction;

    /// <summary>
    /// Whether it has shut down or is being destroyed. libxl removes a domain's target before it destroys the domain.
    /// </summary>
    internal bool IsEnding => Snapshot.Lifecycle is DomainLifecycle.Shutdown or DomainLifecycle.Dying
        || (Snapshot is { HasRun: true, Target: null } && History.NeedsToReturn is not null);

    /// <summary>Whether it is what another domain, which is ending or has left, came back as.</summary>
    internal bool IsReturnOf(DomainPass former) => this != former
        && Identity.Uuid == former.Identity.Uuid
        && Snapshot.Lifecycle != DomainLifecycle.Building
        && !IsEnding;

    /// <summary>Whether its memory is moving.</summary>
    internal bool IsMoving(TimeSpan now) =>
        Participates ? !Balloon.IsResting : ExclusionReason == ReasonKind.Starting && IsPopulating(now);

    /// <summary>A smaller step is not worth a write, unless the domain can have only one size.</summary>
    internal KiB SmallestStep => KiB.Max(MinDeadBand, Target.Times(DeadBandFraction)).CeilingToPage();

    /// <summary>Computes what depends on the other inputs and is read often.</summary>
    internal void Derive(TimeSpan now)
    {
        bool hasOneSize = Settings.Pin is not null || Range.IsEmpty;
        DeadBand = hasOneSize ? KiB.Page : SmallestStep;
        StartBand = hasOneSize ? KiB.Page : KiB.Max(MinStartBand, Target.Times(StartBandFraction));
        LowestTarget = (Demand.Floor + Demand.NotYetTaken - KiB.Min(KiB.Zero, Balloon.Offset)).CeilingToPage();
        if (Snapshot is { Lifecycle: DomainLifecycle.Running, Target: { } target })
        {
            History.NeedsToReturn = RestartNeed.Of(this, target);
        }

        History.EndingSince = IsEnding ? History.EndingSince ?? now : null;
        Promised = KiB.Max(KiB.Zero, MayHold(now) - Snapshot.Occupied);
        WithheldByCap = Withheld();
        (readAt, mayResume) = (now, IsAtRest);
        asRead = (Lower, Upper);
        Readings++;
    }

    /// <summary>Withdraws what is promised to it: it has come back as another domain.</summary>
    internal void WithdrawPromise() => Promised = KiB.Zero;

    private KiB Withheld()
    {
        if (Snapshot.Target is null || Target > Range.Maximum) return KiB.Zero;
        KiB promised = KiB.Min(Target + PositiveOffset, History.Cap.Value ?? KiB.Largest);
        return KiB.Max(KiB.Zero, promised - KiB.Max(Snapshot.MaxMem, Snapshot.Actual));
    }

    /// <summary>How much it, or the domain that it comes back as, may hold without another grant.</summary>
    private KiB MayHold(TimeSpan now)
    {
        if (!IsEnding)
        {
            return Snapshot.Lifecycle == DomainLifecycle.Building
                ? KiB.Zero
                : KiB.Min(Target + PositiveOffset, KiB.Max(Snapshot.MaxMem, Snapshot.Actual));
        }

        if (RestartNeed.MayReturn(this) is not { } time || History.NeedsToReturn is not { } need) return KiB.Zero;
        if (Snapshot.Lifecycle == DomainLifecycle.Dying) return need.All;

        // It still has its structures. Its toolstack may keep it as it is (on_crash = "preserve").
        return now - History.EndingSince < time ? need.Memory : KiB.Zero;
    }
}

/// <summary>What sharing the host's memory decides of a domain.</summary>
/// <param name="Guaranteed"><see cref="DomainPass.Guaranteed"/>.</param>
/// <param name="Entitlement"><see cref="DomainPass.Entitlement"/>.</param>
/// <param name="ShrinkTo"><see cref="DomainPass.ShrinkTo"/>.</param>
internal readonly record struct DomainShare(KiB Guaranteed, KiB Entitlement, KiB ShrinkTo);

/// <summary>What a pass read and decided of a domain; the reading by its number alone.</summary>
internal readonly record struct DomainOutcome(
    int Readings,
    DomainShare Share,
    KiB NewTarget,
    ReasonKind ReasonKind,
    ReasonKind? ExclusionReason,
    KiB Lower,
    KiB Upper);
