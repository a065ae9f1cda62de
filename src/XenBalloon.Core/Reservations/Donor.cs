using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>What one domain can give, and how fast.</summary>
/// <param name="Available">
/// What it can give in all, from what it holds now, so that what is on its way already is part of it: down to its minimum and its floor, no further.
/// Counted in whole pages.
/// </param>
/// <param name="Idle">How much of that it would not miss: it is above what the domain wants.</param>
/// <param name="Rate">What its balloon delivers in a second, as measured. Zero for one that does not answer: it gives nothing.</param>
public readonly record struct Donor(KiB Available, KiB Idle, KiB Rate);
