namespace XenBalloon.Core;

/// <summary>How urgently memory must move.</summary>
public enum HostPressure
{
    /// <summary>Every domain has what it wants: memory moves gently.</summary>
    None,

    /// <summary>Some domain has less than it wants, or memory is reserved that is not free yet: idle memory is collected at the pace of the reports.</summary>
    Demand,

    /// <summary>Most of the keep-free pool is gone: idle memory is collected as under demand, although nobody lacks any now.</summary>
    Tight,

    /// <summary>Free memory is below the slack: no growth, and idle memory is collected without limits but the floors.</summary>
    Low,
}
