namespace XenBalloon.Core.Domains;

/// <summary>
/// The rules that keep the balancer from doing harm. A test can disable each rule alone to prove that it prevents a
/// harm, as the simulator of squeezed does. All rules are always in force outside tests.
/// </summary>
internal enum SafetyRule
{
    /// <summary>
    /// Growth is granted from memory that is free now, not from memory that others are still to give.
    /// </summary>
    FreeBeforeAllocate,

    /// <summary>Memory that was granted and not yet taken does not count as free.</summary>
    PromisesCount,

    /// <summary>Memory set aside for reservations does not count as free.</summary>
    ReservedIsHeld,

    /// <summary>While a domain is built, its size is unknown, so all free memory may be meant for it.</summary>
    ConstructionFreezesGrowth,

    /// <summary>A cap below what the target promises is raised only when that memory is free.</summary>
    CapRisesOutOfFree,

    /// <summary>A cap never goes below what the domain holds: its balloon must arrive first.</summary>
    CapFollowsBalloon,

    /// <summary>A domain is not shrunk below what it uses, or used a moment ago, plus a margin.</summary>
    FloorHolds,

    /// <summary>One step never takes more than the guest reports as available.</summary>
    AvailableBounds,

    /// <summary>A step down waits until the previous step has arrived and a later report confirms it.</summary>
    StepByStep,

    /// <summary>A step down rests on a report that has just arrived.</summary>
    ReportIsYoung,

    /// <summary>A domain that stalled on memory keeps what it has for a while.</summary>
    StalledIsSpared,

    /// <summary>Memory in use is taken only from a domain that can swap it out.</summary>
    SwapBeforePressing,

    /// <summary>A domain that does not run is not moved: its balloon cannot answer.</summary>
    NotRunningIsLeft,

    /// <summary>
    /// A domain that is sent away or arrives is not moved: its size was announced, and the other side allows no more.
    /// </summary>
    MigratingIsLeft,

    /// <summary>A domain that is still populated on demand is not moved: it has less memory than it believes.</summary>
    PopulatingIsLeft,

    /// <summary>A domain with a passed-through device is not moved: the device writes into its memory.</summary>
    PassthroughIsLeft,

    /// <summary>A domain that could not be created again with less than its maximum is not shrunk.</summary>
    NotRecreatableIsKept,
}

/// <summary>Which safety rules are in force: all of them, except one that a test disabled.</summary>
/// <param name="Disabled">The disabled rule; null outside tests.</param>
internal readonly record struct SafetyRules(SafetyRule? Disabled)
{
    /// <summary>Whether a rule is in force.</summary>
    internal bool Hold(SafetyRule rule) => Disabled != rule;
}
