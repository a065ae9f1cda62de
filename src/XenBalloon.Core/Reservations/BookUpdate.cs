using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>What a step's <see cref="ReservationBook.Update"/> came to.</summary>
/// <param name="Book">The book after it; the same one if nothing changed.</param>
/// <param name="Held">Free memory that is set aside: not to be given to anyone.</param>
/// <param name="Wanted">What must still be freed for the minimums of those that gather and are within reach: as soon as can be.</param>
/// <param name="Desired">What the open ones could use beyond that, up to their maximums: no hurry, and no one is to miss it.</param>
/// <param name="Ended">Those that came to their end, with the state that says how; they are in the book no more.</param>
public readonly record struct BookUpdate(ReservationBook Book, KiB Held, KiB Wanted, KiB Desired, ImmutableArray<Reservation> Ended);
