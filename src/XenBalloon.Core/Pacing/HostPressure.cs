using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>For what memory is taken, and how fast.</summary>
public enum HostPressure
{
    /// <summary>Every domain has what it wants: memory beyond a share is taken gently.</summary>
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
    /// Free memory is below the slack: no domain grows, and all memory beyond a share and not in use is taken at once.
    /// </summary>
    Low,
}

/// <summary>What an operator should look at.</summary>
public enum HostAlarm
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>
    /// The domains' minimums together exceed the host: no memory is moved until one is lowered or a domain ends.
    /// </summary>
    MinimumsExceedHost,

    /// <summary>
    /// For 10 s, some domain has lacked memory, none is free for it, and no domain is giving any up.
    /// </summary>
    DemandExceedsHost,

    /// <summary>For 10 s, free memory has been below the slack, and no domain is giving any up.</summary>
    FreeBelowSlack,
}

/// <summary>
/// Measures the pressure on the host's memory. It rises at once and falls only when there is clearly more free memory,
/// so it does not flutter at a threshold.
/// </summary>
internal sealed class PressureGauge
{
    private const double TightFraction = 0.25, LeaveTightFraction = 0.5, LeaveLowFraction = 1.25;

    private HostPressure level;

    /// <summary>Measures the pressure.</summary>
    /// <param name="host">The input of this pass.</param>
    /// <param name="demand">Whether a domain or a reservation wants memory.</param>
    internal HostPressure Read(in HostPass host, bool demand) =>
        Read(host.Snapshot.Free, host.Settings.Slack, host.KeepFree, demand);

    /// <summary>Measures the pressure.</summary>
    /// <param name="free">Free memory.</param>
    /// <param name="slack">Memory that always stays free.</param>
    /// <param name="keepFree">The pool beyond that.</param>
    /// <param name="demand">Whether a domain or a reservation wants memory.</param>
    internal HostPressure Read(KiB free, KiB slack, KiB keepFree, bool demand)
    {
        bool low = free < (level == HostPressure.Low ? slack.Times(LeaveLowFraction) : slack);
        double threshold = level >= HostPressure.Tight ? LeaveTightFraction : TightFraction;
        bool tight = free - slack < keepFree.Times(threshold);
        level = low ? HostPressure.Low
            : demand ? HostPressure.Demand
            : tight ? HostPressure.Tight
            : HostPressure.None;
        return level;
    }
}

/// <summary>Decides when an operator must know that the host's memory does not suffice.</summary>
internal sealed class AlarmMonitor
{
    /// <summary>
    /// Between two steps of a donor nothing arrives for a moment, so only a lasting lack raises the alarm.
    /// </summary>
    private static readonly TimeSpan UnmetBeforeAlarm = TimeSpan.FromSeconds(10);

    private TimeSpan? unmetSince, lowSince;

    /// <summary>Reads the result of a pass.</summary>
    /// <param name="host">The input of the pass.</param>
    /// <param name="domains">The domains, with what was decided.</param>
    /// <param name="budget">Free memory that may be granted.</param>
    /// <param name="minimumsExceedHost">Whether the minimums together exceed the memory.</param>
    internal HostAlarm Read(in HostPass host, List<DomainPass> domains, KiB budget, bool minimumsExceedHost)
    {
        if (host.Settings.Restores)
        {
            unmetSince = lowSince = null;
            return HostAlarm.None;
        }

        bool isLacking = false, isComing = false, someAreUnheard = false;
        foreach (DomainPass domain in domains)
        {
            someAreUnheard |= Pacer.IsUnheard(domain, host.Now);
            if (!domain.Participates) continue;
            bool awaits = domain.ReasonKind == ReasonKind.WaitingForMemory;

            // One that has its share or more gets nothing of what is free.
            isLacking |= awaits
                || domain.ReasonKind == ReasonKind.AtShare
                || (domain.ReasonKind == ReasonKind.InUse && domain.LacksMemory);

            // Less than a step is free for ever if no domain gives more.
            isComing |= awaits
                ? budget >= GrowthPacer.WorthwhileStep(domain)
                : domain.ReasonKind is ReasonKind.Shrinking or ReasonKind.Settling;
        }

        unmetSince = isLacking && !isComing ? unmetSince ?? host.Now : null;
        bool isLow = host.Snapshot.Free < host.Settings.Slack;
        lowSince = isLow && !isComing ? lowSince ?? host.Now : null;

        // A domain that has not reported yet may give memory up when it does.
        TimeSpan lowBeforeAlarm = someAreUnheard ? Pacer.FirstReportTime : UnmetBeforeAlarm;
        return minimumsExceedHost ? HostAlarm.MinimumsExceedHost
            : host.Now - unmetSince >= UnmetBeforeAlarm ? HostAlarm.DemandExceedsHost
            : host.Now - lowSince >= lowBeforeAlarm ? HostAlarm.FreeBelowSlack
            : HostAlarm.None;
    }
}
