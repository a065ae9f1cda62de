namespace XenBalloon.Core;

/// <summary>
/// The rules that keep the balancer from doing harm, by name, so that a test can switch off each alone and show the harm that it prevents, as the
/// simulator of squeezed does. Nothing but a test does that.
/// </summary>
internal enum SafetyRule
{
    /// <summary>Growth is granted out of what is free now, not out of what others are to give.</summary>
    FreeBeforeAllocate,

    /// <summary>What was granted before and is not yet taken is not free.</summary>
    PromisesCount,

    /// <summary>What is set aside for domains yet to come is not free.</summary>
    ReservedIsHeld,

    /// <summary>While a domain is built, whose size is unknown, what is free may all be meant for it.</summary>
    ConstructionFreezesGrowth,

    /// <summary>A cap that withholds what a target promises goes up only when that is free.</summary>
    CapRisesOutOfFree,

    /// <summary>A cap is not below what the domain holds: its balloon has to get there first.</summary>
    CapFollowsBalloon,

    /// <summary>A domain is not taken below what it uses, or used a moment ago, and a margin.</summary>
    FloorHolds,

    /// <summary>A domain gives no more at once than it says that it has available.</summary>
    AvailableBounds,

    /// <summary>A step down waits until the step before has arrived, and for a report from after that.</summary>
    StepByStep,

    /// <summary>A step down rests on a report that has just arrived.</summary>
    ReportIsYoung,

    /// <summary>A domain that waited for memory is left what it has for a while.</summary>
    PainIsSpared,

    /// <summary>What is used is taken only from a domain that has swap for it.</summary>
    SwapBeforePressing,

    /// <summary>A domain that does not run cannot answer.</summary>
    NotRunningIsLeft,

    /// <summary>A domain whose memory is not all populated yet has less than it thinks.</summary>
    PopulatingIsLeft,

    /// <summary>A device writes into the memory of its domain.</summary>
    PassthroughIsLeft,
}
