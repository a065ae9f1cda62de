using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Top;

/// <summary>What happened to one domain's memory while we looked.</summary>
internal sealed class DomainMovement(DomainStatus first)
{
    internal DomainStatus Last { get; private set; } = first;

    internal KiB Lowest { get; private set; } = first.Actual;

    internal KiB Highest { get; private set; } = first.Actual;

    internal int TargetChanges { get; private set; }

    /// <summary>All that it was given, whether or not it gave it back.</summary>
    internal KiB Gained { get; private set; }

    internal void Add(DomainStatus domain)
    {
        if (domain.Target != Last.Target) TargetChanges++;
        Gained += KiB.Max(KiB.Zero, domain.Actual - Last.Actual);
        Lowest = KiB.Min(Lowest, domain.Actual);
        Highest = KiB.Max(Highest, domain.Actual);
        Last = domain;
    }
}
