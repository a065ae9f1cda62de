using System.Collections.Immutable;
using System.Runtime.InteropServices;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>
/// The whole policy: what does each domain need, who gets how much, how fast may it move. No I/O, no clock, no thread: the same snapshots and settings, one
/// after the other, give the same plans, in whatever order the domains are listed. It remembers what it saw from step to step and works in buffers
/// of its own, so that a step on a quiet host allocates nothing; one thread at a time may use it.
/// </summary>
public sealed class Balancer
{
    /// <summary>The keep-free pool as a part of the host, where the operator said nothing.</summary>
    private const double DefaultKeepFreePart = 0.03;

    /// <summary>The size of a domain under construction is unknown, so growth waits for it; but not for ever once it takes no more memory: its toolstack may have died.</summary>
    private static readonly TimeSpan LongestConstruction = TimeSpan.FromMinutes(2);

    /// <summary>XenServer's agents, the slowest to speak, write every 60 to 120 s.</summary>
    private static readonly TimeSpan HearingTime = TimeSpan.FromMinutes(2);

    /// <summary>
    /// A domain that is not PV comes to rest a little above its target: up to what its cap allows beyond it
    /// (LIBXL_MAXMEM_CONSTANT), until it is measured.
    /// </summary>
    private static readonly KiB UnmeasuredOffset = KiB.FromMiB(1);

    /// <summary>
    /// A guest that grows lacks memory again and again: what came free for it is not given to others between two of its
    /// steps.
    /// </summary>
    private static readonly TimeSpan CalmBeforeSparing = TimeSpan.FromSeconds(5);

    /// <summary>Between two steps of a donor there is a moment in which nothing comes: only a lack that lasts is an operator's business.</summary>
    private static readonly TimeSpan UnmetBeforeAlarm = TimeSpan.FromSeconds(10);

    private readonly Roster roster = new();
    private readonly Entitlements entitlements = new();
    private readonly GrowthPacer growth = new();
    private readonly PressureGauge gauge = new();
    private readonly CommandWriter writer = new();
    private readonly DonorSurvey survey = new();
    private readonly List<DomainCase> parts = [];
    private ImmutableArray<DomainDecision> decisions = [];
    private TimeSpan? began;
    private TimeSpan? unmetSince;
    private TimeSpan? neededAt;

    /// <summary>
    /// Memory that is promised to domains yet to come. Whoever owns the balancer sets the book that a request, a claim or a cancellation made of it, and
    /// finds it here again after each step, brought up to date.
    /// </summary>
    public ReservationBook Reservations { get; set; } = ReservationBook.Empty;

    /// <summary>
    /// Targets that others wrote before the balancer began, as <see cref="DomainDecision.Override"/> told them then.
    /// </summary>
    public IReadOnlyDictionary<DomainIdentity, KiB> KnownOverrides { get; init; } = ImmutableDictionary<DomainIdentity, KiB>.Empty;

    /// <summary>The safety rules in force.</summary>
    internal SafetyRules Rules { get; init; }

    /// <summary>Forgets that somebody else wrote a domain's target: it is balanced again.</summary>
    public void ForgetOverride(DomainIdentity domain) => roster.Find(domain)?.Override.Forget();

    /// <summary>Decides.</summary>
    /// <param name="snapshot">The host now; no earlier than the one before.</param>
    /// <param name="settings">The operator's wishes.</param>
    public Plan Step(HostSnapshot snapshot, BalancerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(settings);
        List<DomainCase> cases = roster.Meet(snapshot, out ReadOnlySpan<DomainSnapshot> domains);
        KiB keepFree = settings.KeepFree ?? snapshot.Total.Times(DefaultKeepFreePart);
        KiB spendable = (Rules.Hold(SafetyRule.FreeBeforeAllocate) ? snapshot.Free : snapshot.Total) - settings.Slack;
        for (int i = 0; i < cases.Count; i++)
        {
            cases[i].Rules = Rules;
            if (cases[i].Decision is null && KnownOverrides.TryGetValue(cases[i].Identity, out KiB known)) cases[i].Override.Restore(known);
            CaseReader.Read(cases[i], domains[i], snapshot.At, settings);
            if (Rules.Hold(SafetyRule.PromisesCount)) spendable -= cases[i].Promised;
        }

        spendable -= Redeem(cases, spendable);
        Reservations = Arrivals.Claim(Reservations, cases, began ??= snapshot.At, snapshot.At);
        KiB deliverable = Reservations.Open.IsEmpty ? KiB.Zero : survey.Look(cases);
        BookUpdate reserved = Reservations.Update(snapshot, KiB.Max(KiB.Zero, spendable), deliverable);
        Reservations = reserved.Book;
        if (Rules.Hold(SafetyRule.ReservedIsHeld)) spendable -= reserved.Held;
        bool exceeded = Share(cases, spendable, keepFree, reserved.Wanted, settings);
        bool needy = parts.Exists(part => part.Needy);
        if (needy) neededAt = snapshot.At;
        HostPressure pressure = gauge.Read(snapshot.Free, settings.Slack, keepFree, needy || reserved.Wanted > KiB.Zero);
        if (!needy && pressure == HostPressure.Demand) survey.Choose(reserved.Wanted, CollectionsMarshal.AsSpan(parts));
        if (exceeded) parts.ForEach(part => part.Verdict = ReasonKind.MinimumsExceedHost);
        else Move(cases, spendable, keepFree, pressure, snapshot.At, settings);

        LeaveOthersWhereTheyAre(cases);
        cases.ForEach(ShrinkPacer.PutBack);
        Reservations = survey.Note(Reservations, cases, snapshot.At);
        unmetSince = IsUnmet(spendable) ? unmetSince ?? snapshot.At : null;
        HostAlarm alarm = exceeded ? HostAlarm.MinimumsExceedHost
            : snapshot.At - unmetSince >= UnmetBeforeAlarm ? HostAlarm.DemandExceedsHost
            : HostAlarm.None;
        var host = new HostDecision(snapshot.Total, snapshot.Free, settings.Slack, keepFree, pressure, alarm)
        {
            Reserved = reserved.Held,
            Awaited = reserved.Wanted,
        };
        return Compose(cases, host, survey.Explain(reserved.Ended, cases), snapshot.At);
    }

