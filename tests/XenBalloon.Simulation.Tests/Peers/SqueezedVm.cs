using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Tests.Peers;

/// <summary>A virtual machine of squeezed's own simulator: moves at a rate towards its target, down to a floor, and is stuck now and then.</summary>
internal sealed class SqueezedVm(SqueezedDomain start, int rate)
{
    private double lastUpdate;

    public SqueezedDomain Domain { get; private set; } = start;

    public KiB MaxMem { get; private set; } = start.Target;

    /// <summary>It never goes below this.</summary>
    public KiB HiddenFloor { get; init; }

    /// <summary>It is stuck every other of these intervals; zero for never, infinity for always.</summary>
    public double StuckEveryOther { get; init; }

    public void SetSize(KiB size) => (Domain, MaxMem) = (Domain with { Target = size }, size);

    /// <summary>Moves; returns what it took from the host.</summary>
    public KiB Update(double time)
    {
        double passed = IsStuck(lastUpdate) || IsStuck(time) ? 0 : time - lastUpdate;
        lastUpdate = time;
        KiB gap = Domain.Target - Domain.Actual;
        KiB distance = KiB.Max(KiB.Zero, KiB.Max(gap, -gap) - Domain.Inaccuracy);
        KiB step = KiB.Min(distance, new KiB((long)Math.Round(passed * rate)));
        KiB actual = gap > KiB.Zero ? Domain.Actual + step : KiB.Min(Domain.Actual, KiB.Max(HiddenFloor, Domain.Actual - step));
        KiB taken = actual - Domain.Actual;
        Domain = Domain with { Actual = actual };
        return taken;
    }

    private bool IsStuck(double time) => StuckEveryOther > 0 && (double.IsInfinity(StuckEveryOther) || (int)(time / StuckEveryOther) % 2 == 1);
}
