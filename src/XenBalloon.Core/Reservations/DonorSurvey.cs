using System.Collections.Immutable;
using System.Runtime.InteropServices;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;

namespace XenBalloon.Core.Reservations;

/// <summary>Who can give how much for reservations, how fast, and who cannot and why.</summary>
internal sealed class DonorSurvey
{
    /// <summary>Of a balloon that has not moved yet, what a Linux guest's does at the least.</summary>
    private static readonly KiB AssumedPerSecond = KiB.FromMiB(200);

    private readonly List<Donor> donors = [], surplus = [];
    private readonly List<DonorStatus> standings = [];
    private KiB[] amounts = [];

    /// <summary>Looks at all domains, before anything is shared out.</summary>
    /// <returns>What all donors together could give.</returns>
    internal KiB Look(IEnumerable<DomainCase> cases)
    {
        donors.Clear();
        KiB deliverable = KiB.Zero;
        foreach (DomainCase one in cases)
        {
            if (!one.TakesPart) continue;
            Donor donor = Donor(one, KiB.Max(one.Least, one.LowestTarget));
            donors.Add(donor);
            deliverable += donor.Available;
        }

        return deliverable;
    }

    /// <summary>
    /// Where nobody but reservations wants memory, it is taken from whoever gives it soonest, and no more than is wanted: of the rest of what is idle there
    /// is no hurry.
    /// </summary>
    /// <param name="wanted">What the reservations want.</param>
    /// <param name="parts">The domains that take part, with what each is to come down to.</param>
    internal void Choose(KiB wanted, ReadOnlySpan<DomainCase> parts)
    {
        if (amounts.Length < parts.Length) amounts = new KiB[parts.Length * 2];
        surplus.Clear();
        foreach (DomainCase part in parts) surplus.Add(Donor(part, KiB.Max(part.DownTo, part.LowestTarget)));
        Span<KiB> chosen = amounts.AsSpan(0, parts.Length);
        DonorChooser.Choose(wanted, CollectionsMarshal.AsSpan(surplus), chosen);
        for (int i = 0; i < parts.Length; i++) parts[i].DownTo = KiB.Max(parts[i].DownTo, Holds(parts[i]) - chosen[i]);
    }

    /// <summary>
    /// Notes in the book, when the targets are decided, when the reservations that gather will be ready and who is in their way; after <see cref="Look"/>.
    /// </summary>
    internal ReservationBook Note(ReservationBook book, IEnumerable<DomainCase> cases, TimeSpan now)
    {
        if (!book.Open.Any(one => one.Missing > KiB.Zero)) return book;
        LookAtStandings(cases);
        return book.WithProgress(CollectionsMarshal.AsSpan(donors), CollectionsMarshal.AsSpan(standings), now);
    }

    /// <summary>Notes with those whose time was up who was in their way: one that was to be ready at once has never been followed.</summary>
    internal ImmutableArray<Reservation> Explain(ImmutableArray<Reservation> ended, IEnumerable<DomainCase> cases)
    {
        if (!ended.Any(one => one.State == ReservationState.Expired)) return ended;
        LookAtStandings(cases);
        return
        [
            .. ended.Select(one => one.State == ReservationState.Expired
                ? one with { Donations = Progress.Note(one.Donations, CollectionsMarshal.AsSpan(standings)) }
                : one),
        ];
    }

    private void LookAtStandings(IEnumerable<DomainCase> cases)
    {
        standings.Clear();
        foreach (DomainCase one in cases)
        {
            if (one.Managed) standings.Add(new DonorStatus(one.Identity, one.Domain.Name, Holds(one), one.Goal, Why(one, Holds(one))));
        }
    }

    private static Donor Donor(DomainCase one, KiB least) =>
        new(KiB.Max(KiB.Zero, Holds(one) - least), KiB.Max(KiB.Zero, Holds(one) - KiB.Max(least, one.Want)), Rate(one.Balloon));

    private static KiB Holds(DomainCase one) => one.Domain.Actual - one.OnTop;

    private static KiB Rate(BalloonTracker balloon) => balloon.PerSecond is { } measured ? KiB.Max(new KiB(1), new KiB((long)measured)) : AssumedPerSecond;

    private static DonorObstacle? Why(DomainCase one, KiB holds) => one.LeftOut switch
    {
        ReasonKind.Stuck => DonorObstacle.Stuck,
        ReasonKind.Silent => DonorObstacle.NotReporting,
        ReasonKind.NoRange => DonorObstacle.AtMinimum,
        ReasonKind.Starting => DonorObstacle.Starting,
        ReasonKind.NotRunning => DonorObstacle.NotRunning,
        not null => DonorObstacle.LeftAlone,
        _ when !one.Demand.IsReported => DonorObstacle.NotReporting,
        _ when one.Balloon.Health == BalloonHealth.Slow => DonorObstacle.Slow,
        _ when holds - one.Range.Minimum < one.DeadBand => DonorObstacle.AtMinimum,
        _ when holds - one.LowestTarget < one.DeadBand => DonorObstacle.InUse,
        _ => null,
    };
}
