using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;

namespace XenBalloon.Core.Tests.Pacing;

/// <summary>How urgent it is, with a slack of 100 MiB and a pool of 400 MiB above that.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class PressureGaugeTests
{
    private readonly PressureGauge gauge = new();

    [TestCase(99, false, HostPressure.Low)]
    [TestCase(100, false, HostPressure.Tight)]
    [TestCase(199, false, HostPressure.Tight)]
    [TestCase(200, false, HostPressure.None)]
    [TestCase(99, true, HostPressure.Low)]
    [TestCase(100, true, HostPressure.Demand)]
    [TestCase(9000, true, HostPressure.Demand)]
    public void What_is_free_and_who_lacks_says_how_urgent_it_is(long free, bool lack, HostPressure pressure) =>
        Assert.That(Read(free, lack), Is.EqualTo(pressure));

    [Test]
    public void A_host_that_was_below_its_slack_has_to_be_clearly_above_it()
    {
        Read(99);
        Assert.That(Read(124), Is.EqualTo(HostPressure.Low));
        Assert.That(Read(125), Is.EqualTo(HostPressure.Tight));
        Assert.That(Read(100), Is.EqualTo(HostPressure.Tight), "not low again before it is below");
    }

    [TestCase(99)]
    [TestCase(150)]
    public void A_pool_that_was_nearly_gone_has_to_be_half_full(long before)
    {
        Read(before);
        Assert.That(Read(299), Is.EqualTo(HostPressure.Tight));
        Assert.That(Read(300), Is.EqualTo(HostPressure.None));
        Assert.That(Read(299), Is.EqualTo(HostPressure.None));
    }

    [Test]
    public void A_lack_that_is_over_leaves_nothing_behind()
    {
        Read(250, lack: true);
        Assert.That(Read(250), Is.EqualTo(HostPressure.None));
    }

    private HostPressure Read(long free, bool lack = false) => gauge.Read(KiB.FromMiB(free), KiB.FromMiB(100), KiB.FromMiB(400), lack);
}
