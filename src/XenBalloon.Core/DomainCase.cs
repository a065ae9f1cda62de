using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>
/// One domain as the balancer knows it, for as long as the domain lives: what is remembered of it, and on its way through the present step what is
/// known first and decided last. One object for both, used again and again, so that a step on a quiet host allocates nothing.
/// </summary>
/// <param name="identity">Which domain.</param>
/// <param name="firstSeen">When it was first seen.</param>
internal sealed class DomainCase(DomainIdentity identity, TimeSpan firstSeen)
{
    private const int DefaultWeight = 100;

    private const double DeadBandPart = 0.0025, StartBandPart = 0.05;

    private static readonly KiB LeastDeadBand = KiB.FromMiB(10), LeastStartBand = KiB.FromMiB(32);

    /// <summary>Which domain.</summary>
    internal DomainIdentity Identity { get; } = identity;

    /// <summary>When it was first seen.</summary>
    internal TimeSpan FirstSeen { get; } = firstSeen;

    /// <summary>How its balloon answers.</summary>
    internal BalloonTracker Balloon { get; } = new();

    /// <summary>What its reports came to.</summary>
    internal DemandEstimator Estimator { get; } = new();

    /// <summary>Whether it is true that nothing is left in it.</summary>
    internal DistressCheck Distress { get; } = new();

    /// <summary>Targets that others wrote.</summary>
    internal OverrideWatch Override { get; } = new();

    /// <summary>The memory it booted with, as far as is known: written down in xenstore, else its target when it was first seen with one.</summary>
    internal KiB? BootMemory { get; set; }

    /// <summary>What was decided of it in the last step; null before the first.</summary>
    internal DomainDecision? Decision { get; set; }

    /// <summary>The safety rules in force.</summary>
    internal SafetyRules Rules { get; set; }

    /// <summary>The domain now.</summary>
    internal DomainSnapshot Domain { get; private set; } = null!;

    /// <summary>What the operator said of it.</summary>
    internal DomainSettings Settings { get; private set; } = DomainSettings.None;

    /// <summary>The one size that an operator wants it to have; null to balance it.</summary>
    internal KiB? Pin { get; set; }

    /// <summary>The range that it may be moved in.</summary>
    internal DomainRange Range { get; set; }

    /// <summary>What it needs.</summary>
    internal DomainDemand Demand { get; set; }

    /// <summary>Whether the balancer may move its memory at all, now or later.</summary>
    internal bool Managed { get; set; }

    /// <summary>Why it takes no part in this step; null when it does.</summary>
    internal ReasonKind? LeftOut { get; set; }

    /// <summary>Whether memory is shared out to it in this step.</summary>
    internal bool TakesPart => LeftOut is null;

    /// <summary>Shares in force.</summary>
    internal int Weight => Settings.Weight ?? DefaultWeight;

    /// <summary>The target in force; its size where it has none.</summary>
    internal KiB Target => Domain.Target ?? Domain.Actual;

    /// <summary>The least that it can be entitled to.</summary>
    internal KiB Lower { get; set; }

    /// <summary>What it could come down to in the end, however slowly its balloon moves.</summary>
    internal KiB Least { get; set; }

    /// <summary>The most that it can be entitled to.</summary>
    internal KiB Upper { get; set; }

    /// <summary>The most that it could claim if it had a use for it: no less than <see cref="Upper"/>.</summary>
    internal KiB Claimable { get; set; }

    /// <summary>What it must have, within its bounds.</summary>
    internal KiB Need { get; set; }

    /// <summary>What it should have, within its bounds.</summary>
    internal KiB Want { get; set; }

    /// <summary>What it should have, and what it may grow by next within its guaranteed share.</summary>
    internal KiB WantedNow => KiB.Max(Want, KiB.Min(Demand.Coming, Guaranteed));

    /// <summary>What it is entitled to whatever the others claim: its weighted share if all of them claimed everything.</summary>
    internal KiB Guaranteed { get; set; }

    /// <summary>What it is entitled to as things are.</summary>
    internal KiB Entitlement { get; set; }

    /// <summary>What it should come down to now where it has more: its entitlement, or more where less is wanted of it.</summary>
    internal KiB DownTo { get; set; }

    /// <summary>The target to be in force after this step.</summary>
    internal KiB Goal { get; set; }

    /// <summary>Why.</summary>
    internal ReasonKind Verdict { get; set; }

    /// <summary>What its balloon may still take without asking: its target is a promise.</summary>
    internal KiB Promised { get; private set; }

    /// <summary>What its cap withholds of what its target promises: the cap was lowered while it could not wake, or by somebody else.</summary>
    internal KiB CutOff => Domain.Target is null || Target > Range.Maximum ? KiB.Zero : KiB.Max(KiB.Zero, Target + OnTop - KiB.Max(Domain.MaxMem, Domain.Actual));

