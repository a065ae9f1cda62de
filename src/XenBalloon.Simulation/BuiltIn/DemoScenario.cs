using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Loads;

namespace XenBalloon.Simulation.BuiltIn;

/// <summary>
/// What <c>make demo</c> shows: five guests that could use 20 GiB on a host with 7 for them. Their loads come and go in turns of 10 to 25 s, so that
/// memory must move from one to another several times in 20 s; all of it together always fits.
/// </summary>
internal static class DemoScenario
{
    private static readonly ReportingDescription EverySecond = new() { Interval = TimeSpan.FromSeconds(1), Delay = TimeSpan.FromMilliseconds(100) };

    /// <summary>Describes it.</summary>
    public static Scenario Create() => new()
    {
        Name = "demo",
        Summary = "five busy guests on a host too small for all of them at their largest",
        HostTotal = KiB.FromMiB(8192),
        Dom0Memory = KiB.FromMiB(1024),
        Guests =
        [
            Guest("web1", new SineLoad(KiB.FromMiB(700), KiB.FromMiB(400), TimeSpan.FromSeconds(20), 0.75)),
            Guest("web2", new SineLoad(KiB.FromMiB(700), KiB.FromMiB(400), TimeSpan.FromSeconds(20), 0.25)),
            Guest("db", Ramp(25, (0, 700), (2, 700), (12, 1700), (14, 1700), (15, 700))),
            Guest("build", Ramp(25, (0, 1100), (1, 1100), (2, 700), (13, 700), (22, 1600))) with { Kind = DomainKind.Hvm, Offset = new KiB(384) },
            Guest("cache", Ramp(10, (0, 350), (4, 600), (6, 600), (7, 350))) with { Files = new ConstantLoad(KiB.FromMiB(100)) },
        ],
    };

    private static GuestDescription Guest(string name, Load anonymous) => new()
    {
        Name = name,
        BootMemory = KiB.FromMiB(1280),
        StaticMax = KiB.FromMiB(4096),
        Anonymous = anonymous,
        Reporting = EverySecond,
    };

    private static Load Ramp(int periodSeconds, params (int Second, int MiB)[] points)
    {
        LoadPoint first = new(TimeSpan.FromSeconds(periodSeconds), KiB.FromMiB(points[0].MiB));
        ImmutableArray<LoadPoint> all = [.. points.Select(point => new LoadPoint(TimeSpan.FromSeconds(point.Second), KiB.FromMiB(point.MiB))), first];
        return new RampLoad(all).Repeated(TimeSpan.FromSeconds(periodSeconds));
    }
}
