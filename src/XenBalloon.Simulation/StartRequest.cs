using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation;

/// <summary>A domain that someone wants to start. It starts by itself as soon as this much is free, if that is before its deadline.</summary>
/// <param name="Name">What it will be called.</param>
/// <param name="Needed">What it needs to start.</param>
/// <param name="RequestedAt">Since when, in the scenario's time.</param>
/// <param name="Deadline">When whoever starts it gives up, in the scenario's time.</param>
public sealed record StartRequest(string Name, KiB Needed, TimeSpan RequestedAt, TimeSpan Deadline);
