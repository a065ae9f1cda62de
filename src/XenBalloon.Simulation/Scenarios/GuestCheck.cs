using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Simulation.Scenarios;

/// <summary>An invalid value in the description of a guest.</summary>
/// <param name="Message">The error, phrased to follow the guest's name.</param>
/// <param name="Keys">The keys of scenario files that cause it, the most likely one first.</param>
internal sealed record GuestProblem(string Message, params string[] Keys);

/// <summary>Finds invalid values in the description of a guest.</summary>
internal static class GuestCheck
{
    /// <summary>All problems.</summary>
    public static IEnumerable<GuestProblem> Problems(GuestDescription guest) =>
    [
        .. Memory(guest),
        .. Range(guest),
        .. Cache(guest.Cache),
        .. Balloon(guest),
        .. Reporting(guest.Reporting),
        .. Life(guest),
        .. Events(guest),
    ];

    private static IEnumerable<GuestProblem> Memory(GuestDescription guest)
    {
        KiB least = guest.Overhead + GuestDescription.EssentialMemory + GuestDescription.EssentialMemory;
        if (guest.BootMemory < least)
        {
            yield return new(
                $"cannot boot with {guest.BootMemory}: its kernel needs {least}", "memory", "maxmem", "kernel");
        }

        if (guest.BootMemory > guest.StaticMax)
        {
            yield return new(
                $"boot memory of {guest.BootMemory} exceeds the static maximum of {guest.StaticMax}",
                "memory",
                "maxmem");
        }

        if (guest.Offset < KiB.Zero) yield return new("negative offset", "offset");
        if (guest.BootMemory != guest.BootMemory.FloorToPage() || guest.Offset != guest.Offset.FloorToPage())
            yield return new("memory is not a whole number of pages", "memory", "offset");
        if (!(guest.Overcommit >= 0)) yield return new("negative overcommit", "overcommit");
    }

    private static IEnumerable<GuestProblem> Range(GuestDescription guest)
    {
        if (DomainSetting.Weight.Fault(guest.Weight) is { } fault) yield return new(fault, "weight");
        if (guest.Minimum < KiB.Zero || guest.Maximum < KiB.Zero)
            yield return new("negative minimum or maximum", "min", "max");
        if (guest.Minimum > guest.Maximum)
            yield return new($"minimum of {guest.Minimum} exceeds the maximum of {guest.Maximum}", "min", "max");
        if (guest.Minimum > guest.StaticMax)
        {
            yield return new(
                $"minimum of {guest.Minimum} exceeds the static maximum of {guest.StaticMax}",
                "min",
                "maxmem",
                "memory");
        }
    }

    private static IEnumerable<GuestProblem> Cache(CacheDescription cache)
    {
        if (cache.WorkingSet < KiB.Zero) yield return new("negative working set of the cache", "cache");
        if (!(cache.LookupsPerSecond >= 0)) yield return new("negative number of cache lookups", "cache");
        if (!IsValid(cache.Curve)) yield return new("the miss curve must fall from 1 and never rise", "cache");
    }

    private static bool IsValid(MissCurve curve) => curve switch
    {
        ExponentialMissCurve exponential => exponential.AtWorkingSet is > 0 and < 1,
        LongTailMissCurve tail => tail.Exponent > 0,
        TableMissCurve table => IsValid(table),
        _ => true,
    };

    private static bool IsValid(TableMissCurve table)
    {
        var before = new MissPoint(0, 1);
        foreach (MissPoint point in table.Points)
        {
            if (!(point.Fill >= before.Fill && point.Misses >= 0 && point.Misses <= before.Misses)) return false;
            before = point;
        }

        return true;
    }

