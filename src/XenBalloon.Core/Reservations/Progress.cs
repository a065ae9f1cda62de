using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>Keeps track, for reservations that gather, of when they will be ready and of who gives what.</summary>
internal static class Progress
{
    internal static ReservationBook Note(ReservationBook book, ReadOnlySpan<Donor> donors, ReadOnlySpan<DonorStatus> standings, TimeSpan now)
    {
        ImmutableArray<Reservation>.Builder? noted = null;
        KiB[]? amounts = null;
        KiB wanted = KiB.Zero;
        for (int i = 0; i < book.Open.Length; i++)
        {
            Reservation one = book.Open[i];
            if (one.Missing == KiB.Zero) continue;
            noted ??= book.Open.ToBuilder();
            amounts ??= new KiB[donors.Length];

            // What comes goes to those that asked first.
            wanted += one.Wanted;
            DonorChoice choice = DonorChooser.Choose(wanted, donors, amounts);
            noted[i] = one with
            {
                Eta = choice.Missing == KiB.Zero && !one.IsOutOfReach ? now + choice.Within : null,
                Donations = Note(one.Donations, standings),
            };
        }

        return noted is null ? book : book.With(noted.DrainToImmutable());
    }

    /// <summary>Brings up to date what a reservation knows of those that give.</summary>
    internal static ImmutableArray<Donation> Note(ImmutableArray<Donation> before, ReadOnlySpan<DonorStatus> standings)
    {
        Dictionary<DomainIdentity, KiB> firstHeld = before.ToDictionary(one => one.Domain, one => one.HeldBefore);
        ImmutableArray<Donation>.Builder donations = ImmutableArray.CreateBuilder<Donation>();
        foreach (DonorStatus standing in standings)
        {
            bool known = firstHeld.TryGetValue(standing.Domain, out KiB heldBefore);
            if (!known) heldBefore = standing.Holds;
            KiB asked = KiB.Max(KiB.Zero, heldBefore - standing.Target);
            if (!known && asked == KiB.Zero && standing.Why is null) continue;
            KiB given = KiB.Max(KiB.Zero, heldBefore - standing.Holds);
            donations.Add(new Donation(standing.Domain, standing.Name, heldBefore, asked, given, standing.Why));
        }

        return donations.ToImmutable();
    }
}
