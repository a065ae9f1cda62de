using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>What is remembered of a domain's balloon from one step to the next.</summary>
public readonly record struct BalloonState
{
    /// <summary>The target that was last seen; null before the first.</summary>
    public KiB? Target { get; init; }

    /// <summary>What the domain last held.</summary>
    public KiB Actual { get; init; }

    /// <summary>actual − target at rest: a constant of the guest and its kind (video memory, special pages), measured, never assumed.</summary>
    public KiB Offset { get; init; }

    /// <summary>Since when neither target nor actual has moved.</summary>
    public TimeSpan StillSince { get; init; }

    /// <summary>Since when the domain has been where its target wants it; null while it is not.</summary>
    public TimeSpan? RestingSince { get; init; }

    /// <summary>When the last step down was decided; null before the first.</summary>
    public TimeSpan? ShrunkAt { get; init; }

    /// <summary>When the last step up was decided; null before the first.</summary>
    public TimeSpan? GrewAt { get; init; }

    /// <summary>The target before the steps up that the balloon has not yet answered; null when it has answered all.</summary>
    public KiB? GrewFrom { get; init; }

    /// <summary>The hypervisor's cap as it was last seen.</summary>
    public KiB MaxMem { get; init; }

    /// <summary>Since when the cap, the target and what the domain holds have been what they are.</summary>
    public TimeSpan CapStillSince { get; init; }

    /// <summary>When the report arrived that the last step down rested on: one report carries one step.</summary>
    public TimeSpan? ShrunkOnReport { get; init; }

    /// <summary>Until when a balloon that did not answer is left in peace; null when it answers.</summary>
    public TimeSpan? StuckUntil { get; init; }

    /// <summary>How long it was last left in peace: doubles with each failure.</summary>
    public TimeSpan StuckFor { get; init; }

    /// <summary>How the balloon answers.</summary>
    public BalloonHealth Health { get; init; }

    /// <summary>Whether the domain is where its target wants it.</summary>
    public bool IsResting => RestingSince is not null;
}
