namespace XenBalloon.Simulation.Guests;

/// <summary>What a tick cost a guest.</summary>
/// <param name="SwapFaults">Pages read back from swap because they were needed.</param>
/// <param name="FileFaults">Pages of files read again because the cache had no room for them.</param>
/// <param name="OutOfMemory">Whether something did not fit even with all swap in use.</param>
internal readonly record struct MemoryTick(long SwapFaults, long FileFaults, bool OutOfMemory);
