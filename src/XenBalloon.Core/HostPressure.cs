namespace XenBalloon.Core;

/// <summary>How urgently memory must move.</summary>
public enum HostPressure
{
    /// <summary>Every domain has what it wants: memory moves gently.</summary>
    None,

    /// <summary>Some domain has less than it wants: idle memory is collected at the pace of the reports.</summary>
    Demand,

    /// <summary>Free memory is below the slack: no growth, and idle memory is collected as under demand.</summary>
    Low,
}
