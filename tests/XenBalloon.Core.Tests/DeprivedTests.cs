using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>Domains that lack what is theirs by weight, while another keeps more than its share and cannot give it back.</summary>
public sealed class DeprivedTests
{
    private static readonly GuestVitals NoSwapLeft = new() { MemorySome = 0.5, SwapTotal = KiB.FromMiB(1024), SwapUsed = KiB.FromMiB(1024) };
    private static readonly GuestVitals Well = new() { MemorySome = 0, SwapTotal = KiB.FromMiB(1024), SwapUsed = KiB.Zero };

    [Test]
    public void They_have_what_a_third_one_idles_on_though_that_one_has_less_than_its_share()
    {
        HostBuilder host = Host(keeper: 1500, deprived: 400, idle: 600);
        Run(host, 60, keeper: 1460, deprived: 500, idle: 100);
        Assert.That(host[2].Target, Is.GreaterThan(KiB.FromMiB(540)));
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(1500)), "what is in use is not taken without swap for it");
    }

    [Test]
    public void What_they_come_to_lack_is_lent_to_nobody_who_could_not_give_it_back()
    {
        HostBuilder host = Host(keeper: 800, deprived: 800, idle: 800);
        host.Settings = host.Settings with { Spare = SpareUse.Keep };
        Run(host, 300, keeper: 2000, deprived: 600, idle: 600);
        Assert.That(host[1].Target, Is.InRange(KiB.FromMiB(800), KiB.FromMiB(960)), "its share, and three quarters of what the others do not want of theirs");
    }

    private static HostBuilder Host(long keeper, long deprived, long idle) =>
        new HostBuilder().With(1, keeper, 2048).With(2, deprived, 2048).With(3, idle, 2048).WithFree(32);

    private static void Run(HostBuilder host, int seconds, long keeper, long deprived, long idle)
    {
        for (int i = 0; i < seconds; i++) host.Passes(1).Reports(1, keeper, NoSwapLeft).Reports(2, deprived, Well).Reports(3, idle, Well).Act();
    }
}
