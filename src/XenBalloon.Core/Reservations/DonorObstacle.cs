namespace XenBalloon.Core.Reservations;

/// <summary>Why a domain gives nothing, or not what it was asked for.</summary>
public enum DonorObstacle
{
    /// <summary>Its balloon moves, but slowly.</summary>
    Slow,

    /// <summary>Its balloon does not answer.</summary>
    Stuck,

    /// <summary>It has no more than its minimum.</summary>
    AtMinimum,

    /// <summary>It uses what it has: taking it would hurt.</summary>
    InUse,

    /// <summary>It reports nothing, so it keeps what it booted with.</summary>
    NotReporting,

    /// <summary>It is paused, suspended or shut down, and its balloon cannot answer.</summary>
    NotRunning,

    /// <summary>It is being built, or its memory has yet to be populated.</summary>
    Starting,

    /// <summary>Its memory is not to be moved: somebody set its size by hand, or a device is passed through to it.</summary>
    LeftAlone,
}
