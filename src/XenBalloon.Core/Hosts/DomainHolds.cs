using System.Collections.Immutable;

namespace XenBalloon.Core.Hosts;

/// <summary>A request to write nothing to a domain, because it is about to be saved or sent to another host.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Owner">The client that requested it.</param>
/// <param name="Until">When it ends at the latest, on the clock of the snapshots.</param>
public readonly record struct DomainHold(DomainIdentity Domain, string Owner, TimeSpan Until);

/// <summary>
/// The domains that are held. Neither Xen nor xenstore shows that a domain is about to be sent, and its size is
/// announced to the other side before the first page of it. Immutable.
/// </summary>
public sealed class DomainHolds
{
    /// <summary>
    /// A client may hang, and a domain that is held gets no memory. A TiB takes less than half of this at 1 Gbit/s.
    /// </summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(6);

    private DomainHolds(ImmutableArray<DomainHold> open) => Open = open;

    /// <summary>No domain is held.</summary>
    public static DomainHolds None { get; } = new([]);

    /// <summary>The requests in force: at most one of each client for each domain.</summary>
    public ImmutableArray<DomainHold> Open { get; }

    /// <summary>Holds a domain, from now on until <see cref="Longest"/> has passed.</summary>
    public DomainHolds Hold(DomainIdentity domain, string owner, TimeSpan now) =>
        new(Release(domain, owner).Open.Add(new DomainHold(domain, owner, now + Longest)));

    /// <summary>Ends a client's request for a domain; no effect without one.</summary>
    public DomainHolds Release(DomainIdentity domain, string owner) =>
        Without(hold => hold.Domain == domain && hold.Owner == owner);

    /// <summary>Ends all requests of a client that left the bus.</summary>
    public DomainHolds OwnerLeft(string owner) => Without(hold => hold.Owner == owner);

    /// <summary>Ends the requests that are due, and those for domains that no longer exist.</summary>
    public DomainHolds Update(HostSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return Open.IsEmpty ? this : Without(hold => hold.Until <= snapshot.At || !Exists(snapshot, hold.Domain));
    }

    /// <summary>
    /// Shows the domains that are held as <see cref="DomainLifecycle.Migrating"/>. One that is being built has no size
    /// yet, and one that has shut down keeps it.
    /// </summary>
    public HostSnapshot Apply(HostSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return Open.IsEmpty ? snapshot : snapshot with { Domains = [.. snapshot.Domains.Select(Apply)] };
    }

    private DomainSnapshot Apply(DomainSnapshot domain)
    {
        bool hasSize = domain.Lifecycle
            is DomainLifecycle.Running or DomainLifecycle.Paused or DomainLifecycle.Suspended;
        return hasSize && Open.Any(hold => hold.Domain == domain.Identity)
            ? domain with { Lifecycle = DomainLifecycle.Migrating }
            : domain;
    }

    private static bool Exists(HostSnapshot snapshot, DomainIdentity domain) =>
        snapshot.Domains.Any(each => each.Identity == domain);

    private DomainHolds Without(Predicate<DomainHold> ends)
    {
        ImmutableArray<DomainHold> rest = Open.RemoveAll(ends);
        return rest.Length == Open.Length ? this : new DomainHolds(rest);
    }
}
