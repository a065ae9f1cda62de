using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>A piece of a story: some words to the book, then a step with this host.</summary>
internal sealed record BookTurn(Func<ReservationBook, TimeSpan, BookChange>[] Words, HostSnapshot Host, KiB Free, KiB Deliverable, int Seconds)
{
    /// <summary>Tells a story from an empty book on; false as soon as something does not hold.</summary>
    internal static bool Tell(
        BookTurn[] story, Func<ReservationBook, BookTurn, BookUpdate, bool> onSettle, Func<ReservationBook, BookChange, bool>? onWord = null)
    {
        ReservationBook book = ReservationBook.Empty;
        TimeSpan now = TimeSpan.Zero;
        foreach (BookTurn turn in story)
        {
            foreach (Func<ReservationBook, TimeSpan, BookChange> word in turn.Words)
            {
                BookChange change = word(book, now);
                if (onWord?.Invoke(book, change) == false) return false;
                book = change.Book;
            }

            now += TimeSpan.FromSeconds(turn.Seconds);
            BookTurn current = turn with { Host = turn.Host with { At = now } };
            BookUpdate settlement = book.Update(current.Host, current.Free, current.Deliverable);
            if (!onSettle(book, current, settlement)) return false;
            book = settlement.Book;
        }

        return true;
    }
}
