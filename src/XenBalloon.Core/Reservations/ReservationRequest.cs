using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>What someone wants to have set aside for a domain yet to come.</summary>
/// <param name="Minimum">Without this much the domain cannot be started.</param>
/// <param name="Maximum">More than this is of no use to it.</param>
/// <param name="Owner">Who asks: a bus name, or what a person can recognise.</param>
/// <param name="Persistent">Whether it stays when the owner leaves.</param>
/// <param name="Deadline">
/// When the minimum must be free, on the snapshot's clock; null to wait for as long as it takes. A deadline that is now asks for what is free already.
/// It does not end a reservation whose minimum was free in time.
/// </param>
/// <param name="For">
/// The name or UUID of the domain that it is for, where that is known: the reservation becomes that domain's as soon as it is being built. Empty to have it
/// claimed by whoever asked.
/// </param>
public sealed record ReservationRequest(KiB Minimum, KiB Maximum, string Owner, bool Persistent = false, TimeSpan? Deadline = null, string For = "")
{
    /// <summary>Longer than any domain's name.</summary>
    private const int LongestName = 256;

    /// <summary>What is wrong with it, for the one who asks; null when nothing is.</summary>
    /// <param name="now">The snapshot's clock.</param>
    public string? Fault(TimeSpan now)
    {
        if (Minimum <= KiB.Zero) return $"the minimum must be more than nothing, not {Minimum.Value} KiB";
        if (Maximum < Minimum) return $"the maximum ({Maximum.Value} KiB) is less than the minimum ({Minimum.Value} KiB)";
        if (Maximum > KiB.Largest) return $"the maximum ({Maximum.Value} KiB) is more memory than any machine has";
        if (Minimum != Minimum.FloorToPage()) return $"the minimum must be whole pages of {KiB.PerPage} KiB, not {Minimum.Value} KiB";
        if (Maximum != Maximum.FloorToPage()) return $"the maximum must be whole pages of {KiB.PerPage} KiB, not {Maximum.Value} KiB";
        if (string.IsNullOrWhiteSpace(Owner)) return "a reservation needs an owner";
        if (For.Length > LongestName) return $"'{For[..16]}…' is no domain's name: it has {For.Length} characters";
        return Deadline < now ? "the deadline has passed already" : null;
    }
}
