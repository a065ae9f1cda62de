using System.Collections.Immutable;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>The reservations' part of a balancing pass: keeps the book and applies it to the domains.</summary>
internal sealed class ReservationScheduler
{
    private readonly DonorSurvey survey = new();
    private TimeSpan? startedAt;

    /// <summary>The open reservations.</summary>
    internal ReservationBook Book { get; set; } = ReservationBook.Empty;

    /// <summary>
    /// Holds the memory of domains that have left and may come back: the toolstack claims nothing meanwhile.
    /// </summary>
    /// <param name="host">The input of this pass.</param>
    /// <param name="departed">The domains that the last snapshot no longer had.</param>
    /// <param name="present">The domains that it has.</param>
    internal void HoldForReturn(in HostPass host, List<DomainPass> departed, List<DomainPass> present)
    {
        if (host.Settings.Observes) return;
        foreach (DomainPass domain in departed)
        {
            if (RestartNeed.MayReturn(domain) is not { } time || domain.History.NeedsToReturn is not { } need) continue;
            if (present.Exists(other => other.IsReturnOf(domain))) continue;
            string name = domain.History.Last?.Name ?? "";
            string nameOrUuid = name.Length > 0 ? name : domain.Identity.Uuid.ToString();
            Book = Book.HoldForReturn(nameOrUuid, need.All, host.Now, host.Now + time);
        }
    }

    /// <summary>
    /// Sets free memory aside for the open reservations, claims those that their domains have arrived for, and ends
    /// those that are due.
    /// </summary>
    /// <param name="host">The input of this pass.</param>
    /// <param name="domains">All domains.</param>
    /// <param name="budget">Free memory that may be set aside.</param>
    internal BookUpdate SetAside(in HostPass host, List<DomainPass> domains, KiB budget)
    {
        ClaimForArrivals(domains, startedAt ??= host.Now, host.Now);
        KiB deliverable = Book.Open.IsEmpty ? KiB.Zero : survey.Survey(domains);
        BookUpdate update = Book.Update(host.Snapshot, KiB.Max(KiB.Zero, budget), deliverable);
        Book = update.Book;
        if (Book.Open.IsEmpty) return update;
        foreach (DomainPass domain in domains)
        {
            bool isBuilding = domain.Snapshot.Lifecycle == DomainLifecycle.Building;
            domain.HasReservation = isBuilding && Book.IsClaimedBy(domain.Identity);
        }

        return update;
    }

    /// <inheritdoc cref="DonorSurvey.Choose"/>
    internal void ChooseDonors(KiB wanted, List<DomainPass> participants) => survey.Choose(wanted, participants);

    /// <inheritdoc cref="DonorSurvey.NoteProgress"/>
    internal void NoteProgress(List<DomainPass> domains, TimeSpan now) =>
        Book = survey.NoteProgress(Book, domains, now);

    /// <inheritdoc cref="DonorSurvey.Explain"/>
    internal ImmutableArray<Reservation> Explain(ImmutableArray<Reservation> ended, List<DomainPass> domains) =>
        survey.Explain(ended, domains);

    /// <summary>
    /// Claims reservations for the domains that they were made for, as soon as these appear: the owner need not notice
    /// in time, nor live that long.
    /// </summary>
    private void ClaimForArrivals(List<DomainPass> domains, TimeSpan startedAt, TimeSpan now)
    {
        foreach (Reservation reservation in Book.Open)
        {
            bool isClaimable = reservation.For.Length > 0
                && reservation.ReadyAt is not null
                && reservation.Claim is null;
            if (!isClaimable) continue;
            foreach (DomainPass domain in domains)
            {
                if (!DomainName.Matches(reservation.For, domain.Snapshot)) continue;
                if (!IsNew(domain, reservation, startedAt)) continue;
                if (Book.IsClaimedBy(domain.Identity)) continue;

                // All that the domain holds by now came out of the memory set aside.
                Book = Book.Claim(reservation.Id, domain.Identity, KiB.Zero, now).Book;
                break;
            }
        }
    }

    /// <summary>
    /// A small domain may be built between two snapshots. A domain in the first snapshot may be older than the
    /// reservation.
    /// </summary>
    private static bool IsNew(DomainPass domain, Reservation reservation, TimeSpan startedAt)
    {
        if (domain.Snapshot.Lifecycle == DomainLifecycle.Building) return true;
        TimeSpan firstSeen = domain.History.FirstSeen;
        return firstSeen > reservation.RequestedAt && firstSeen > startedAt;
    }
}
