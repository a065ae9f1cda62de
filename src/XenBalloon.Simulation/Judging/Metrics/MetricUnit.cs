namespace XenBalloon.Simulation.Judging.Metrics;

/// <summary>What a <see cref="Metric"/> is counted in.</summary>
public enum MetricUnit
{
    /// <summary>A bare number: a count, an index.</summary>
    Count,

    /// <summary>A factor or a part of one.</summary>
    Ratio,

    /// <summary>Seconds of the scenario's time.</summary>
    Seconds,

    /// <summary>MiB.</summary>
    MiB,

    /// <summary>GiB held for a minute.</summary>
    GiBMinutes,

    /// <summary>Events in an hour for each domain.</summary>
    PerDomainHour,

    /// <summary>MiB in an hour for each domain.</summary>
    MiBPerDomainHour,
}
