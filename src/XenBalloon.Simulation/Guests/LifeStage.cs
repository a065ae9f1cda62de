namespace XenBalloon.Simulation.Guests;

/// <summary>Where a simulated guest is in its life.</summary>
internal enum LifeStage
{
    /// <summary>The toolstack builds it.</summary>
    Building,

    /// <summary>Its kernel boots.</summary>
    Booting,

    /// <summary>It works.</summary>
    Up,

    /// <summary>It stands still, to be resumed or, while it is saved, for a while.</summary>
    Suspended,

    /// <summary>It works on while its memory is sent to another host, and its balloon holds still.</summary>
    Migrating,

    /// <summary>Its kernel has panicked.</summary>
    Crashed,

    /// <summary>It is being destroyed.</summary>
    Dying,

    /// <summary>It is gone, or not yet there.</summary>
    Gone,
}
