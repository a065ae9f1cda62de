using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Files.Traces;

/// <summary>The columns of a recording, and what they mean.</summary>
internal static class TraceColumns
{
    /// <summary>The column of times, in seconds since anything.</summary>
    public const string Time = "time_s";

    /// <summary>The column of domains' names.</summary>
    public const string Domain = "domain";

    /// <summary>What the domain used.</summary>
    public const string Used = "used_kib";

    private const string Actual = "actual_kib", Files = "files_kib";

    // A pebibyte, as in scenario files.
    private const long MostKiB = 1L << 40;

    private const int MostWeight = 1_000_000;

    /// <summary>The columns of numbers.</summary>
    public static ImmutableArray<TraceColumn> Numbers { get; } =
    [
        new(Actual, MostKiB, (sample, number) => sample with { Actual = new KiB(number) }) { Required = true },
        new("max_kib", MostKiB, (sample, number) => sample with { Max = new KiB(number) }) { Required = true },
        new(Used, MostKiB, (sample, number) => sample with { Used = new KiB(number) }) { Required = true },
        new("total_kib", MostKiB, (sample, number) => sample with { Total = new KiB(number) }),
        new(Files, MostKiB, (sample, number) => sample with { Files = new KiB(number) }),
        new("min_kib", MostKiB, (sample, number) => sample with { Min = new KiB(number) }),
        new("weight", MostWeight, (sample, number) => sample with { Weight = (int)number }),
        new("host_kib", MostKiB, (sample, number) => sample with { Host = new KiB(number) }),
    ];

    /// <summary>The columns that a load can be made of.</summary>
    public static (string Name, Func<TraceSample, KiB> Amount)[] Loads { get; } =
    [
        (Used, sample => sample.Used),
        (Files, sample => sample.Files ?? KiB.Zero),
        (Actual, sample => sample.Actual),
    ];

    /// <summary>All names.</summary>
    public static IEnumerable<string> Names => [Time, Domain, .. Numbers.Select(column => column.Name)];

    /// <summary>The names of those that must be there.</summary>
    public static IEnumerable<string> RequiredNames => [Time, Domain, .. Numbers.Where(column => column.Required).Select(column => column.Name)];
}
