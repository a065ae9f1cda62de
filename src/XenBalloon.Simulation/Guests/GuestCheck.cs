using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Simulation.Guests;

/// <summary>Finds what cannot be meant in a guest's description.</summary>
internal static class GuestCheck
{
    /// <summary>The problems, a line each, to be put after the guest's name.</summary>
    public static IEnumerable<string> Problems(GuestDescription guest) =>
    [
        .. Memory(guest),
        .. Range(guest),
        .. CacheCheck.Problems(guest.Cache),
        .. Balloon(guest),
        .. Reporting(guest.Reporting),
        .. Life(guest),
        .. EventCheck.Problems(guest),
    ];

    private static IEnumerable<string> Memory(GuestDescription guest)
    {
        KiB least = guest.Overhead + GuestMemory.Essential + GuestMemory.Essential;
        if (guest.BootMemory < least) yield return $"cannot boot with {guest.BootMemory}, its kernel needs {least}";
        if (guest.BootMemory > guest.StaticMax) yield return $"boots with {guest.BootMemory}, more than its static maximum of {guest.StaticMax}";
        if (guest.Offset < KiB.Zero) yield return "its offset is negative";
        if (guest.BootMemory != guest.BootMemory.FloorToPage() || guest.Offset != guest.Offset.FloorToPage()) yield return "its memory is not in whole pages";
        if (!(guest.Overcommit >= 0)) yield return "its overcommit is negative";
    }

    private static IEnumerable<string> Range(GuestDescription guest)
    {
        if (DomainSetting.Weight.Fault(guest.Weight) is { } fault) yield return fault;
        if (guest.Minimum < KiB.Zero || guest.Maximum < KiB.Zero) yield return "its minimum or maximum is negative";
        if (guest.Minimum > guest.Maximum) yield return $"its minimum of {guest.Minimum} is more than its maximum of {guest.Maximum}";
        if (guest.Minimum > guest.StaticMax) yield return $"its minimum of {guest.Minimum} is more than its static maximum of {guest.StaticMax}";
    }

    private static IEnumerable<string> Balloon(GuestDescription guest)
    {
        BalloonDescription balloon = guest.Balloon;
        if (balloon.ShrinkPerSecond <= KiB.Zero || balloon.GrowPerSecond <= KiB.Zero) yield return "its balloon has no speed: say that it is stuck instead";
        if (balloon.HiddenFloor < KiB.Zero) yield return "its balloon's hidden floor is negative";
        if (balloon.Ceiling < guest.BootMemory + guest.Offset) yield return $"its balloon's ceiling of {balloon.Ceiling} is less than what it boots with";
        if (balloon.StuckFrom < TimeSpan.Zero) yield return "its balloon is stuck from before the beginning";
        if (balloon.StuckUntil < (balloon.StuckFrom ?? TimeSpan.MaxValue)) yield return "its balloon is freed before it is stuck";
        if (balloon.StuckEvery <= TimeSpan.Zero || balloon.StuckFor < TimeSpan.Zero) yield return "its balloon is stuck for or every negative or no time";
        if (balloon.StuckFor > (balloon.StuckEvery ?? TimeSpan.Zero)) yield return "its balloon is stuck for longer than until it is stuck again";
    }

    private static IEnumerable<string> Reporting(ReportingDescription reporting)
    {
        if (reporting.Interval < Machine.TickLength) yield return $"reports more often than every {Machine.TickLength.TotalMilliseconds} ms";
        if (reporting.Delay < TimeSpan.Zero || reporting.Delay >= reporting.Interval) yield return "its reports must arrive before the next one is made";
        if (reporting.StartsAt < TimeSpan.Zero || reporting.StopsAt < TimeSpan.Zero) yield return "begins or ceases to report before the beginning";
        if (reporting.StopsAt < reporting.StartsAt) yield return "ceases to report before it begins";
    }

    private static IEnumerable<string> Life(GuestDescription guest)
    {
        if (guest.CreatedAt < TimeSpan.Zero) yield return "is created before the beginning: say nothing of it instead";
        if (guest.BuildTime < TimeSpan.Zero || guest.BootTime < TimeSpan.Zero) yield return "takes a negative time to build or boot";
        if (guest.Patience < TimeSpan.Zero) yield return "its patience is negative";
        if (guest.PopulatesOnDemand && guest.Kind == DomainKind.Pv) yield return "populates on demand, which PV guests cannot";
    }
}
