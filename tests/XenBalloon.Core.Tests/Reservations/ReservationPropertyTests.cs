using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>Properties of the book for random requests and hosts: no byte is promised twice.</summary>
public sealed class ReservationPropertyTests
{
    private static readonly Gen<KiB> Sizes = Gen.OneOf(Gen.Long[-8, 2000], Gen.Long[0, 4L << 20]).Select(
        kib => new KiB(kib));

    private static readonly Gen<HostSnapshot> RandomHosts =
        (from domid in Gen.Int[0, 6]
         from uuid in Gen.Int[1, 2]
         from actual in Sizes
         from lifecycle in Gen.Enum<DomainLifecycle>()
         select new DomainSnapshot
         {
             Identity = BookFixture.Identity(domid, uuid),
             Lifecycle = lifecycle,
             Actual = actual,
             MaxMem = actual,
             Target = lifecycle == DomainLifecycle.Building ? null : actual,
         }).Array[0, 8].Select(domains => new HostSnapshot
         {
             At = TimeSpan.Zero,
             Total = KiB.FromMiB(1 << 20),
             Free = KiB.Zero,
             Domains = [.. domains.DistinctBy(domain => domain.Identity.Domid)],
         });

    private static readonly Gen<Func<ReservationBook, TimeSpan, BookChange>> Requests =
        from minimum in Sizes
        from more in Sizes
        from owner in Gen.Int[1, 3]
        from persistent in Gen.Bool
        from seconds in Gen.Int[-1, 60]
        select AsRequest((book, now) => book.Request(
            new ReservationRequest(
                minimum.FloorToPage(), (minimum + more).FloorToPage(), $":1.{owner}", persistent, seconds > 40
                    ? null
                    : TimeSpan.FromSeconds(seconds)),
            now));

    private static readonly Gen<Func<ReservationBook, TimeSpan, BookChange>> Cancellations =
        from id in Gen.Long[0, 12]
        select AsRequest((book, _) => book.Cancel(id));

    private static readonly Gen<Func<ReservationBook, TimeSpan, BookChange>> Claims =
        from id in Gen.Long[0, 12]
        from domid in Gen.Int[0, 6]
        from uuid in Gen.Int[1, 2]
        from before in Sizes
        select AsRequest((book, now) => book.Claim(id, BookFixture.Identity(domid, uuid), before, now));

    private static readonly Gen<Func<ReservationBook, TimeSpan, BookChange>> Departures =
        from owner in Gen.Int[1, 3]
        select AsRequest((book, _) => book.OwnerLeft($":1.{owner}"));

    private static readonly Gen<BookStep[]> Harms =
        (from requests in Gen.Frequency((4, Requests), (1, Cancellations), (4, Claims), (1, Departures)).Array[0, 4]
         from host in RandomHosts
         from free in Sizes
         from deliverable in Sizes
         from seconds in Gen.Int[0, 50]
         select new BookStep(requests, host, free, deliverable, seconds)).Array[1, 25];

    [Test]
    public void Held_memory_is_within_free_memory_and_maximums() => ForEachStep((_, free, update) =>
        update.Held == Sum(update.Book, reservation => reservation.Held)
        && update.Held <= KiB.Max(KiB.Zero, free)
        && update.Book.Open.All(
            reservation => reservation.Held >= KiB.Zero && reservation.Held <= reservation.Maximum));

    [Test]
    public void No_free_memory_is_left_while_a_reservation_can_use_it() => ForEachStep((_, free, update) =>
        update.Ended.Any(reservation => reservation.State == ReservationState.Expired)
        || free - update.Held < KiB.Page
        || update.Book.Open.All(
            reservation =>
                reservation.IsOutOfReach || (reservation.Wanted == KiB.Zero && reservation.Desired == KiB.Zero)));

    [Test]
    public void Ready_reservations_stay_ready_while_enough_is_free() => ForEachStep((before, free, update) =>
    {
        KiB promised = Sum(
            before,
            reservation =>
                reservation.Claim?.Outstanding ?? (reservation.ReadyAt is null ? KiB.Zero : reservation.Minimum));
        return promised > free.FloorToPage()
            || update.Book.Open.All(
                reservation =>
                    reservation.ReadyAt is null
                        || reservation.Claim is not null
                        || reservation.State == ReservationState.Ready);
    });

    [Test]
    public void State_matches_the_memory_held() => ForEachStep((_, _, update) =>
        update.Ended.All(reservation => !reservation.IsOpen && reservation.Held == KiB.Zero)
        && update.Book.Open.All(reservation => reservation.State switch
        {
            ReservationState.Gathering => reservation.Held < reservation.Minimum && reservation.Claim is null,
            ReservationState.Ready =>
                reservation.Held >= reservation.Minimum && reservation.Claim is null && reservation.ReadyAt is not null,
            ReservationState.Claimed =>
                reservation.Claim is { } claim
                && reservation.Held <= claim.Outstanding
                && claim.Outstanding <= claim.Granted,
            _ => false,
        }));

    [Test]
    public void Overtaking_is_bounded_by_the_request() => ForEachStep((_, _, update) =>
        update.Book.Open.All(
            reservation => reservation.Overtaken >= KiB.Zero && reservation.Overtaken <= reservation.Minimum));

    [Test]
    public void Ended_reservations_and_their_numbers_do_not_return() => Harms.Sample(story =>
    {
        var ended = new HashSet<long>();
        long highest = 0;
        return BookStep.Tell(story, onRequest: (before, change) =>
        {
            foreach (Reservation reservation in change.Changed.Where(reservation => !reservation.IsOpen))
            {
                ended.Add(reservation.Id);
            }

            foreach (
                Reservation reservation in change.Book.Open.Except(before.Open).Where(
                    reservation => reservation.ReadyAt is null))
            {
                if (reservation.Id <= highest) return false;
                highest = reservation.Id;
            }

            return change.Book.LastId == highest;
        }, onUpdate: (_, _, update) =>
        {
            foreach (Reservation reservation in update.Ended) ended.Add(reservation.Id);
            return !update.Book.Open.Any(reservation => ended.Contains(reservation.Id))
                && update.Book.Open.Zip(update.Book.Open.Skip(1)).All(pair => pair.First.Id < pair.Second.Id);
        });
    });

    [Test]
    public void Order_of_the_domains_in_a_snapshot_does_not_matter() =>
        Harms.Sample(story => BookStep.Tell(story, onUpdate: (before, turn, update) =>
    {
        BookUpdate other = before.Update(
            turn.Host with { Domains = [.. turn.Host.Domains.Reverse()] }, turn.Free, turn.Deliverable);
        return other.Book.Open.SequenceEqual(update.Book.Open)
            && other.Ended.SequenceEqual(update.Ended)
            && (other.Held, other.Wanted, other.Desired) == (update.Held, update.Wanted, update.Desired);
    }));

    private static void ForEachStep(Func<ReservationBook, KiB, BookUpdate, bool> holds) =>
        Harms.Sample(
            story => BookStep.Tell(story, onUpdate: (before, turn, update) => holds(before, turn.Free, update)),
            iter: Check.Iter * 20);

    private static Func<ReservationBook, TimeSpan, BookChange> AsRequest(
        Func<ReservationBook, TimeSpan, BookChange> request) => request;

    private static KiB Sum(ReservationBook book, Func<Reservation, KiB> amount) =>
        new(book.Open.Sum(reservation => amount(reservation).Value));
}
