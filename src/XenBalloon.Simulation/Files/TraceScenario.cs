using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>Converts a recording to a scenario with the same domains and demands, for other policies.</summary>
internal static class TraceScenario
{
    private const string Dom0 = "Domain-0";

    // A recording does not show how the guests would report: assume XenBalloon's agent.
    private static readonly ReportingDescription Reporting =
        new() { Source = ReportSource.Agent, Interval = TimeSpan.FromSeconds(2) };

    /// <summary>Parses a recording; null if it has errors.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="name">The scenario's name.</param>
    /// <param name="errors">Collects the errors.</param>
    public static Scenario? Parse(string text, string name, FileErrors errors)
    {
        Trace trace = new TraceReader(errors).Parse(text);
        if (!errors.None) return null;
        Scenario scenario = From(trace, name);
        foreach (string problem in scenario.Problems()) errors.Add(Position.WholeFile, problem);
        return scenario;
    }

    private static Scenario From(Trace trace, string name)
    {
        Scenario empty = ScenarioKeys.Empty(name);
        TimeSpan[] times =
            [.. trace.Domains.SelectMany(domain => domain.Samples).Select(sample => sample.At).Distinct().Order()];
        TraceDomain? dom0 = trace.Domains.FirstOrDefault(domain => domain.Name == Dom0);
        KiB dom0Memory = dom0?.First.Actual ?? empty.Dom0Memory;
        KiB? host = trace.Domains.Select(domain => domain.First.Host).FirstOrDefault(recorded => recorded is not null);
        return empty with
        {
            Summary = "a recorded host",
            HostTotal = host ?? LargestSum(trace) + empty.Slack + (dom0 is null ? dom0Memory : KiB.Zero),
            Dom0Memory = dom0Memory,
            Duration = times[^1],
            Guests = [.. trace.Domains.Where(domain => domain.Name != Dom0).Select(domain => Guest(domain, times))],
        };
    }

    private static GuestDescription Guest(TraceDomain domain, TimeSpan[] times)
    {
        TraceSample first = domain.First;
        int after = Array.BinarySearch(times, domain.End) + 1;
        return GuestKeys.Empty with
        {
            Name = domain.Name,
            BootMemory = first.Actual.FloorToPage(),
            StaticMax = KiB.Max(first.Actual, Largest(domain.Samples.Select(sample => sample.Max))).FloorToPage(),
            Minimum = first.Min,
            Weight = first.Weight ?? GuestKeys.Empty.Weight,
            KernelOverhead = first.Total is { } total ? KiB.Max(KiB.Zero, first.Actual - total) : null,
            Anonymous = domain.Load(sample => sample.Used),
            Files = domain.Samples.Exists(sample => sample.Files is not null)
                ? domain.Load(sample => sample.Files ?? KiB.Zero)
                : new ConstantLoad(KiB.Zero),
            Reporting = Reporting,
            CreatedAt = first.At == TimeSpan.Zero ? null : first.At,
            Events = after < times.Length ? [new GuestEvent(times[after], GuestEventKind.Destroy)] : [],
        };
    }

    private static KiB Largest(IEnumerable<KiB> amounts) => amounts.Aggregate(KiB.Zero, KiB.Max);

    // The most memory that all domains had at one time.
    private static KiB LargestSum(Trace trace) => Largest(trace.Domains
        .SelectMany(domain => domain.Samples)
        .GroupBy(sample => sample.At)
        .Select(moment => moment.Aggregate(KiB.Zero, (sum, sample) => sum + sample.Actual)));
}
