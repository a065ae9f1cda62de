using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Loads;

namespace XenBalloon.Simulation.BuiltIn;

/// <summary>One guest of each bad habit beside an honest one in need: none of them may hold it up, or take its fair share.</summary>
internal static class MisfitsScenario
{
    private static readonly ReportingDescription EveryTwoSeconds = new() { Interval = TimeSpan.FromSeconds(2), Delay = TimeSpan.FromMilliseconds(200) };

    /// <summary>Describes it.</summary>
    public static Scenario Create() => new()
    {
        Name = "misfits",
        Summary = "an honest guest in need among slow, stuck, silent, stale, lying and late ones",
        HostTotal = KiB.FromMiB(8192),
        Guests =
        [
            Guest("honest") with { Anonymous = Growing() },
            Guest("idle"),
            Guest("slow") with { Balloon = BalloonDescription.Slow },
            Guest("stuck") with { Balloon = BalloonDescription.Stuck },
            Guest("silent") with { Reporting = ReportingDescription.Silent },
            Guest("stale") with { Reporting = EveryTwoSeconds with { StopsAt = TimeSpan.FromSeconds(20) } },
            Guest("liar") with { Reporting = EveryTwoSeconds with { Habit = ReportHabit.ClaimsAllUsed } },
            Guest("late") with { CreatedAt = TimeSpan.Zero, BootTime = TimeSpan.FromSeconds(90), BootMemory = KiB.FromMiB(512) },
        ],
    };

    private static RampLoad Growing() => new(
    [
        new LoadPoint(TimeSpan.FromSeconds(60), KiB.FromMiB(400)),
        new LoadPoint(TimeSpan.FromSeconds(120), KiB.FromMiB(1400)),
    ]);

    private static GuestDescription Guest(string name) => new()
    {
        Name = name,
        BootMemory = KiB.FromMiB(1000),
        StaticMax = KiB.FromMiB(2048),
        Anonymous = new ConstantLoad(KiB.FromMiB(300)),
        Reporting = EveryTwoSeconds,
    };
}
