using XenBalloon.Core.Hosts;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Watches;

namespace XenBalloon.Xen.Domains;

/// <summary>What we remember of a domain from one snapshot to the next.</summary>
internal sealed class TrackedDomain(DomainIdentity identity, DomainPaths paths, DomainWatch watch)
{
    /// <summary>Which domain.</summary>
    public DomainIdentity Identity { get; } = identity;

    /// <summary>Its leaves.</summary>
    public DomainPaths Paths { get; } = paths;

    /// <summary>Its watches.</summary>
    public DomainWatch Watch { get; set; } = watch;

    /// <summary>What the toolstack says in leaves that are watched; null until it has been read.</summary>
    public DomainLeaves? Leaves { get; set; }

    /// <summary>What seldom changes; null until it has been read, and when it is to be read anew.</summary>
    public DomainNotes? Notes { get; set; }

    /// <summary>Whether all it may touch has been seen to have memory behind it: that stays so.</summary>
    public bool IsPopulated { get; set; }

    /// <summary>The newest report.</summary>
    public GuestReport? Report { get; set; }

    /// <summary>Our agent's newest record, as it was written: each record is another, so the same again is no report.</summary>
    public string? AgentRecord { get; set; }

    /// <summary>Whether what was written last made no report.</summary>
    public bool IsUnreadable { get; set; }

    /// <summary>When a report began to arrive of which a part is still missing or does not fit.</summary>
    public TimeSpan? Incomplete { get; set; }

    /// <summary>How polling stands; null while the domain is watched.</summary>
    public PollState? Polling { get; set; }
}
