using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>A guest at a moment of a run, to be drawn.</summary>
/// <param name="Actual">What the hypervisor holds for it, or keeps for it while it is built.</param>
/// <param name="Target">What its balloon works towards; null while it is built.</param>
/// <param name="Needed">What it would need so as not to wait.</param>
/// <param name="Slowdown">How much longer its work took since the moment before than without waiting; 1 for not at all.</param>
public sealed record TimelineGuest(KiB Actual, KiB? Target, KiB Needed, double Slowdown);
