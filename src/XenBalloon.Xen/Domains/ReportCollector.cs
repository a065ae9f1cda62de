using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Checked;
using XenBalloon.Xen.Reports;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Watches;

namespace XenBalloon.Xen.Domains;

/// <summary>
/// Turns what guests wrote into reports: those of XenServer's agents before those of Qubes' where a guest has both. Junk makes no report and takes
/// none away: the last good one ages.
/// </summary>
internal sealed class ReportCollector(XenStore store, DirtySet dirty, DomainTracker tracker, MonotonicClock clock)
{
    /// <summary>A domain that flooded is read this often at most.</summary>
    internal static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a domain that flooded is polled before it is watched, and so trusted, again.</summary>
    internal static readonly TimeSpan Penalty = TimeSpan.FromSeconds(60);

    /// <summary>An agent writes its leaves in any order: how long the others may take to follow.</summary>
    private static readonly TimeSpan Completion = TimeSpan.FromSeconds(5);

    /// <summary>While XenServer's agent has spoken this recently (it does every 60 to 120 s), Qubes' word is not needed.</summary>
    private static readonly TimeSpan Precedence = TimeSpan.FromMinutes(3);

    /// <summary>Takes in what a domain has said since the last time.</summary>
    /// <param name="domain">Which.</param>
    /// <param name="most">The most memory that it can have.</param>
    public void Collect(TrackedDomain domain, KiB most)
    {
        if (dirty.IsFlooded(domain.Watch)) Poll(domain, most);
        else FollowWatches(domain, most);
    }

    private void FollowWatches(TrackedDomain domain, KiB most)
    {
        if ((dirty.Take(domain.Watch, WatchedLeaf.MeminfoFree) ?? domain.Incomplete) is { } arrived)
        {
            string? total = Read(domain.Paths.MeminfoTotal);
            Accept(domain, XenServerReport.Parse(total, Read(domain.Paths.MeminfoFree), most), arrived);
            domain.Incomplete = total is null && clock.Now - arrived < Completion ? arrived : null;
        }

        if (dirty.Take(domain.Watch, WatchedLeaf.QubesMeminfo) is { } qubesArrived)
            Accept(domain, QubesReport.Parse(Read(domain.Paths.QubesMeminfo), most), qubesArrived);
    }

    private void Poll(TrackedDomain domain, KiB most)
    {
        TimeSpan now = clock.Now;
        PollState state = domain.Polling ?? new PollState(now, null, null);
        domain.Polling = state;
        if (now - state.Since >= Penalty)
        {
            domain.Polling = null;
            tracker.WatchAgain(domain);
            return;
        }

        if (state.At is { } last && now - last < PollInterval) return;
        string? total = Read(domain.Paths.MeminfoTotal);
        string? available = Read(domain.Paths.MeminfoFree);
        string? qubes = Read(domain.Paths.QubesMeminfo);
        string seen = $"{total} {available} {qubes}";
        domain.Polling = state with { At = now, Seen = seen };
        if (seen == state.Seen) return;
        Accept(domain, XenServerReport.Parse(total, available, most) ?? QubesReport.Parse(qubes, most), clock.Stamp());
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

    private static void Accept(TrackedDomain domain, ReportedMemory? said, TimeSpan arrived)
    {
        if (said is not { } report) return;
        bool outranked = report.Source == ReportSource.Qubes
            && domain.Report is { Source: ReportSource.XenServer } better && arrived - better.ReceivedAt < Precedence;
        if (!outranked) domain.Report = new GuestReport(report.Source, report.Used, report.Total, arrived);
    }
}
