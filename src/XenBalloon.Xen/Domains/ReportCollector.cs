using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Checked;
using XenBalloon.Xen.Reports;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Watches;

namespace XenBalloon.Xen.Domains;

/// <summary>
/// Turns what guests wrote into reports: those of our own agent before those of XenServer's, and these before those of Qubes', where a guest has several.
/// Junk makes no report and takes none away: the last good one stays, and is said to be followed by junk.
/// </summary>
internal sealed class ReportCollector(XenStore store, DirtySet dirty, DomainTracker tracker, MonotonicClock clock)
{
    /// <summary>A domain that flooded is read this often at most.</summary>
    internal static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a domain that flooded is polled before it is watched, and so trusted, again.</summary>
    internal static readonly TimeSpan Penalty = TimeSpan.FromSeconds(60);

    /// <summary>XenServer's agents write their leaves in any order: how long the others may take to follow.</summary>
    internal static readonly TimeSpan Completion = TimeSpan.FromSeconds(5);

    /// <summary>While a better agent has spoken this recently (XenServer's does every 60 to 120 s), the word of another is not needed.</summary>
    private static readonly TimeSpan Precedence = TimeSpan.FromMinutes(3);

    /// <summary>Takes in what a domain has said since the last time.</summary>
    /// <param name="domain">Which.</param>
    /// <param name="most">The most memory that it can have.</param>
    public void Collect(TrackedDomain domain, KiB most)
    {
        if (dirty.IsFlooded(domain.Watch)) Poll(domain, most);
        else FollowWatches(domain, most);
    }

    /// <summary>How a domain's reports come in now.</summary>
    public ReportIntake Intake(TrackedDomain domain) =>
        domain.IsUnreadable ? ReportIntake.Unreadable
        : dirty.IsFlooded(domain.Watch) ? ReportIntake.Flooding
        : ReportIntake.Normal;

    private void FollowWatches(TrackedDomain domain, KiB most)
    {
        if (dirty.Take(domain.Watch, WatchedLeaf.AgentRecord) is { } agentArrived) TakeAgents(domain, most, agentArrived);
        TimeSpan? free = dirty.Take(domain.Watch, WatchedLeaf.MeminfoFree), updated = dirty.Take(domain.Watch, WatchedLeaf.MeminfoUpdated);
        if ((updated ?? free ?? domain.Incomplete) is { } arrived) TakeXenServers(domain, most, arrived);
        if (dirty.Take(domain.Watch, WatchedLeaf.QubesMeminfo) is { } qubesArrived && Read(domain.Paths.QubesMeminfo) is { Length: > 0 } used)
            Take(domain, ReportSource.Qubes, QubesReport.Parse(used, most), qubesArrived);
    }

    private void TakeAgents(TrackedDomain domain, KiB most, TimeSpan arrived)
    {
        if (Read(domain.Paths.AgentRecord) is not { } record || record == domain.AgentRecord) return;
        domain.AgentRecord = record;
        Take(domain, ReportSource.Agent, AgentReport.Parse(record, most), arrived);
    }

    private void TakeXenServers(TrackedDomain domain, KiB most, TimeSpan arrived)
    {
        string? total = Read(domain.Paths.MeminfoTotal), available = Read(domain.Paths.MeminfoFree);
        ReportedMemory? said = XenServerReport.Parse(total, available, most);
        bool mayFollow = said is null && clock.Now - arrived < Completion;
        domain.Incomplete = mayFollow ? arrived : null;
        if (!mayFollow && total is not null && available is not null) Take(domain, ReportSource.XenServer, said, arrived);
    }

    private void Poll(TrackedDomain domain, KiB most)
    {
        TimeSpan now = clock.Now;
        PollState state = domain.Polling ?? new PollState(now, null, null, null);
        domain.Polling = state;
        if (now - state.Since >= Penalty)
        {
            domain.Polling = null;
            tracker.WatchAgain(domain);
            return;
        }

        if (state.At is { } last && now - last < PollInterval) return;
        string? total = Read(domain.Paths.MeminfoTotal), available = Read(domain.Paths.MeminfoFree), used = Read(domain.Paths.QubesMeminfo);
        string xenServers = $"{total} {available}";
        domain.Polling = state with { At = now, XenServers = xenServers, Qubes = used };

        // Each by itself: that one leaf is written again and again makes nothing new of the others.
        TimeSpan arrived = clock.Stamp();
        TakeAgents(domain, most, arrived);
        if (total is not null && available is not null && xenServers != state.XenServers)
            Take(domain, ReportSource.XenServer, XenServerReport.Parse(total, available, most), arrived);
        if (used is { Length: > 0 } && used != state.Qubes) Take(domain, ReportSource.Qubes, QubesReport.Parse(used, most), arrived);
    }

    /// <summary>A guest's leaf. Whatever error a guest might bring about by it is that guest's silence, and not our end.</summary>
    private string? Read(StorePath path)
    {
        try
        {
            return store.Read(path);
        }
        catch (XenStoreException)
        {
            return null;
        }
    }

    private static void Take(TrackedDomain domain, ReportSource source, ReportedMemory? said, TimeSpan arrived)
    {
        bool outranked = domain.Report is { } other && Rank(other.Source) > Rank(source) && arrived - other.ReceivedAt < Precedence;
        if (outranked) return;
        domain.IsUnreadable = said is null;
        if (said is { } report) domain.Report = new GuestReport(source, report.Used, report.Total, arrived) { Vitals = report.Vitals };
    }

    private static int Rank(ReportSource source) => source switch
    {
        ReportSource.Agent => 2,
        ReportSource.XenServer => 1,
        _ => 0,
    };
}
