using XenBalloon.Core.Hosts;

namespace XenBalloon.Core.Demand;

/// <summary>How often does a guest report, and for how long may it say nothing before it counts as silent?</summary>
internal sealed class ReportRhythm
{
    /// <summary>A guest that reports no more often than this may have changed much since its last report.</summary>
    internal static readonly TimeSpan Seldom = TimeSpan.FromSeconds(10);

    /// <summary>Reports that come more rarely than this say nothing of how fast a guest grows.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    /// <summary>Our agents are never silent for longer, unless told otherwise.</summary>
    internal static readonly TimeSpan AgentHeartbeat = TimeSpan.FromMinutes(1);

    /// <summary>Agents that report more often than this are not quicker to be helped: others have to give first.</summary>
    private static readonly TimeSpan LeastUnseen = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A guest has fallen silent after so many missed reports, at the longest interval lately, but not before the least
    /// patience.
    /// </summary>
    private const int MissedReports = 3;

    private static readonly TimeSpan LeastPatience = TimeSpan.FromMinutes(1), LeastPatienceWithAgent = AgentHeartbeat * 2.5;

    /// <summary>How fast a long interval is forgotten: agents report often while things change, and rarely when not.</summary>
    private const double LongestFall = 0.01;

    private TimeSpan? last;
    private TimeSpan longest;

    /// <summary>The time between the last two reports; null before the second, and nobody knows whether there will be one.</summary>
    internal TimeSpan? Interval { get; private set; }

    /// <summary>How long nobody sees what it does.</summary>
    internal TimeSpan Unseen => Interval is not { } known || known > Longest || known < LeastUnseen ? LeastUnseen : known;

    /// <summary>Takes a new report.</summary>
    internal void Take(TimeSpan at)
    {
        Interval = at - last;
        last = at;
        if (Interval is { } since) longest = since > longest ? since : longest - ((longest - since) * LongestFall);
    }

    /// <summary>For how long it has been or is going to be unheard.</summary>
    internal TimeSpan Silence(TimeSpan now)
    {
        TimeSpan age = now - (last ?? now);
        return Interval > age ? Interval.Value : age;
    }

    /// <summary>
    /// Whether its reports come so seldom that much may have changed since the last one. Our own agent is silent while
    /// nothing changes, and reports when something does.
    /// </summary>
    internal bool IsSeldom(ReportSource source, TimeSpan now) =>
        source != ReportSource.Agent && (Interval ?? (now - (last ?? now))) >= Seldom;

    /// <summary>
    /// How old its last report may be before it counts as silent. A guest that reported every second and has not for a
    /// minute is not well or not there, unless it is our agent that reports, and only when it has something to say; one
    /// whose agent reports every two minutes is given more time.
    /// </summary>
    /// <param name="source">Who reports.</param>
    /// <param name="most">The operator's limit.</param>
    internal TimeSpan Patience(ReportSource? source, TimeSpan most)
    {
        TimeSpan missed = longest * MissedReports;
        TimeSpan least = source == ReportSource.Agent ? LeastPatienceWithAgent : LeastPatience;
        if (longest == TimeSpan.Zero || missed > most) return most;
        return missed > least ? missed : most < least ? most : least;
    }

    /// <summary>
    /// A new kernel runs in the domain, so its next report counts as the first. The longest interval is kept, for the
    /// agent is the same.
    /// </summary>
    internal void Forget() => (last, Interval) = (null, null);
}
