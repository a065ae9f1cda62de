using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Esx;

/// <summary>Finds a host's state: 6, 4, 2 and 1 % free, and back up only once the next threshold is exceeded clearly.</summary>
internal static class HostStates
{
    private const double HighPart = 0.06;
    private const double SoftPart = 0.04;
    private const double HardPart = 0.02;
    private const double LowPart = 0.01;

    /// <summary>What is free in the high state at least.</summary>
    public static KiB Enough(KiB total) => total.Times(HighPart);

    /// <summary>The next state.</summary>
    /// <param name="before">The state until now.</param>
    /// <param name="free">What is free.</param>
    /// <param name="total">The host's memory.</param>
    public static HostState After(HostState before, KiB free, KiB total)
    {
        double part = free.Value / (double)total.Value;
        HostState falling = part < LowPart ? HostState.Low : part < HardPart ? HostState.Hard : part < SoftPart ? HostState.Soft : HostState.High;
        HostState rising = part >= HighPart ? HostState.High : part >= SoftPart ? HostState.Soft : part >= HardPart ? HostState.Hard : HostState.Low;
        return falling > before ? falling : rising < before ? rising : before;
    }
}
