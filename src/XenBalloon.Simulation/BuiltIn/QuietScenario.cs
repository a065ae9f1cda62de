using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Loads;

namespace XenBalloon.Simulation.BuiltIn;

/// <summary>Guests that have what they need and never change: once memory lies where it should, nothing is to be written.</summary>
internal static class QuietScenario
{
    /// <summary>Describes it.</summary>
    public static Scenario Create() => new()
    {
        Name = "quiet",
        Summary = "three guests that never change: nothing should move",
        HostTotal = KiB.FromMiB(4096),
        Guests = [Guest("quiet1", 256), Guest("quiet2", 384), Guest("quiet3", 512)],
    };

    private static GuestDescription Guest(string name, int usedMiB) => new()
    {
        Name = name,
        BootMemory = KiB.FromMiB(1024),
        StaticMax = KiB.FromMiB(2048),
        Anonymous = new ConstantLoad(KiB.FromMiB(usedMiB)),
        Reporting = new ReportingDescription { Interval = TimeSpan.FromSeconds(5) },
    };
}
