using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>Guests without swap die of what others wait a moment for.</summary>
public sealed class SwaplessTests
{
    private static readonly GuestVitals Swapless = new() { MemorySome = 0, SwapTotal = KiB.Zero };
    private static readonly GuestVitals Swapping = new() { MemorySome = 0, SwapTotal = KiB.FromMiB(2048), SwapUsed = KiB.Zero };

    [Test]
    public void What_such_a_guest_grows_by_is_met_at_first_sight([Values] bool swaps)
    {
        GuestVitals vitals = swaps ? Swapping : Swapless;
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(1000);
        host.Settings = host.Settings with { Spare = SpareUse.Keep };
        for (int i = 0; i < 20; i++) host.Passes(1).Reports(1, 300, vitals).Act();

        Plan plan = host.Passes(1).Reports(1, 400, vitals).Act();

        KiB beyondUse = Of(plan, 1).Target!.Value - KiB.FromMiB(440);
        Assert.That(beyondUse - KiB.FromMiB(22), Is.EqualTo(KiB.FromMiB(swaps ? 400 : 440)),
            "with swap 100 MiB a second for 4 s; without, for 7 s, but no more than it has");
    }

    [Test]
    public void What_it_booted_with_comes_back_from_whoever_does_not_use_it([Values] bool swaps)
    {
        GuestVitals vitals = swaps ? Swapping : Swapless;
        HostBuilder host = new HostBuilder().With(1, 300, 1024).With(2, 1400, 2048).WithFree(32);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(800) };
        for (int i = 0; i < 60; i++) host.Passes(1).Reports(1, 150, vitals).Reports(2, 200, Swapping).Act();

        Assert.That(host[1].Target, swaps ? Is.LessThan(KiB.FromMiB(780)) : Is.GreaterThanOrEqualTo(KiB.FromMiB(780)));
    }

    [Test]
    public void It_may_use_what_it_booted_with_though_that_is_more_than_its_share_and_another_may_soon_want_it([Values] bool swaps)
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).With(2, 512, 2048).With(3, 512, 2048).WithFree(32);
        host.Settings = host.Settings with { Spare = SpareUse.Keep };
        host[1] = host[1] with { BootMemory = KiB.FromMiB(900) };
        GuestVitals full = swaps ? Swapping with { SwapUsed = KiB.FromMiB(2048) } : Swapless;
        for (int i = 0; i < 60; i++)
        {
            int others = i < 5 ? 450 : 350;
            host.Passes(1).Reports(1, 2000, full).Reports(2, others, Swapping).Reports(3, others, Swapping).Act();
        }

        Assert.That(host[1].Target, swaps ? Is.LessThanOrEqualTo(KiB.FromMiB(600)) : Is.InRange(KiB.FromMiB(650), KiB.FromMiB(900)));
    }
}
