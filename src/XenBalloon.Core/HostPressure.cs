namespace XenBalloon.Core;

/// <summary>For what memory is taken, and how fast.</summary>
public enum HostPressure
{
    /// <summary>Every domain has what it wants: what is beyond a share is taken gently.</summary>
    None,

    /// <summary>
    /// Some domain has less than it needs or wants and is entitled to, or memory is reserved that is not free yet: what
    /// others do not use is taken as fast as their reports allow.
    /// </summary>
    Demand,

    /// <summary>
    /// Most of the keep-free pool is in use: memory is taken as under demand, although no domain lacks any.
    /// </summary>
    Tight,

    /// <summary>
    /// Free memory is below the slack: no domain grows, and all that is beyond a share and not in use is taken at once.
    /// </summary>
    Low,
}
