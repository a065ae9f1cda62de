using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Tests.Peers;

/// <summary>Amounts as numbers, for comparisons with a tolerance.</summary>
internal static class InMiB
{
    public static double MiB(this KiB amount) => amount.Value / 1024.0;
}
