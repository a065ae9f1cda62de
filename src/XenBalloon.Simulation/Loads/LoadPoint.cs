using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Loads;

/// <summary>A load's amount at one moment.</summary>
/// <param name="At">When, since the guest was started.</param>
/// <param name="Amount">How much.</param>
public readonly record struct LoadPoint(TimeSpan At, KiB Amount);
