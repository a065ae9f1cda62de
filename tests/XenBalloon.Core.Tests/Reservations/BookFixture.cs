using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>A book with its host: free memory, domains under construction, and a clock.</summary>
internal sealed class BookFixture
{
    private readonly SortedDictionary<int, DomainSnapshot> domains = [];

    internal ReservationBook Book { get; private set; } = ReservationBook.Empty;

    internal TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(100);

    internal KiB Free { get; set; }

    internal KiB Deliverable { get; set; } = KiB.FromMiB(1 << 20);

    internal BookUpdate Last { get; private set; }

    internal static DomainIdentity Identity(int domid, int uuid = 0) =>
        new(domid, HostBuilder.Uuid(uuid == 0 ? domid : uuid));

    internal Reservation this[long id] => Book.Open.Single(reservation => reservation.Id == id);

    internal long Requests(
        long mib,
        long? maxMib = null,
        string owner = ":1.7",
        bool persistent = false,
        double? within = null,
        double? expires = null)
    {
        BookChange change = Book.Request(
            new ReservationRequest(
                KiB.FromMiB(mib),
                KiB.FromMiB(maxMib ?? mib),
                owner,
                persistent,
                within is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                ExpiresAfter: expires is { } end ? TimeSpan.FromSeconds(end) : null),
            Now);
        Assert.That(change.Error, Is.Null);
        Book = change.Book;
        return change.Changed.Single().Id;
    }

    internal BookFixture Passes(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    internal BookFixture WithFree(long mib)
    {
        Free = KiB.FromMiB(mib);
        return this;
    }

    /// <summary>A domain under construction appears, or takes more pages of free memory.</summary>
    internal BookFixture Builds(int domid, long mib, int uuid = 0)
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

    /// <summary>The toolstack claims memory for a domain before it populates it.</summary>
    internal BookFixture Earmarks(int domid, long mib)
    {
        Free -= KiB.FromMiB(mib) - domains[domid].Outstanding;
        return Becomes(domid, domain => domain with { Outstanding = KiB.FromMiB(mib) });
    }

    internal BookFixture Becomes(int domid, Func<DomainSnapshot, DomainSnapshot> change)
    {
        domains[domid] = change(domains[domid]);
        return this;
    }

    internal BookFixture Dies(int domid)
    {
        Free += domains[domid].Actual;
        domains.Remove(domid);
        return this;
    }

    internal BookChange Claims(long id, int domid)
    {
        KiB before = domains.TryGetValue(domid, out DomainSnapshot? known) ? known.Occupied : KiB.Zero;
        return Applies(book => book.Claim(id, Identity(domid), before, Now));
    }

    internal BookChange Applies(Func<ReservationBook, BookChange> change)
    {
        BookChange result = change(Book);
        Book = result.Book;
        return result;
    }

    internal HostSnapshot Snapshot() =>
        new() { At = Now, Total = KiB.FromMiB(1 << 20), Free = Free, Domains = [.. domains.Values] };

    internal BookFixture Updates()
    {
        Last = Book.Update(Snapshot(), Free, Deliverable);
        Book = Last.Book;
        return this;
    }

    internal long HeldMib(long id) => this[id].Held.Value / 1024;

    internal ReservationState StateOf(long id) => this[id].State;

    internal ImmutableArray<(long Id, ReservationState State)> Ended =>
        [.. Last.Ended.Select(reservation => (reservation.Id, reservation.State))];
}

/// <summary>Some requests to the book, then an update with this host.</summary>
internal sealed record BookStep(
    Func<ReservationBook, TimeSpan, BookChange>[] Requests, HostSnapshot Host, KiB Free, KiB Deliverable, int Seconds)
{
    /// <summary>Runs a sequence from an empty book; false as soon as a check fails.</summary>
    internal static bool Tell(
        BookStep[] story, Func<ReservationBook, BookStep, BookUpdate, bool> onUpdate, Func<ReservationBook, BookChange,
            bool>? onRequest = null)
    {
        ReservationBook book = ReservationBook.Empty;
        TimeSpan now = TimeSpan.Zero;
        foreach (BookStep turn in story)
        {
            foreach (Func<ReservationBook, TimeSpan, BookChange> request in turn.Requests)
            {
                BookChange change = request(book, now);
                if (onRequest?.Invoke(book, change) == false) return false;
                book = change.Book;
            }

            now += TimeSpan.FromSeconds(turn.Seconds);
            BookStep current = turn with { Host = turn.Host with { At = now } };
            BookUpdate update = book.Update(current.Host, current.Free, current.Deliverable);
            if (!onUpdate(book, current, update)) return false;
            book = update.Book;
        }

        return true;
    }
}
