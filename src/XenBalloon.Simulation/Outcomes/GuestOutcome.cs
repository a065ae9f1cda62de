using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Outcomes;

/// <summary>How a guest fared, as only the simulation can know.</summary>
public sealed record GuestOutcome
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is there now.</summary>
    public bool Present { get; init; }

    /// <summary>How long it has worked, booted and not paused, or would have if its kernel had not panicked.</summary>
    public TimeSpan Worked { get; init; }

    /// <summary>How much of that its programs waited for pages that had been taken from it, or were dead.</summary>
    public TimeSpan Stalled { get; init; }

    /// <summary>Anonymous and shared memory in swap now.</summary>
    public KiB Swapped { get; init; }

    /// <summary>Anonymous and shared memory in RAM now.</summary>
    public KiB Resident { get; init; }

    /// <summary>The sum over time of what was in swap.</summary>
    public double SwappedKiBSeconds { get; init; }

    /// <summary>Pages read back from swap.</summary>
    public long SwapFaults { get; init; }

    /// <summary>Pages of files read again for want of cache.</summary>
    public long FileFaults { get; init; }

    /// <summary>How often the OOM killer struck.</summary>
    public int OomKills { get; init; }

    /// <summary>How often its kernel panicked, with nothing left to kill.</summary>
    public int Panics { get; init; }

    /// <summary>
    /// OOM kills and panics that the balancer brought about: with what the guest booted with, or with more that it was given later and that was then
    /// taken from it, however long ago, everything would have fit. Growth that did not come is nothing that was taken.
    /// </summary>
    public int OomKillsByBalancer { get; init; }

    /// <summary>The least that the hypervisor held for it once it had been built.</summary>
    public KiB LeastActual { get; init; }

    /// <summary>The most that the hypervisor held for it.</summary>
    public KiB MostActual { get; init; }

    /// <summary>All that its balloon moved, either way.</summary>
    public KiB Moved { get; init; }

    /// <summary>Targets written by commands.</summary>
    public int TargetsWritten { get; init; }

    /// <summary>How often such a target went the other way than the one before.</summary>
    public int Reversals { get; init; }
}
