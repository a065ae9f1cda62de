using System.Runtime.InteropServices;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;

namespace XenBalloon.Core.Reservations;

/// <summary>Who can give how much for reservations, how fast, and who cannot and why: looked at when the targets of a step are decided.</summary>
internal sealed class DonorSurvey
{
    /// <summary>Of a balloon that has not moved yet, what a Linux guest's does at the least.</summary>
    private static readonly KiB AssumedPerSecond = KiB.FromMiB(200);

    private readonly List<Donor> donors = [];
    private readonly List<DonorStanding> standings = [];

    /// <summary>What all donors together could still give, as of the last survey.</summary>
    internal KiB Deliverable { get; private set; }

    /// <summary>Looks at all domains, and notes in the book when the reservations that gather will be ready and who is in their way.</summary>
    internal ReservationBook Take(ReservationBook book, IEnumerable<DomainCase> cases, TimeSpan now)
    {
        donors.Clear();
        standings.Clear();
        Deliverable = KiB.Zero;
        foreach (DomainCase one in cases)
        {
            if (!one.Managed) continue;
            KiB holds = one.Domain.Actual - one.OnTop, least = KiB.Max(one.Lower, one.LowestTarget);
            if (one.TakesPart)
            {
                var donor = new Donor(KiB.Max(KiB.Zero, holds - least), KiB.Max(KiB.Zero, holds - KiB.Max(least, one.Want)), Rate(one.Balloon));
                donors.Add(donor);
                Deliverable += donor.Available;
            }

            standings.Add(new DonorStanding(one.Identity, one.Domain.Name, holds, one.Goal, Why(one, holds)));
        }

        return book.WithProgress(CollectionsMarshal.AsSpan(donors), CollectionsMarshal.AsSpan(standings), now);
    }

    private static KiB Rate(BalloonTracker balloon) => balloon.PerSecond is { } measured ? KiB.Max(new KiB(1), new KiB((long)measured)) : AssumedPerSecond;

    private static Withholding? Why(DomainCase one, KiB holds) => one.LeftOut switch
    {
        ReasonKind.Stuck => Withholding.Stuck,
        ReasonKind.Silent => Withholding.Unheard,
        not null => Withholding.NotRunning,
        _ when one.Balloon.Health == BalloonHealth.Slow => Withholding.Slow,
        _ when holds - one.Range.Minimum < one.DeadBand => Withholding.AtMinimum,
        _ when holds - one.LowestTarget < one.DeadBand => Withholding.InUse,
        _ => null,
    };
}
