using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Simulation.Guests;

/// <summary>Finds what cannot be meant in a guest's description.</summary>
internal static class GuestCheck
{
    /// <summary>The problems.</summary>
    public static IEnumerable<GuestProblem> Problems(GuestDescription guest) =>
    [
        .. Memory(guest),
        .. Range(guest),
        .. CacheCheck.Problems(guest.Cache),
        .. Balloon(guest),
        .. Reporting(guest.Reporting),
        .. Life(guest),
        .. EventCheck.Problems(guest),
    ];

    private static IEnumerable<GuestProblem> Memory(GuestDescription guest)
    {
        KiB least = guest.Overhead + GuestMemory.Essential + GuestMemory.Essential;
        if (guest.BootMemory < least)
            yield return new($"cannot boot with {guest.BootMemory}, its kernel needs {least}", "memory", "maxmem",
                "kernel");
        if (guest.BootMemory > guest.StaticMax)
            yield return new($"boots with {guest.BootMemory}, more than its static maximum of {guest.StaticMax}",
                "memory", "maxmem");
        if (guest.Offset < KiB.Zero) yield return new("its offset is negative", "offset");
        if (guest.BootMemory != guest.BootMemory.FloorToPage() || guest.Offset != guest.Offset.FloorToPage())
            yield return new("its memory is not in whole pages", "memory", "offset");
        if (!(guest.Overcommit >= 0)) yield return new("its overcommit is negative", "overcommit");
    }

    private static IEnumerable<GuestProblem> Range(GuestDescription guest)
    {
        if (DomainSetting.Weight.Fault(guest.Weight) is { } fault) yield return new(fault, "weight");
        if (guest.Minimum < KiB.Zero || guest.Maximum < KiB.Zero)
            yield return new("its minimum or maximum is negative", "min", "max");
        if (guest.Minimum > guest.Maximum)
            yield return new($"its minimum of {guest.Minimum} is more than its maximum of {guest.Maximum}", "min",
                "max");
        if (guest.Minimum > guest.StaticMax)
            yield return new($"its minimum of {guest.Minimum} is more than its static maximum of {guest.StaticMax}",
                "min", "maxmem", "memory");
    }

    private static IEnumerable<GuestProblem> Balloon(GuestDescription guest)
    {
        BalloonDescription balloon = guest.Balloon;
        if (balloon.ShrinkPerSecond <= KiB.Zero || balloon.GrowPerSecond <= KiB.Zero)
            yield return new("its balloon has no speed: say that it is stuck instead", "balloon");
        if (balloon.HiddenFloor < KiB.Zero) yield return new("its balloon's hidden floor is negative", "balloon");
        if (balloon.Ceiling < guest.BootMemory + guest.Offset)
            yield return new($"its balloon's ceiling of {balloon.Ceiling} is less than what it boots with", "balloon",
                "memory", "offset");
        if (balloon.StuckFrom < TimeSpan.Zero)
            yield return new("its balloon is stuck from before the beginning", "balloon");
        if (balloon.StuckUntil < (balloon.StuckFrom ?? TimeSpan.MaxValue))
            yield return new("its balloon is freed before it is stuck", "balloon");
        if (balloon.StuckEvery <= TimeSpan.Zero || balloon.StuckFor < TimeSpan.Zero)
            yield return new("its balloon is stuck for or every negative or no time", "balloon");
        if (balloon.StuckFor > (balloon.StuckEvery ?? TimeSpan.Zero))
            yield return new("its balloon is stuck for longer than until it is stuck again", "balloon");
    }

    private static IEnumerable<GuestProblem> Reporting(ReportingDescription reporting)
    {
        if (reporting.Interval < Machine.TickLength)
            yield return new($"reports more often than every {Machine.TickLength.TotalMilliseconds} ms", "report");
        if (reporting.Delay < TimeSpan.Zero || reporting.Delay >= reporting.Interval)
            yield return new("its reports must arrive before the next one is made", "report");
        if (reporting.StartsAt < TimeSpan.Zero || reporting.StopsAt < TimeSpan.Zero)
            yield return new("begins or ceases to report before the beginning", "report");
        if (reporting.StopsAt < reporting.StartsAt) yield return new("ceases to report before it begins", "report");
    }

    private static IEnumerable<GuestProblem> Life(GuestDescription guest)
    {
        if (guest.CreatedAt < TimeSpan.Zero)
            yield return new("is created before the beginning: say nothing of it instead", "start");
        if (guest.BuildTime < TimeSpan.Zero || guest.BootTime < TimeSpan.Zero)
            yield return new("takes a negative time to build or boot", "build", "boot");
        if (guest.Patience < TimeSpan.Zero) yield return new("its patience is negative", "patience");
        if (guest.PopulatesOnDemand && guest.Kind == DomainKind.Pv)
            yield return new("populates on demand, which PV guests cannot", "populate-on-demand", "type");
    }
}
