using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>Something that happens to a guest from outside.</summary>
/// <param name="At">When, in the scenario's time.</param>
/// <param name="Kind">What.</param>
/// <param name="Value">The size, where the kind needs one.</param>
public readonly record struct GuestEvent(TimeSpan At, GuestEventKind Kind, KiB Value = default);
