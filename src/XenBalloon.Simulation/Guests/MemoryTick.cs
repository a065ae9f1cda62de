namespace XenBalloon.Simulation.Guests;

/// <summary>What a tick cost a guest.</summary>
/// <param name="SwapFaults">Pages read back from swap because they were needed.</param>
/// <param name="FileFaults">Pages of files read because the cache had no room for them.</param>
/// <param name="Refaults">Those of <paramref name="FileFaults"/> that were of the working set, and had to go for want of memory.</param>
/// <param name="Reclaiming">How long allocations waited for other pages to be swapped out (direct reclaim).</param>
/// <param name="OutOfMemory">Whether something did not fit even with all swap in use.</param>
internal readonly record struct MemoryTick(long SwapFaults, long FileFaults, long Refaults, TimeSpan Reclaiming, bool OutOfMemory)
{
    /// <summary>
    /// How long programs wait for a page of a file, in ticks of <see cref="TimeSpan"/>: read-ahead brings a dozen or so with each request, and most of
    /// them before they are missed.
    /// </summary>
    public const long WaitPerFileFault = 10 * TimeSpan.TicksPerMicrosecond;

    // Swapped pages come one by one from an SSD.
    private const long WaitPerSwapFault = 100 * TimeSpan.TicksPerMicrosecond;

    /// <summary>How long programs waited for pages, in all: at most the whole tick.</summary>
    public TimeSpan Stalled => Wait(FileFaults);

    /// <summary>How long they waited for want of memory, as PSI counts it: not for files that no working set would have held.</summary>
    public TimeSpan MemoryWait => Wait(Refaults);

    private TimeSpan Wait(long files)
    {
        long wait = (WaitPerSwapFault * SwapFaults) + (WaitPerFileFault * files) + Reclaiming.Ticks;
        return new TimeSpan(Math.Min(wait, Machine.TickLength.Ticks));
    }
}
