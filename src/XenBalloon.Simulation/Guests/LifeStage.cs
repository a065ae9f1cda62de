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

    /// <summary>Its kernel has panicked.</summary>
    Crashed,

    /// <summary>It is being destroyed.</summary>
    Dying,

    /// <summary>It is gone.</summary>
    Gone,
}
