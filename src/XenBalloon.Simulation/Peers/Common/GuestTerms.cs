using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Common;

/// <summary>What an administrator said of a guest. Each system has its own defaults for what was not said.</summary>
/// <param name="Minimum">dynamic-min; null where nothing was said.</param>
/// <param name="Maximum">The most that it may have: dynamic-max, else static-max.</param>
/// <param name="Weight">Shares, 100 where nothing was said.</param>
/// <param name="BootMemory">What it boots with.</param>
/// <param name="StaticMax">The most that it can ever have.</param>
internal sealed record GuestTerms(KiB? Minimum, KiB Maximum, int Weight, KiB BootMemory, KiB StaticMax);