    /// <summary>
    /// A cap that was lowered while its domain could not wake withholds what the target promises. Where that is still free, it is granted again; where it
    /// is somebody else's by now, the promise is taken back, and the domain grows like any other.
    /// </summary>
    private static KiB Redeem(List<DomainCase> cases, KiB spendable)
    {
        KiB redeemed = KiB.Zero;
        foreach (DomainCase one in cases)
        {
            if (one.CutOff <= KiB.Zero || one.LeftOut is not (null or ReasonKind.Silent or ReasonKind.Overridden or ReasonKind.Stuck)) continue;
            KiB holds = one.Domain.Actual.FloorToPage();
            one.MayRaiseCap = one.CutOff <= spendable - redeemed || !one.Rules.Hold(SafetyRule.CapRisesOutOfFree);
            if (one.MayRaiseCap) redeemed += one.CutOff;
            else if (holds < one.Target) (one.Goal, one.LeftOut) = (holds, ReasonKind.WaitingForMemory);
        }

        return redeemed;
    }

    /// <summary>Shares out what there is; says whether the minimums are more than that.</summary>
    private bool Share(List<DomainCase> cases, KiB spendable, KiB keepFree, KiB wanted, BalancerSettings settings)
    {
        parts.Clear();

        // In the unit of targets: what is spendable, and what the participants hold or were promised already.
        KiB capacity = spendable, lowest = KiB.Zero;
        bool allHeard = true;
        foreach (DomainCase one in cases)
        {
            if (!one.TakesPart) continue;
            parts.Add(one);
            lowest += one.Lower.CeilingToPage();
            capacity += one.Domain.Actual + one.Promised + one.CutOff - one.OnTop;
            allHeard &= one.Demand.IsReported;
        }

        // What is reserved comes out of what the domains have above their minimums, and never out of those.
        capacity = KiB.Max(KiB.Min(capacity, lowest), capacity - wanted);
        Span<DomainCase> span = CollectionsMarshal.AsSpan(parts);
        bool exceeded = entitlements.Share(span, capacity, keepFree, settings);
        if (exceeded && !allHeard)
        {

            // What others use cannot be taken to give a silent guest its boot memory back: it keeps what it has, and may get the rest.
            foreach (DomainCase part in span) part.Lower = KiB.Min(part.Lower, KiB.Max(part.Target, part.Range.Minimum));
            exceeded = entitlements.Share(span, capacity, keepFree, settings);
        }

        return exceeded;
    }

