using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Files.Traces;

/// <summary>One row of a recording: a domain at a moment.</summary>
internal readonly record struct TraceSample
{
    /// <summary>When, since the recording's first row.</summary>
    public TimeSpan At { get; init; }

    /// <summary>What the hypervisor held for the domain.</summary>
    public KiB Actual { get; init; }

    /// <summary>Its static maximum.</summary>
    public KiB Max { get; init; }

    /// <summary>MemTotal − MemAvailable, and what is in swap.</summary>
    public KiB Used { get; init; }

    /// <summary>MemTotal; null where it was not recorded.</summary>
    public KiB? Total { get; init; }

    /// <summary>Files that the domain's programs read again and again; null where it was not recorded.</summary>
    public KiB? Files { get; init; }

    /// <summary>dynamic-min; null where nothing was set.</summary>
    public KiB? Min { get; init; }

    /// <summary>Shares; null where they were not recorded.</summary>
    public int? Weight { get; init; }

    /// <summary>The whole machine's memory; null where it was not recorded.</summary>
    public KiB? Host { get; init; }
}
