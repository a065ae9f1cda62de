using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files.Grammar;
using XenBalloon.Simulation.Files.Reading;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Loads;

namespace XenBalloon.Simulation.Files.Traces;

/// <summary>Makes a scenario of a recording: the same domains with the same needs, to be balanced otherwise.</summary>
internal static class TraceScenario
{
    private const string Dom0 = "Domain-0";

    // What a recorder does not know is how the guests would have reported: as our own agent does.
    private static readonly ReportingDescription Reporting = new() { Source = ReportSource.Agent, Interval = TimeSpan.FromSeconds(2) };

    /// <summary>Reads a recording; what it returns means nothing where there were errors.</summary>
    /// <param name="text">What the file holds.</param>
    /// <param name="name">What the scenario is to be called.</param>
    /// <param name="errors">Where to say what is wrong.</param>
    public static Scenario? Read(string text, string name, FileErrors errors)
    {
        Trace trace = new TraceReader(errors).Read(text);
        if (!errors.None) return null;
        Scenario scenario = From(trace, name);
        foreach (string problem in scenario.Problems()) errors.Add(Place.Nowhere, problem);
        return scenario;
    }

    private static Scenario From(Trace trace, string name)
    {
        Scenario plain = ScenarioKeys.Plain(name);
        TimeSpan[] times = [.. trace.Domains.SelectMany(domain => domain.Samples).Select(sample => sample.At).Distinct().Order()];
        TraceDomain? dom0 = trace.Domains.FirstOrDefault(domain => domain.Name == Dom0);
        ImmutableArray<GuestDescription> guests = [.. trace.Domains.Where(domain => domain.Name != Dom0).Select(domain => Guest(domain, times))];
        KiB dom0Memory = dom0?.First.Actual ?? plain.Dom0Memory;
        return plain with
        {
            Summary = "a recorded host",
            HostTotal = trace.Domains.Select(domain => domain.First.Host).FirstOrDefault(host => host is not null) ?? Most(trace, dom0, dom0Memory, plain.Slack),
            Dom0Memory = dom0Memory,
            Duration = times[^1],
            Guests = guests,
        };
    }

    private static GuestDescription Guest(TraceDomain domain, TimeSpan[] times)
    {
        TraceSample first = domain.First;
        int after = Array.BinarySearch(times, domain.End) + 1;
        return GuestKeys.Plain with
        {
            Name = domain.Name,
            BootMemory = first.Actual.FloorToPage(),
            StaticMax = KiB.Max(first.Actual, Largest(domain.Samples.Select(sample => sample.Max))).FloorToPage(),
            Minimum = first.Min,
            Weight = first.Weight ?? GuestKeys.Plain.Weight,
            KernelOverhead = first.Total is { } total ? KiB.Max(KiB.Zero, first.Actual - total) : null,
            Anonymous = domain.Load(sample => sample.Used),
            Files = domain.Samples.Exists(sample => sample.Files is not null) ? domain.Load(sample => sample.Files ?? KiB.Zero) : new ConstantLoad(KiB.Zero),
            Reporting = Reporting,
            CreatedAt = first.At == TimeSpan.Zero ? null : first.At,
            Events = after < times.Length ? [new GuestEvent(times[after], GuestEventKind.Destroy)] : [],
        };
    }

    private static KiB Largest(IEnumerable<KiB> amounts) => amounts.Aggregate(KiB.Zero, KiB.Max);

    /// <summary>What was held at most at one time, where the recorder did not say how much there is.</summary>
    private static KiB Most(Trace trace, TraceDomain? dom0, KiB dom0Memory, KiB slack)
    {
        IEnumerable<KiB> held = trace.Domains.SelectMany(domain => domain.Samples).GroupBy(sample => sample.At)
            .Select(moment => moment.Aggregate(KiB.Zero, (sum, sample) => sum + sample.Actual));
        return Largest(held) + slack + (dom0 is null ? dom0Memory : KiB.Zero);
    }
}