    private void Move(List<DomainCase> cases, KiB spendable, KiB keepFree, HostPressure pressure, TimeSpan now, BalancerSettings settings)
    {
        bool isMissed = parts.Exists(part => part.Demand.IsReported
            && part.Target + part.StartBand <= KiB.Min(part.Entitlement, part.Demand.RecentPeak - part.OnTop));
        foreach (DomainCase part in parts)
        {
            part.Verdict = part.Lacks ? ReasonKind.AtShare : IsBoundByMaximum(part) ? ReasonKind.AtMaximum : ReasonKind.Balanced;
            if (part.HasTooMuch) ShrinkPacer.Pace(part, pressure, settings.Pace, isMissed, now);
        }

        bool building = false, unheard = false;
        KiB unmeasured = KiB.Zero;
        foreach (DomainCase one in cases)
        {
            building |= one.Domain.Lifecycle == DomainLifecycle.Building
                && Rules.Hold(SafetyRule.ConstructionFreezesGrowth)
                && IsStirring(one, now)
                && !Reservations.IsClaimedBy(one.Identity);
            if (one.TakesPart && one.Domain.Kind != DomainKind.Pv && !one.Balloon.IsOffsetMeasured) unmeasured += UnmeasuredOffset;
            unheard |= one.LeftOut == ReasonKind.Silent && now - one.FirstSeen < HearingTime;
        }

        // Who is heard first is not to have what nobody needs: until all had time to speak, need alone is met.
        bool calm = !(now - neededAt < CalmBeforeSparing);
        growth.Pace(CollectionsMarshal.AsSpan(parts), building ? KiB.Zero : spendable - unmeasured, keepFree, settings.IdleTax, needAlone: unheard, calm, now);
        if (settings.PressToShare && parts.Exists(part => part.Deprived))
        {
            foreach (DomainCase part in parts)
            {
                if (part.Verdict == ReasonKind.InUse) ShrinkPacer.Press(part, now);
            }
        }
    }

    private static bool IsBoundByMaximum(DomainCase part) =>
        part.Demand.Want > part.Claimable + part.DeadBand && part.Target + part.DeadBand > part.Claimable;

    private static void LeaveOthersWhereTheyAre(List<DomainCase> cases)
    {
        foreach (DomainCase one in cases)
        {
            if (one.LeftOut is not { } why) continue;
            one.Verdict = why;
            if (why == ReasonKind.Stuck) one.Goal = StuckTarget(one);
        }
    }

    /// <summary>
    /// What we promised and a stuck balloon does not take is taken back, so that others can have it: to what it holds, and never below the target that it
    /// had before. One that does not give is told anew, a page off, when its time of peace begins again: the Linux driver gives up after four failures
    /// until its target changes.
    /// </summary>
    private static KiB StuckTarget(DomainCase one)
    {
        if (one.Balloon.GrewFrom is { } before) return KiB.Min(one.Target, KiB.Max(before, one.Domain.Actual.FloorToPage()));
        if (!one.Balloon.IsStuckAnew || !one.Balloon.HasAnswered || one.Balloon.IsResting) return one.Target;
        return one.Target + KiB.Page <= one.Range.Maximum ? one.Target + KiB.Page : one.Target - KiB.Page;
    }

    private static bool IsAnyMoving(List<DomainCase> cases, TimeSpan now)
    {
        foreach (DomainCase one in cases)
        {
            if (one.TakesPart ? !one.Balloon.IsResting : one.LeftOut == ReasonKind.Starting && IsStirring(one, now)) return true;
        }

        return false;
    }

    /// <summary>Whether somebody waits for memory to be free, or a domain is about to take what was set aside for it: neither announces itself.</summary>
    private bool IsAnyAwaited()
    {
        foreach (Reservation one in Reservations.Open)
        {
            if (!one.Persistent || one.State != ReservationState.Ready) return true;
        }

        return false;
    }

    /// <summary>Whether a domain that is being built has taken memory lately.</summary>
    private static bool IsStirring(DomainCase one, TimeSpan now) => now - one.Balloon.StillSince < LongestConstruction;

    private bool IsUnmet(KiB spendable)
    {
        bool unmet = parts.Exists(part => part.Verdict is ReasonKind.WaitingForMemory or ReasonKind.AtShare);
        bool coming = spendable > KiB.Zero || parts.Exists(part => part.Verdict is ReasonKind.Shrinking or ReasonKind.Settling);
        return unmet && !coming;
    }

    private Plan Compose(List<DomainCase> cases, HostDecision host, ImmutableArray<Reservation> ended, TimeSpan now)
    {
        ImmutableArray<HostCommand> commands = writer.Write(cases, now);
        return new Plan
        {
            At = now,
            Host = host,
            Domains = Decisions(cases),
            Ended = ended,
            IsMoving = !commands.IsEmpty || IsAnyMoving(cases, now) || IsAnyAwaited(),
            Commands = commands,
        };
    }

    /// <summary>The decisions; the very ones of the last step where nothing is new.</summary>
    private ImmutableArray<DomainDecision> Decisions(List<DomainCase> cases)
    {
        bool same = decisions.Length == cases.Count;
        for (int i = 0; i < cases.Count; i++)
        {
            DomainDecision decision = DomainDecision.Of(cases[i]);
            same = same && ReferenceEquals(decision, decisions[i]);
            cases[i].Decision = decision;
        }

        if (!same) decisions = [.. cases.Select(one => one.Decision!)];
        return decisions;
    }
}
