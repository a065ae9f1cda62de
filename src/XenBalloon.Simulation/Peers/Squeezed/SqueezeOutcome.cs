namespace XenBalloon.Simulation.Peers.Squeezed;

/// <summary>Where a call of squeezed stands.</summary>
internal enum SqueezeOutcome
{
    /// <summary>Targets have been set, or are not reached yet.</summary>
    Working,

    /// <summary>As much is free as was wanted.</summary>
    Succeeded,

    /// <summary>All are where they can be and it is not enough: nobody is to blame.</summary>
    CannotFree,

    /// <summary>It is not enough because of domains that did not move.</summary>
    Refused,
}
