using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>The speed of a balloon, and when it is slow.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BalloonSpeedTests : BalloonFixture
{
    [Test]
    public void Speed_is_measured_since_the_target_changed()
    {
        Sees(0, 1000, 1000);
        Sees(1, 1000, 500);
        Assert.That(Balloon.PerSecond, Is.Null);
        Sees(3, 800, 500);
        Assert.That(Balloon.PerSecond, Is.EqualTo(100 * 1024));
        Sees(5, 760, 500);
        Assert.That(Balloon.PerSecond, Is.EqualTo(60 * 1024));
        Assert.That(Balloon.Eta!.Value.TotalSeconds, Is.EqualTo(260.0 / 60).Within(1e-6));
    }

    [Test]
    public void Move_that_ended_before_the_snapshot_gives_a_lower_bound_of_the_speed()
    {
        Sees(0, 1000, 1000);
        Sees(1, 1000, 500);
        Sees(2, 500, 500);
        Assert.That(Balloon.PerSecond, Is.EqualTo(500 * 1024));
        Sees(10, 500, 600);
        Sees(20, 600, 600);
        Assert.That(Balloon.PerSecond, Is.EqualTo(500 * 1024), "no snapshot for ten seconds");
        Assert.That(Balloon.Eta, Is.Null);
    }

    [Test]
    public void Balloon_that_moves_little_with_a_long_way_to_go_is_slow()
    {
        Sees(0, 1000, 1000);
        Sees(1, 1000, 500);
        Sees(3, 994, 500);
        Assert.That(Balloon.Health, Is.EqualTo(BalloonHealth.Cooperative), "too soon to tell");
        Sees(4, 991, 500);
        Assert.That(Balloon.Health, Is.EqualTo(BalloonHealth.Slow));
    }

    [Test]
    public void Balloon_that_moves_little_near_its_target_is_not_slow()
    {
        Sees(0, 1000, 1000);
        Sees(1, 1000, 970);
        foreach (int second in new[] { 2, 3, 4, 5, 6 }) Sees(second, 1000 - (3 * (second - 1)), 970);
        Assert.That(Balloon.Health, Is.EqualTo(BalloonHealth.Cooperative));
    }

    [Test]
    public void Guest_that_gives_its_video_memory_when_it_starts_is_not_slow()
    {
        // As an HVM guest is built: it is at its target, with its video memory above that.
        for (int second = 0; second <= 40; second++) Sees(second, 273, 256, videoRam: 16);
        for (int second = 41; second <= 60; second++) Sees(second, 256, 256, videoRam: 16);
        Assert.That(
            (Balloon.Offset, Balloon.IsResting, Balloon.Health),
            Is.EqualTo((KiB.Zero, true, BalloonHealth.Cooperative)));
    }

    [TestCase(189, 238)]
    [TestCase(1024, 512)]
    public void Guest_that_boots_while_its_target_changes_is_not_slow(long first, long target)
    {
        Sees(0, first, first);
        for (int second = 1; second <= 15; second++) Sees(second, first, target);
        Sees(16, (first + target) / 2, target);
        Sees(17, target, target);
        Assert.That((Balloon.IsResting, Balloon.Health), Is.EqualTo((true, BalloonHealth.Cooperative)));
    }

    [Test]
    public void Slow_balloon_stays_slow_unless_it_arrives_quickly()
    {
        Sees(0, 1000, 1000);
        Sees(1, 1000, 900);
        for (int second = 2; second <= 101; second++) Sees(second, 1001 - second, 900);
        Assert.That((Balloon.IsResting, Balloon.Health), Is.EqualTo((true, BalloonHealth.Slow)));
        Sees(110, 900, 800);
        Sees(111, 800, 800);
        Assert.That(Balloon.Health, Is.EqualTo(BalloonHealth.Cooperative));
    }
}
