using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class MomTests
{
    /// <summary>In MiB, between 1024 and 8192.</summary>
    [TestCase(0.10, 4096, 2048, 3891.2)]
    [TestCase(0.10, 4096, 500, 4005.6)]
    [TestCase(0.30, 8180, 100, null)]
    [TestCase(0.30, 4096, 2048, 4300.8)]
    [TestCase(0.30, 4096, 100, 4815.2)]
    [TestCase(0.10, 4096, 409, null, Description = "a guest that uses nearly all is left alone")]
    [TestCase(0.01, 4096, 100, 3891.2, Description = "when it is critical it is shrunk below its use")]
    public void Guest_shrinks_while_the_host_is_short_and_grows_otherwise(
        double hostFree, int current, int unused, double? expected)
    {
        var guest =
            new MomGuest(KiB.FromMiB(current), KiB.FromMiB(current - unused), KiB.FromMiB(1024), KiB.FromMiB(8192));
        double? target = BalloonRules.Target(guest, hostFree) is { } size ? Math.Round(size.Value / 1024.0, 1) : null;
        Assert.That(target, Is.EqualTo(expected));
    }

    [Test]
    public void Only_the_last_ten_samples_count()
    {
        var average = new SampleAverage();
        average.Add(1000);
        for (int sample = 1; sample <= 10; sample++) average.Add(sample);
        Assert.That(average.Mean, Is.EqualTo(5.5));
    }

    [Test]
    public void All_guests_grow_without_need_while_the_host_has_enough()
    {
        using var run = new PeerRun(PeerRun.Crowded(PeerRun.Guest("one"), PeerRun.Guest("other")), "mom");
        run.Run(30);
        double early = run.TargetMiB("one");
        run.Run(170);
        Assert.Multiple(() =>
        {
            Assert.That(early, Is.InRange(512 * 1.05, 512 * 1.2 * 1.2 * 1.2));
            Assert.That(run.Now.Free.Value / (double)run.Now.Total.Value, Is.InRange(0.05, 0.3));
        });
    }
}
