using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Reserving;

/// <summary>Memory that is to be set aside.</summary>
/// <param name="Minimum">It is ready when this much is.</param>
/// <param name="Maximum">No more than this is of use.</param>
/// <param name="Within">In which time; zero for at once, null for as long as it takes.</param>
/// <param name="Persistent">Whether it stays when we leave.</param>
/// <param name="For">The name or UUID of the domain that it is for; empty where that is not known.</param>
internal sealed record ReservationWish(KiB Minimum, KiB Maximum, TimeSpan? Within, bool Persistent, string For);
