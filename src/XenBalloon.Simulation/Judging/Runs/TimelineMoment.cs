using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>A moment of a run, to be drawn.</summary>
/// <param name="At">When.</param>
/// <param name="Free">What no domain holds.</param>
/// <param name="Guests">The guests, in the scenario's order; null for one that is not there.</param>
public sealed record TimelineMoment(TimeSpan At, KiB Free, ImmutableArray<TimelineGuest?> Guests);
