using System.Collections.Immutable;

namespace XenBalloon.Core.Reservations;

/// <summary>What came of a word to the book.</summary>
/// <param name="Book">The book after it; the same one if nothing changed.</param>
/// <param name="Changed">The reservations that were changed, as they are now, ended ones included.</param>
/// <param name="Error">Why it was refused, for the one who asked; null when it was done.</param>
public readonly record struct BookChange(ReservationBook Book, ImmutableArray<Reservation> Changed, string? Error = null);
