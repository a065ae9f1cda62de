using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>A book with the host around it: free memory, domains under construction, a clock; for tests that tell a story.</summary>
internal sealed class BookKeeper
{
    private readonly SortedDictionary<int, DomainSnapshot> domains = [];

    internal ReservationBook Book { get; private set; } = ReservationBook.Empty;

    internal TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(100);

    internal KiB Free { get; set; }

    internal KiB Deliverable { get; set; } = KiB.FromMiB(1 << 20);

    internal BookUpdate Last { get; private set; }

    internal static DomainIdentity Identity(int domid, int uuid = 0) => new(domid, HostBuilder.Uuid(uuid == 0 ? domid : uuid));

    internal Reservation this[long id] => Book.Open.Single(one => one.Id == id);

    internal long Asks(long mib, long? maxMib = null, string owner = ":1.7", bool persistent = false, double? within = null)
    {
        BookChange change = Book.Request(
            new ReservationRequest(KiB.FromMiB(mib), KiB.FromMiB(maxMib ?? mib), owner, persistent, within is { } seconds ? TimeSpan.FromSeconds(seconds) : null), Now);
        Assert.That(change.Error, Is.Null);
        Book = change.Book;
        return change.Changed.Single().Id;
    }

    internal BookKeeper Passes(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    internal BookKeeper WithFree(long mib)
    {
        Free = KiB.FromMiB(mib);
        return this;
    }

    /// <summary>A domain under construction appears, or takes more pages; they come out of what is free.</summary>
    internal BookKeeper Builds(int domid, long mib, int uuid = 0)
    {
        KiB before = domains.TryGetValue(domid, out DomainSnapshot? known) ? known.Actual : KiB.Zero;
        domains[domid] = new DomainSnapshot
        {
            Identity = Identity(domid, uuid),
            Lifecycle = DomainLifecycle.Building,
            Actual = KiB.FromMiB(mib),
            MaxMem = KiB.FromMiB(mib),
        };
        Free -= KiB.FromMiB(mib) - before;
        return this;
    }

    /// <summary>The toolstack claims memory for a domain that it is about to populate.</summary>
    internal BookKeeper Earmarks(int domid, long mib)
    {
        Free -= KiB.FromMiB(mib) - domains[domid].Outstanding;
        return Becomes(domid, domain => domain with { Outstanding = KiB.FromMiB(mib) });
    }

    internal BookKeeper Becomes(int domid, Func<DomainSnapshot, DomainSnapshot> change)
    {
        domains[domid] = change(domains[domid]);
        return this;
    }

    internal BookKeeper Dies(int domid)
    {
        Free += domains[domid].Actual;
        domains.Remove(domid);
        return this;
    }

    internal BookChange Claims(long id, int domid)
    {
        KiB before = domains.TryGetValue(domid, out DomainSnapshot? known) ? known.Occupied : KiB.Zero;
        return Does(book => book.Claim(id, Identity(domid), before, Now));
    }

    internal BookChange Does(Func<ReservationBook, BookChange> change)
    {
        BookChange result = change(Book);
        Book = result.Book;
        return result;
    }

    internal HostSnapshot Snapshot() => new() { At = Now, Total = KiB.FromMiB(1 << 20), Free = Free, Domains = [.. domains.Values] };

    internal BookKeeper Settles()
    {
        Last = Book.Update(Snapshot(), Free, Deliverable);
        Book = Last.Book;
        return this;
    }

    internal long HeldMib(long id) => this[id].Held.Value / 1024;

    internal ReservationState StateOf(long id) => this[id].State;

    internal ImmutableArray<(long Id, ReservationState State)> Ended => [.. Last.Ended.Select(one => (one.Id, one.State))];
}
