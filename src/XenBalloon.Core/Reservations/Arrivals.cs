using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>Gives reservations to the domains that they were made for, as soon as those are there: whoever asked need not notice in time, nor live so long.</summary>
internal static class Arrivals
{
    /// <summary>xl gives a domain that comes from another host its own name when it has arrived.</summary>
    private const string Incoming = "--incoming";

    /// <summary>Claims for newcomers.</summary>
    /// <param name="book">The book.</param>
    /// <param name="cases">The domains, brought up to date.</param>
    /// <param name="began">When the balancer began: a domain that it found then may have been there before the reservation.</param>
    /// <param name="now">The snapshot's clock.</param>
    internal static ReservationBook Claim(ReservationBook book, List<DomainCase> cases, TimeSpan began, TimeSpan now)
    {
        foreach (Reservation one in book.Open)
        {
            if (one.For.Length == 0 || one.ReadyAt is null || one.Claim is not null) continue;
            foreach (DomainCase domain in cases)
            {
                if (!IsMeant(one.For, domain.Domain) || !IsNew(domain, one, began) || book.IsClaimedBy(domain.Identity)) continue;

                // All that it has by now came out of what was set aside.
                book = book.Claim(one.Id, domain.Identity, KiB.Zero, now).Book;
                break;
            }
        }

        return book;
    }

    private static bool IsMeant(string wanted, DomainSnapshot domain) =>
        Guid.TryParse(wanted, out Guid uuid) ? domain.Identity.Uuid == uuid : IsNamed(wanted, domain.Name);

    /// <summary>A small domain may be built between two looks at the host.</summary>
    private static bool IsNew(DomainCase domain, Reservation reservation, TimeSpan began) =>
        domain.Domain.Lifecycle == DomainLifecycle.Building || (domain.FirstSeen > reservation.RequestedAt && domain.FirstSeen > began);

    private static bool IsNamed(string wanted, string name) =>
        name == wanted || (name.Length == wanted.Length + Incoming.Length && name.StartsWith(wanted, StringComparison.Ordinal) && name.EndsWith(Incoming, StringComparison.Ordinal));
}
