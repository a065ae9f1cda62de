using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>A recording of a host.</summary>
/// <param name="Domains">The domains, in the order of their first samples.</param>
internal sealed record Trace(IReadOnlyList<TraceDomain> Domains)
{
    /// <summary>Finds a domain.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="error">The error, with the known names; null on success.</param>
    public TraceDomain? Find(string name, out string? error)
    {
        TraceDomain? found = Domains.FirstOrDefault(domain => domain.Name == name);
        string hint = ErrorText.Hint(name, Domains.Select(domain => domain.Name));
        error = found is null ? $"domain {ErrorText.Quote(name)} is not in the recording: {hint}" : null;
        return found;
    }
}

/// <summary>The samples of a domain.</summary>
/// <param name="Name">The domain's name.</param>
internal sealed record TraceDomain(string Name)
{
    /// <summary>The samples, in ascending order of time; at least one.</summary>
    public List<TraceSample> Samples { get; } = [];

    /// <summary>The first sample.</summary>
    public TraceSample First => Samples[0];

    /// <summary>The time of the last sample.</summary>
    public TimeSpan End => Samples[^1].At;

    /// <summary>A load with straight lines from sample to sample, which starts with the first sample.</summary>
    public RampLoad Load(Func<TraceSample, KiB> amount) =>
        new([.. Samples.Select(sample => new LoadPoint(sample.At - First.At, amount(sample)))]);
}

/// <summary>A row of a recording: a domain at a time.</summary>
internal readonly record struct TraceSample
{
    /// <summary>The time since the first row of the recording.</summary>
    public TimeSpan At { get; init; }

    /// <summary>The domain's memory.</summary>
    public KiB Actual { get; init; }

    /// <summary>The static maximum.</summary>
    public KiB Max { get; init; }

    /// <summary>MemTotal − MemAvailable, and the memory in swap.</summary>
    public KiB Used { get; init; }

    /// <summary>MemTotal; null if not recorded.</summary>
    public KiB? Total { get; init; }

    /// <summary>Files that the programs read repeatedly; null if not recorded.</summary>
    public KiB? Files { get; init; }

    /// <summary>dynamic-min; null if unset.</summary>
    public KiB? Min { get; init; }

    /// <summary>The weight; null if not recorded.</summary>
    public int? Weight { get; init; }

    /// <summary>The machine's memory; null if not recorded.</summary>
    public KiB? Host { get; init; }
}

/// <summary>A column of whole numbers.</summary>
/// <param name="Name">The name in the header.</param>
/// <param name="Most">The largest valid number.</param>
/// <param name="Set">Sets the number in a sample.</param>
internal sealed record TraceColumn(string Name, long Most, Func<TraceSample, long, TraceSample> Set)
{
    /// <summary>Whether a recording must have it.</summary>
    public bool Required { get; init; }
}

/// <summary>The columns of a recording.</summary>
internal static class TraceColumns
{
    /// <summary>The column of times, in seconds from any origin.</summary>
    public const string Time = "time_s";

    /// <summary>The column of domain names.</summary>
    public const string Domain = "domain";

    private const string Used = "used_kib", Actual = "actual_kib", Files = "files_kib";

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

    /// <summary>The columns that can become a load; the first one is the default.</summary>
    public static (string Name, Func<TraceSample, KiB> Amount)[] Loads { get; } =
    [
        (Used, sample => sample.Used),
        (Files, sample => sample.Files ?? KiB.Zero),
        (Actual, sample => sample.Actual),
    ];

    /// <summary>All names.</summary>
    public static IEnumerable<string> Names => [Time, Domain, .. Numbers.Select(column => column.Name)];

    /// <summary>The names of the required columns.</summary>
    public static IEnumerable<string> RequiredNames =>
        [Time, Domain, .. Numbers.Where(column => column.Required).Select(column => column.Name)];
}
