using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <content>What its kernel shows in /proc.</content>
internal sealed partial class GuestMemory
{
    /// <summary>Time in the last tick in which some task waited for memory.</summary>
    public TimeSpan LastWait => counters.LastWait;

    /// <summary>What our agent tells of it.</summary>
    /// <param name="actual">What the hypervisor holds for the guest.</param>
    public GuestVitals Vitals(KiB actual) => new()
    {
        Free = KiB.Max(KiB.Zero, Total(actual) - Resident - cache.Size),
        Anonymous = hot.Resident + cold.Resident,
        FileCache = cache.Size,
        Shared = shared.Resident,
        SwapTotal = swap.Size,
        SwapUsed = Swapped,
        Committed = wanted.Times(1 + overcommit),
        SwapIns = counters.SwapIns,
        MemorySomeTotal = counters.MemorySomeTotal,
        MemorySome = counters.MemorySome,
        IoSome = counters.IoSome,
    };
}
