using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>A guest's report on its way or arrived.</summary>
/// <param name="Used">What it says is in use.</param>
/// <param name="Total">What it says it has.</param>
/// <param name="Vitals">What it says of its kernel; null for agents that say nothing of it.</param>
/// <param name="At">When it arrives.</param>
internal readonly record struct ReceivedReport(KiB Used, KiB Total, GuestVitals? Vitals, TimeSpan At);
