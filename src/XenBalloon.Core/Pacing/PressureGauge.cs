using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>How urgent is it? Goes up at once and down only when there is clearly more, so that a host at the edge does not flutter.</summary>
internal sealed class PressureGauge
{
    private const double TightPart = 0.25, LeaveTightPart = 0.5, LeaveLowPart = 1.25;

    private HostPressure level;

    /// <summary>Reads the pressure.</summary>
    /// <param name="free">Free memory.</param>
    /// <param name="slack">Always left free.</param>
    /// <param name="keepFree">The pool above that.</param>
    /// <param name="lack">Whether somebody lacks memory.</param>
    internal HostPressure Read(KiB free, KiB slack, KiB keepFree, bool lack)
    {
        bool low = free < (level == HostPressure.Low ? slack.Times(LeaveLowPart) : slack);
        bool tight = free - slack < keepFree.Times(level >= HostPressure.Tight ? LeaveTightPart : TightPart);
        return level = low ? HostPressure.Low : lack ? HostPressure.Demand : tight ? HostPressure.Tight : HostPressure.None;
    }
}
