namespace XenBalloon.Simulation.Judging.Metrics;

/// <summary>Which values of a <see cref="Metric"/> are better.</summary>
public enum Preference
{
    /// <summary>The lower the better.</summary>
    Low,

    /// <summary>The higher the better.</summary>
    High,

    /// <summary>Neither: it only tells what happened.</summary>
    None,
}
