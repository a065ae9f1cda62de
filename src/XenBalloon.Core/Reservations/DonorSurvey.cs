using System.Collections.Immutable;
using System.Runtime.InteropServices;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>Finds which domains can give how much for reservations, how fast, and what hinders the others.</summary>
internal sealed class DonorSurvey
{
    /// <summary>The speed of a balloon that has not moved yet: the least of a Linux guest's.</summary>
    private static readonly KiB AssumedPerSecond = KiB.FromMiB(200);

    private readonly List<Donor> donors = [], surplus = [];
    private readonly List<DonorStatus> statuses = [];
    private KiB[] amounts = [];

    /// <summary>Surveys all domains, before memory is shared.</summary>
    /// <returns>What all donors together can give.</returns>
    internal KiB Survey(List<DomainPass> domains)
    {
        donors.Clear();
        KiB deliverable = KiB.Zero;
        foreach (DomainPass domain in domains)
        {
            if (!domain.Participates) continue;
            Donor donor = DonorOf(domain, KiB.Max(domain.LowestReachable, domain.LowestTarget));
            if (domain.Balloon.IsResting && donor.Available < domain.DeadBand) continue;
            donors.Add(donor);
            deliverable += donor.Available;
        }

        return deliverable;
    }

    /// <summary>
    /// If only reservations want memory, it comes from the domains that give it soonest, and no more than is wanted:
    /// other idle memory is in no hurry.
    /// </summary>
    /// <param name="wanted">What the reservations want.</param>
    /// <param name="participants">The participants, with their entitlements.</param>
    internal void Choose(KiB wanted, List<DomainPass> participants)
    {
        int count = participants.Count;
        if (amounts.Length < count) amounts = new KiB[count * 2];
        surplus.Clear();
        foreach (DomainPass domain in participants)
        {
            surplus.Add(DonorOf(domain, KiB.Max(domain.ShrinkTo, domain.LowestTarget)));
        }

        Span<KiB> chosen = amounts.AsSpan(0, count);
        DonorChooser.Choose(wanted, CollectionsMarshal.AsSpan(surplus), chosen);
        for (int i = 0; i < count; i++)
        {
            DomainPass domain = participants[i];
            domain.ShrinkTo = KiB.Max(domain.ShrinkTo, domain.Holds - chosen[i]);
        }
    }

    /// <summary>
    /// Records in the book when waiting reservations will be ready and what hinders them; after <see cref="Survey"/>,
    /// when all targets are decided.
    /// </summary>
    internal ReservationBook NoteProgress(ReservationBook book, List<DomainPass> domains, TimeSpan now)
    {
        if (!book.Open.Any(reservation => reservation.Missing > KiB.Zero)) return book;
        ReadStatuses(domains);
        return book.WithProgress(CollectionsMarshal.AsSpan(donors), CollectionsMarshal.AsSpan(statuses), now);
    }

    /// <summary>
    /// Records in expired reservations what hindered them: one that had to be ready at once never had its progress
    /// recorded.
    /// </summary>
    internal ImmutableArray<Reservation> Explain(ImmutableArray<Reservation> ended, List<DomainPass> domains)
    {
        if (!ended.Any(reservation => reservation.State == ReservationState.Expired)) return ended;
        ReadStatuses(domains);
        return
        [
            .. ended.Select(reservation => reservation.State == ReservationState.Expired
                ? reservation with
                {
                    Donations = DonorProgress.Update(reservation.Donations, CollectionsMarshal.AsSpan(statuses)),
                }
                : reservation),
        ];
    }

    private void ReadStatuses(List<DomainPass> domains)
    {
        statuses.Clear();
        foreach (DomainPass domain in domains)
        {
            if (!domain.Managed) continue;
            string name = domain.Snapshot.Name;
            statuses.Add(
                new DonorStatus(domain.Identity, name, domain.Holds, domain.NewTarget, ObstacleOf(domain)));
        }
    }

