namespace XenBalloon.Cli.Top;

/// <summary>What <c>top</c> was asked for.</summary>
internal sealed record TopOptions
{
    internal static readonly TimeSpan UsualDelay = TimeSpan.FromSeconds(2);

    /// <summary>Another host that is meant; null for this one.</summary>
    internal string? Host { get; init; }

    /// <summary>Time between updates.</summary>
    internal required TimeSpan Delay { get; init; }

    /// <summary>Whether that was asked for, and is not only what is usual.</summary>
    internal bool IsDelayGiven { get; init; }

    /// <summary>Whether tables are wanted even on a terminal.</summary>
    internal bool Batch { get; init; }

    /// <summary>Leave after so many updates.</summary>
    internal int? Iterations { get; init; }

    /// <summary>Leave after so long, with a summary.</summary>
    internal TimeSpan? Duration { get; init; }
}
