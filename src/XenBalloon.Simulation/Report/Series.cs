using System.Collections.Immutable;

namespace XenBalloon.Simulation.Report;

/// <summary>A line of a plot.</summary>
/// <param name="Style">Its CSS classes.</param>
/// <param name="Values">A value for each moment; null leaves a gap.</param>
/// <param name="Title">What shows when it is pointed at; null for nothing.</param>
internal sealed record Series(string Style, ImmutableArray<double?> Values, string? Title = null);