    /// <summary>Whether its agent is to be asked now.</summary>
    internal bool Asks { get; private set; }

    /// <summary>Since when its agent has been asked and has not answered; null when it owes no answer.</summary>
    internal TimeSpan? UnansweredSince { get; private set; }

    /// <summary>What was taken from it, or is being taken, since its last word that was believed: that word does not tell what became of it.</summary>
    internal KiB TakenSinceHeard => KiB.Max(KiB.Zero, (Estimator.HeldWhenHeard ?? Domain.Actual) - OnTop - Target);

    /// <summary>Whether what its cap withholds is free, so that the cap may go up again.</summary>
    internal bool MayRaiseCap { get; set; }

    /// <summary>
    /// What the domain holds on top of its target. Less than its target is no constant to rely on: it may be a promise that it has yet to take.
    /// </summary>
    internal KiB OnTop => KiB.Max(KiB.Zero, Balloon.Offset);

    /// <summary>The least target that leaves it what it uses and a margin.</summary>
    internal KiB LowestTarget { get; private set; }

    /// <summary>A change smaller than this is not worth a write: a quiet host gets none.</summary>
    internal KiB DeadBand { get; private set; }

    /// <summary>Without need, a way shorter than this is not worth beginning; once begun it is gone to its end.</summary>
    internal KiB StartBand { get; private set; }

    /// <summary>Whether it has no swap, by the operator's word or its own.</summary>
    internal bool IsSwapless => Settings.Swap is { } said ? !said : Estimator.IsSwapless;

    /// <summary>
    /// What it may still swap out, by its own word; null where nothing is said of that, or where the operator's word
    /// that it has swap is against its own that it has none.
    /// </summary>
    internal KiB? SwapHeadroom => Settings.Swap == true && Estimator.IsSwapless ? null : Estimator.SwapHeadroom;

    /// <summary>Whether it has less than it must have to work as it does now.</summary>
    internal bool Lacks => TakesPart && (Target + DeadBand <= Need || (Target < Upper && (Demand.Starved || Target < KiB.Min(Demand.Floor, Upper))));

    /// <summary>Whether others should give for it now: it lacks something, or headroom, and is entitled to more than it has.</summary>
    internal bool Needy => Lacks ? Target < Entitlement : TakesPart && Target + StartBand <= KiB.Min(WantedNow, Entitlement);

    /// <summary>Whether it has more than it should come down to.</summary>
    internal bool HasTooMuch => DownTo < Target;

    /// <summary>Whether it lacks memory that it needs and is entitled to: somebody else uses it.</summary>
    internal bool Deprived => Lacks && Target < KiB.Min(Need, Entitlement);

    /// <summary>Begins a step: takes the domain as it is now, and what the operator says of it.</summary>
    internal void Begin(DomainSnapshot domain, BalancerSettings settings)
    {
        // Looked up only when one of the two has changed: a rule may be a glob.
        if (!ReferenceEquals(settings, settingsInForce) || domain.Name != Domain.Name)
        {
            settingsInForce = settings;
            Settings = settings.For(Identity, domain.Name);
        }

        Domain = domain;
        if (domain.Report?.ReceivedAt >= UnansweredSince) UnansweredSince = null;
        Goal = Entitlement = DownTo = Guaranteed = Target;
        Verdict = ReasonKind.Balanced;
        MayRaiseCap = false;
        Asks = false;
    }

    /// <summary>Asks its agent for a report, unless it was asked just now: an agent that lives answers in a tenth of a second.</summary>
    internal void Ask(TimeSpan now)
    {
        if (now - askedAt < AnswerTime) return;
        (askedAt, Asks) = (now, true);
        UnansweredSince ??= now;
    }

    /// <summary>Works out what follows from the rest, once it is all known, and is asked for again and again.</summary>
    internal void Derive()
    {
        bool hasOneSize = Settings.Pin is not null || Range.IsEmpty;
        DeadBand = hasOneSize ? KiB.Page : KiB.Max(LeastDeadBand, Target.Times(DeadBandPart));
        StartBand = hasOneSize ? KiB.Page : KiB.Max(LeastStartBand, Target.Times(StartBandPart));
        LowestTarget = (Demand.Floor + Demand.NotYetTaken - KiB.Min(KiB.Zero, Balloon.Offset)).CeilingToPage();
        Promised = Domain.Lifecycle is DomainLifecycle.Dying or DomainLifecycle.Building
            ? KiB.Zero
            : KiB.Max(KiB.Zero, KiB.Min(Target + OnTop, KiB.Max(Domain.MaxMem, Domain.Actual)) - Domain.Actual);
    }

    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2);

    private BalancerSettings? settingsInForce;
    private TimeSpan? askedAt;
}
