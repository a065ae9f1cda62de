using XenBalloon.Core.Memory;

namespace XenBalloon.Bus;

/// <summary>Memory that somebody on the bus wants to have set aside.</summary>
/// <param name="Minimum">Without this much the domain cannot be started.</param>
/// <param name="Maximum">More than this is of no use to it.</param>
/// <param name="Owner">The unique name of whoever asks.</param>
/// <param name="Persistent">Whether it stays when the owner leaves the bus.</param>
/// <param name="Within">In which time the minimum must be free; zero for at once, null for as long as it takes.</param>
/// <param name="For">The name or UUID of the domain that it is for; empty where that is not known.</param>
public sealed record ReservationOrder(KiB Minimum, KiB Maximum, string Owner, bool Persistent, TimeSpan? Within, string For);
