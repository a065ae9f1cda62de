using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Demand;

/// <summary>What is remembered of a domain's demand from one step to the next.</summary>
public readonly record struct DemandState
{
    /// <summary>When the last report that was taken in arrived; null before the first.</summary>
    public TimeSpan? ReportAt { get; init; }

    /// <summary>Held by the hypervisor but not managed by the guest's kernel (its own structures), measured while the balloon rests; null until known.</summary>
    public KiB? Overhead { get; init; }

    /// <summary>In use: rises at once, falls within seconds.</summary>
    public KiB FastHot { get; init; }

    /// <summary>In use: rises at once, falls within a minute.</summary>
    public KiB SlowHot { get; init; }

    /// <summary>By how much the last asking for a starved guest went beyond what it had; zero when it is not starved.</summary>
    public KiB StarvedStep { get; init; }

    /// <summary>The size that was asked for a starved guest; zero when it is not starved.</summary>
    public KiB StarvedGoal { get; init; }
}
