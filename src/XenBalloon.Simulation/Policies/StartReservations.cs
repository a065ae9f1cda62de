using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Simulation.Hosts;

namespace XenBalloon.Simulation.Policies;

/// <summary>Does what <c>xenballoon run</c> does on a real host: reserves for whoever waits to start, and hands the reservation over to the new domain.</summary>
internal sealed class StartReservations
{
    private readonly Dictionary<string, long> known = [];

    /// <summary>The book with a reservation for each start that waits, and none for those that wait no longer.</summary>
    internal ReservationBook BringUpToDate(ReservationBook book, HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        foreach ((string name, long id) in known.Where(one => waiting.All(start => start.Name != one.Key)).ToArray())
        {
            known.Remove(name);
            DomainSnapshot? domain = snapshot.Domains.FirstOrDefault(one => one.Name == name);
            BookChange? claimed = domain is null ? null : book.Claim(id, domain.Identity, KiB.Zero, snapshot.At);
            book = claimed is { Error: null } ? claimed.Value.Book : book.Cancel(id).Book;
        }

        foreach (StartRequest start in waiting.Where(start => !known.ContainsKey(start.Name)))
        {
            KiB needed = start.Needed.CeilingToPage();
            BookChange asked = book.Request(new ReservationRequest(needed, needed, start.Name), snapshot.At);
            if (asked.Error is not null) continue;
            known.Add(start.Name, asked.Concerned[0].Id);
            book = asked.Book;
        }

        return book;
    }
}
