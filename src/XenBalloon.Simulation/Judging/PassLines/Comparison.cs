namespace XenBalloon.Simulation.Judging.PassLines;

/// <summary>How a <see cref="PassLine"/> compares.</summary>
public enum Comparison
{
    /// <summary><c>&lt;=</c></summary>
    AtMost,

    /// <summary><c>&lt;</c></summary>
    Below,

    /// <summary><c>&gt;=</c></summary>
    AtLeast,

    /// <summary><c>&gt;</c></summary>
    Above,

    /// <summary><c>=</c></summary>
    Equal,
}