    private static IEnumerable<GuestProblem> Balloon(GuestDescription guest)
    {
        BalloonDescription balloon = guest.Balloon;
        if (balloon.ShrinkPerSecond <= KiB.Zero || balloon.GrowPerSecond <= KiB.Zero)
            yield return new("the balloon has no speed: use stuck instead", "balloon");
        if (balloon.HiddenFloor < KiB.Zero) yield return new("negative floor of the balloon", "balloon");
        if (balloon.Ceiling < guest.BootMemory + guest.Offset)
        {
            yield return new(
                $"the balloon's ceiling of {balloon.Ceiling} is below the boot memory", "balloon", "memory", "offset");
        }

        if (balloon.StuckFrom < TimeSpan.Zero)
            yield return new("the balloon is stuck before the scenario begins", "balloon");
        if (balloon.StuckUntil < (balloon.StuckFrom ?? TimeSpan.MaxValue))
            yield return new("the balloon moves again before it is stuck", "balloon");
        if (balloon.StuckEvery <= TimeSpan.Zero || balloon.StuckFor < TimeSpan.Zero)
            yield return new("the balloon's stutter needs positive times", "balloon");
        if (balloon.StuckFor > (balloon.StuckEvery ?? TimeSpan.Zero))
            yield return new("the balloon's stutter is longer than its period", "balloon");
    }

    private static IEnumerable<GuestProblem> Reporting(ReportingDescription reporting)
    {
        if (reporting.Interval < Tick.Length)
            yield return new($"report interval is shorter than {Tick.Length.TotalMilliseconds} ms", "report");
        if (reporting.Delay < TimeSpan.Zero || reporting.Delay >= reporting.Interval)
            yield return new("report delay must be shorter than the report interval", "report");
        if (reporting.StartsAt < TimeSpan.Zero || reporting.StopsAt < TimeSpan.Zero)
            yield return new("reports start or stop before the scenario begins", "report");
        if (reporting.StopsAt < reporting.StartsAt) yield return new("reports stop before they start", "report");
        if (reporting is { Habit: ReportHabit.FixedTotal, Source: not ReportSource.XenServer })
            yield return new("only XenServer's agent reports a fixed total: use xenserver", "report");
    }

    private static IEnumerable<GuestProblem> Life(GuestDescription guest)
    {
        if (guest.CreatedAt < TimeSpan.Zero)
            yield return new("starts before the scenario begins: leave the start time out", "start");
        if (guest.BuildTime < TimeSpan.Zero || guest.BootTime < TimeSpan.Zero)
            yield return new("negative build or boot time", "build", "boot");
        if (guest.Patience < TimeSpan.Zero) yield return new("negative patience", "patience");
        if (guest.PopulatesOnDemand && guest.Kind == DomainKind.Pv)
            yield return new("a PV guest cannot populate on demand", "populate-on-demand", "type");
    }

    private static IEnumerable<GuestProblem> Events(GuestDescription guest)
    {
        if (!guest.Events.SequenceEqual(guest.Events.OrderBy(action => action.At)))
            yield return new("events are not in order of time", "at");
        bool saved = false;
        bool suspended = false;
        foreach (GuestEvent action in guest.Events)
        {
            string moment = $"{action.Kind} at {action.At.TotalSeconds} s";
            if (action.At < (guest.CreatedAt ?? TimeSpan.Zero))
                yield return new($"{moment} is before the guest's creation", "at", "start");
            if (action.Kind is GuestEventKind.SetTarget or GuestEventKind.SetMaxMem && action.Value <= KiB.Zero)
                yield return new($"{moment} has no size", "at");
            if (action.Kind == GuestEventKind.Restore && !saved)
                yield return new($"{moment} has no Save before it", "at");
            if (action.Kind == GuestEventKind.Resume && !suspended)
                yield return new($"{moment} has no Suspend before it", "at");
            saved = action.Kind == GuestEventKind.Save || (saved && action.Kind != GuestEventKind.Restore);
            suspended = action.Kind == GuestEventKind.Suspend || (suspended && action.Kind != GuestEventKind.Resume);
        }
    }
}