    private static Donor DonorOf(DomainPass domain, KiB least) => new(
        KiB.Max(KiB.Zero, domain.Holds - least),
        KiB.Max(KiB.Zero, domain.Holds - KiB.Max(least, domain.Want)),
        Rate(domain.Balloon));

    private static KiB Rate(BalloonTracker balloon) =>
        balloon.PerSecond is { } measured ? KiB.Max(new KiB(1), new KiB((long)measured)) : AssumedPerSecond;

    private static DonorObstacle? ObstacleOf(DomainPass domain) => domain.ExclusionReason switch
    {
        ReasonKind.Stuck => DonorObstacle.Stuck,
        ReasonKind.Silent => DonorObstacle.NotReporting,
        ReasonKind.NoRange or ReasonKind.NotRecreatable => DonorObstacle.AtMinimum,
        ReasonKind.Starting => DonorObstacle.Starting,
        ReasonKind.NotRunning => DonorObstacle.NotRunning,
        not null => DonorObstacle.LeftAlone,
        _ when !domain.Demand.IsReported => DonorObstacle.NotReporting,
        _ when domain.Balloon.Health == BalloonHealth.Stuck => DonorObstacle.Stuck,
        _ when domain.Balloon.Health == BalloonHealth.Slow => DonorObstacle.Slow,
        _ when domain.Holds - domain.Range.Minimum < domain.DeadBand => DonorObstacle.AtMinimum,
        _ when domain.Holds - domain.LowestTarget < domain.DeadBand => DonorObstacle.InUse,
        _ => null,
    };
}

/// <summary>Estimates when waiting reservations will be ready, and records what each donor gives.</summary>
internal static class DonorProgress
{
    internal static ReservationBook Update(
        ReservationBook book, ReadOnlySpan<Donor> donors, ReadOnlySpan<DonorStatus> statuses, TimeSpan now)
    {
        ImmutableArray<Reservation>.Builder? updated = null;
        KiB[]? amounts = null;
        KiB wanted = KiB.Zero;
        for (int i = 0; i < book.Open.Length; i++)
        {
            Reservation reservation = book.Open[i];
            if (reservation.Missing == KiB.Zero) continue;
            updated ??= book.Open.ToBuilder();
            amounts ??= new KiB[donors.Length];

            // Freed memory goes to the oldest requests first.
            wanted += reservation.Wanted;
            DonorChoice choice = DonorChooser.Choose(wanted, donors, amounts);
            updated[i] = reservation with
            {
                Eta = choice.Missing == KiB.Zero && !reservation.IsOutOfReach ? now + choice.Within : null,
                Donations = Update(reservation.Donations, statuses),
            };
        }

        return updated is null ? book : book.With(updated.DrainToImmutable());
    }

    /// <summary>Brings the donations that a reservation records up to date.</summary>
    internal static ImmutableArray<Donation> Update(
        ImmutableArray<Donation> before, ReadOnlySpan<DonorStatus> statuses)
    {
        Dictionary<DomainIdentity, KiB> firstHeld =
            before.ToDictionary(donation => donation.Domain, donation => donation.HeldBefore);
        ImmutableArray<Donation>.Builder donations = ImmutableArray.CreateBuilder<Donation>();
        foreach (DonorStatus status in statuses)
        {
            bool isKnown = firstHeld.TryGetValue(status.Domain, out KiB heldBefore);
            if (!isKnown) heldBefore = status.Holds;
            KiB requested = KiB.Max(KiB.Zero, heldBefore - status.Target);
            if (!isKnown && requested == KiB.Zero && status.Obstacle is null) continue;
            KiB given = KiB.Max(KiB.Zero, heldBefore - status.Holds);
            donations.Add(new Donation(status.Domain, status.Name, heldBefore, requested, given, status.Obstacle));
        }

        return donations.ToImmutable();
    }
}
