using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Scenarios;

/// <summary>The fixed time step of the simulation.</summary>
internal static class Tick
{
    /// <summary>Ticks in a second.</summary>
    public const int PerSecond = 10;

    /// <summary>The length of a tick.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(1) / PerSecond;

    /// <summary>The whole pages of a rate that fit into one tick.</summary>
    public static KiB Share(KiB perSecond) => new KiB(perSecond.Value / PerSecond).FloorToPage();
}
