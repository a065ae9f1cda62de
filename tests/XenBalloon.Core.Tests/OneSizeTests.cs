using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>Domains whose minimum is their maximum.</summary>
public sealed class OneSizeTests
{
    [TestCase(512)]
    [TestCase(1500)]
    public void It_is_brought_to_the_one_size_that_it_may_have_and_left_there(int mib)
    {
        HostBuilder host = OnlyOneSize(mib, 1024);
        host.Run(120, (1, 300));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.NoRange));
    }

    [Test]
    public void It_is_not_taken_below_what_it_uses()
    {
        HostBuilder host = OnlyOneSize(1500, 1024);
        host.Run(120, (1, 1300));
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(1300)));
    }

    [Test]
    public void Where_it_has_that_size_nothing_is_done()
    {
        HostBuilder host = OnlyOneSize(1024, 1024);
        for (int i = 0; i < 60; i++) Assert.That(host.Passes(1).Reports(1, 1000).Decide().Commands, Is.Empty);
    }

    private static HostBuilder OnlyOneSize(int mib, int onlyMib)
    {
        HostBuilder host = new HostBuilder().With(1, mib, 2048).WithFree(1000);
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Minimum = KiB.FromMiB(onlyMib), Maximum = KiB.FromMiB(onlyMib) })] };
        return host;
    }
}
