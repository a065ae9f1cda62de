using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>Memory to set aside for a domain that will start: the same from the command line to the book.</summary>
/// <param name="Minimum">Without this much the domain cannot be started.</param>
/// <param name="Maximum">The domain has no use for more than this.</param>
/// <param name="Owner">
/// Who asks: a bus name, or what a person can recognise. Empty on the way to the bus, which knows the caller.
/// </param>
/// <param name="Persistent">Whether it stays when the owner leaves.</param>
/// <param name="Within">
/// The time in which the minimum must be free; null to wait for as long as it takes, zero for what is free already. It
/// does not end a reservation whose minimum was free in time.
/// </param>
/// <param name="For">
/// The name or UUID of the domain that it is for, where that is known: the reservation becomes that domain's as soon as
/// it is being built. Empty to have it claimed by its owner.
/// </param>
public sealed record ReservationRequest(
    KiB Minimum, KiB Maximum, string Owner = "", bool Persistent = false, TimeSpan? Within = null, string For = "")
{
    /// <summary>The longest time that can be asked for.</summary>
    public static TimeSpan LongestWithin { get; } = TimeSpan.FromDays(3650);

    /// <summary>Longer than any domain's name.</summary>
    private const int LongestName = 256;

    /// <summary>What is wrong with it, for the owner; null when nothing is.</summary>
    public string? Fault()
    {
        if (Minimum <= KiB.Zero) return $"the minimum must be more than nothing, not {Minimum.Value} KiB";
        if (Maximum < Minimum)
        {
            return $"the maximum ({Maximum.Value} KiB) is less than the minimum ({Minimum.Value} KiB)";
        }

        if (Maximum > KiB.Largest) return $"the maximum ({Maximum.Value} KiB) is more memory than any machine has";
        if (Minimum != Minimum.FloorToPage())
        {
            return $"the minimum must be whole pages of {KiB.PerPage} KiB, not {Minimum.Value} KiB";
        }

        if (Maximum != Maximum.FloorToPage())
        {
            return $"the maximum must be whole pages of {KiB.PerPage} KiB, not {Maximum.Value} KiB";
        }

        if (string.IsNullOrWhiteSpace(Owner)) return "a reservation needs an owner";
        if (For.Length > LongestName) return $"'{For[..16]}…' is not a domain's name: it has {For.Length} characters";
        if (Within < TimeSpan.Zero) return "the time for it must not be negative";
        if (Within > LongestWithin)
        {
            return $"invalid timeout: expected at most {LongestWithin.TotalSeconds:0} s, ten years; "
                + "leave it out to wait as long as it takes";
        }

        return null;
    }
}
