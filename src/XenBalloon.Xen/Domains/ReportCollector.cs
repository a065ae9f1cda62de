using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Domains;

/// <summary>
/// Reads the reports that guests write. Where a guest has several sources, xenballoon-agent takes precedence over
/// XenServer's agents, and these over Qubes' meminfo-writer. Invalid text does not replace a report: the last valid one
/// stays, and the domain is marked as unreadable.
/// </summary>
internal sealed class ReportCollector(
    XenStore store, ChangedNodes changed, DomainTracker tracker, MonotonicClock clock)
{
    /// <summary>The shortest time between two reads of a domain that is polled.</summary>
    internal static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a domain is polled after a flood before it is watched again.</summary>
    internal static readonly TimeSpan PollDuration = TimeSpan.FromSeconds(60);

    /// <summary>
    /// XenServer's agents write the nodes of a report in any order: the longest time to wait for the others.
    /// </summary>
    internal static readonly TimeSpan CompletionTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A source with precedence that reported this recently hides the others. XenServer's agents report every 60 to
    /// 120 s.
    /// </summary>
    private static readonly TimeSpan Precedence = TimeSpan.FromMinutes(3);

    /// <summary>Reads what a guest has reported since the last call.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="maximum">The most memory that it can have.</param>
    public void Collect(TrackedDomain domain, KiB maximum)
    {
        TimeSpan? requestedAt = changed.Take(domain.Watch, WatchedNode.ShutdownRequest);
        domain.ShutdownRequestedAt = requestedAt ?? domain.ShutdownRequestedAt;
        if (changed.IsFlooded(domain.Watch)) Poll(domain, maximum);
        else ReadChanged(domain, maximum);
    }

    /// <summary>The state of a domain's reports.</summary>
    public ReportIntake Intake(TrackedDomain domain) =>
        domain.IsUnreadable ? ReportIntake.Unreadable
        : changed.IsFlooded(domain.Watch) ? ReportIntake.Flooding
        : ReportIntake.Normal;

    /// <summary>When the guest last was asked to shut down or reboot, or announced it; null if neither.</summary>
    public static TimeSpan? LeavingSince(TrackedDomain domain) =>
        domain.AgentLeftAt is { } left && !(domain.ShutdownRequestedAt > left) ? left : domain.ShutdownRequestedAt;

    private void ReadChanged(TrackedDomain domain, KiB maximum)
    {
        TimeSpan? agent = changed.Take(domain.Watch, WatchedNode.AgentRecord);
        TimeSpan? free = changed.Take(domain.Watch, WatchedNode.MeminfoFree);
        TimeSpan? updated = changed.Take(domain.Watch, WatchedNode.MeminfoUpdated);
        TimeSpan? qubes = changed.Take(domain.Watch, WatchedNode.QubesMeminfo);
        if (agent is { } agentAt) ReadAgent(domain, maximum, agentAt);
        if ((updated ?? free ?? domain.IncompleteSince) is { } xenServerAt)
            ReadXenServer(domain, maximum, xenServerAt);
        if (qubes is { } qubesAt && Read(domain.Paths.QubesMeminfo) is { Length: > 0 } used)
        {
            if (domain.Unwatched is { HasQubesNode: false } old) domain.Unwatched = old with { HasQubesNode = true };
            Accept(domain, ReportSource.Qubes, QubesReport.Parse(used, maximum), qubesAt);
        }
    }

    private void ReadAgent(TrackedDomain domain, KiB maximum, TimeSpan arrived)
    {
        // Not as a string, which would be garbage at the next report.
        Span<byte> buffer = stackalloc byte[AgentRecord.MaxLength + 1];
        if (Read(domain.Paths.AgentRecord, buffer) is not { } length) return;
        ReadOnlySpan<byte> record = buffer[..length];
        if (domain.AgentRecord is { } last && record.SequenceEqual(last)) return;
        if (domain.AgentRecord?.Length != length) domain.AgentRecord = new byte[length];
        record.CopyTo(domain.AgentRecord);
        if (domain.Unwatched is { HasAgent: false } known) domain.Unwatched = known with { HasAgent = true };
        Accept(domain, ReportSource.Agent, AgentReport.Parse(record, maximum), arrived);
    }

    private void ReadXenServer(TrackedDomain domain, KiB maximum, TimeSpan arrived)
    {
        string? total = Read(domain.Paths.MeminfoTotal), available = Read(domain.Paths.MeminfoFree);
        ReportedMemory? reported = XenServerReport.Parse(total, available, maximum);
        bool mayComplete = reported is null && clock.Now - arrived < CompletionTimeout;
        domain.IncompleteSince = mayComplete ? arrived : null;
        if (!mayComplete && total is not null && available is not null)
            Accept(domain, ReportSource.XenServer, reported, arrived);
    }

    private void Poll(TrackedDomain domain, KiB maximum)
    {
        TimeSpan now = clock.Now;
        if (domain.Polling is null) tracker.WatchAfterFlood(domain);
        FloodPolling polling = domain.Polling ??= new FloodPolling(now, null, null, null);
        if (now - polling.StartedAt >= PollDuration)
        {
            tracker.WatchAgain(domain);
            return;
        }

        if (polling.LastReadAt is { } last && now - last < PollInterval) return;
        string? total = Read(domain.Paths.MeminfoTotal), available = Read(domain.Paths.MeminfoFree);
        string? used = Read(domain.Paths.QubesMeminfo);
        string xenServer = $"{total} {available}";
        domain.Polling = polling with { LastReadAt = now, XenServerText = xenServer, QubesText = used };

        // Each source by itself: writing one node again and again must not renew an old report in another.
        TimeSpan arrived = clock.Stamp();
        ReadAgent(domain, maximum, arrived);
        if (total is not null && available is not null && xenServer != polling.XenServerText)
            Accept(domain, ReportSource.XenServer, XenServerReport.Parse(total, available, maximum), arrived);
        if (used is { Length: > 0 } && used != polling.QubesText)
            Accept(domain, ReportSource.Qubes, QubesReport.Parse(used, maximum), arrived);
    }

    /// <summary>
    /// Reads a node that the guest can write. An error that a guest may have caused counts as a missing node.
    /// </summary>
    private string? Read(StoreString path)
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

    /// <inheritdoc cref="Read(StoreString)"/>
    private int? Read(StoreString path, Span<byte> buffer)
    {
        try
        {
            return store.Read(path, buffer);
        }
        catch (XenStoreException)
        {
            return null;
        }
    }

    private static void Accept(TrackedDomain domain, ReportSource source, ReportedMemory? reported, TimeSpan arrived)
    {
        bool isHidden = domain.Report is { } other
            && Rank(other.Source) > Rank(source) && arrived - other.ReceivedAt < Precedence;
        if (isHidden) return;
        domain.IsUnreadable = reported is null;
        if (source == ReportSource.Agent) domain.AgentLeftAt = reported is { IsLeaving: true } ? arrived : null;
        if (reported is { } report)
            domain.Report = new GuestReport(source, report.Used, report.Total, arrived) { Vitals = report.Vitals };
    }

    private static int Rank(ReportSource source) => source switch
    {
        ReportSource.Agent => 2,
        ReportSource.XenServer => 1,
        _ => 0,
    };
}
