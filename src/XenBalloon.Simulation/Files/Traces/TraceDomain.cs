using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Loads;

namespace XenBalloon.Simulation.Files.Traces;

/// <summary>What was recorded of one domain.</summary>
/// <param name="Name">Its name.</param>
internal sealed record TraceDomain(string Name)
{
    /// <summary>Its samples, in ascending order of time; at least one.</summary>
    public List<TraceSample> Samples { get; } = [];

    /// <summary>Its first sample.</summary>
    public TraceSample First => Samples[0];

    /// <summary>When it was seen last.</summary>
    public TimeSpan End => Samples[^1].At;

    /// <summary>A load that goes straight from sample to sample, in the time since the domain was first seen.</summary>
    public RampLoad Load(Func<TraceSample, KiB> amount) => new([.. Samples.Select(sample => new LoadPoint(sample.At - First.At, amount(sample)))]);
}
