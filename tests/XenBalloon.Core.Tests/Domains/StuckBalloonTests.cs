using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>When a balloon is stuck, when it is retried, and when it is cooperative again.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class StuckBalloonTests : BalloonFixture
{
    [Test]
    public void Balloon_that_is_still_for_longer_than_the_driver_backs_off_is_stuck_for_a_minute()
    {
        Answers();
        Sees(0, 1000, 500);
        Sees(19, 1000, 500);
        Assert.That((Balloon.Health, Balloon.StuckUntil), Is.EqualTo((BalloonHealth.Cooperative, (TimeSpan?)null)));
        Sees(20, 1000, 500);
        Assert.That(
            (Balloon.Health, Balloon.StuckUntil),
            Is.EqualTo((BalloonHealth.Stuck, (TimeSpan?)TimeSpan.FromSeconds(80))));
    }

    [Test]
    public void Balloon_that_never_moved_is_tried_again_after_an_hour()
    {
        Sees(0, 1000, 1000);
        Sees(1, 1000, 500);
        Sees(20, 1000, 500);
        Assert.That((Balloon.Health, Balloon.StuckUntil), Is.EqualTo((BalloonHealth.Cooperative, (TimeSpan?)null)));
        Sees(21, 1000, 500);
        Assert.That(Balloon.StuckUntil, Is.EqualTo(TimeSpan.FromSeconds(21) + TimeSpan.FromHours(1)));
    }

    [Test]
    public void Balloon_that_never_moved_is_tried_after_longer_each_time()
    {
        double now = 0;
        foreach (int hours in new[] { 1, 2, 4, 8, 16, 24, 24 })
        {
            Sees(now, 1024, 1024);
            Sees(now + 1, 1024, 500);
            Sees(now + 21, 1024, 500);
            Assert.That(
                Balloon.FloorUntil, Is.EqualTo(TimeSpan.FromSeconds(now + 21) + TimeSpan.FromHours(hours)));
            Sees(now + 22, 1024, 1024);
            now += 22 + (hours * 3600);
        }
    }

    [Test]
    public void Step_that_a_shim_would_not_follow_counts_as_followed_for_a_minute()
    {
        Sees(0, 2048, 2048);
        Sees(1, 2048, 2048, total: 1748);
        Sees(2, 2048, 1748);
        Sees(12, 2048, 1748);
        Assert.That((Balloon.IsResting, Balloon.IsOffsetMeasured), Is.EqualTo((true, false)));
        Assert.That(Balloon.TellingStep, Is.EqualTo(KiB.FromMiB(16)));
        Sees(61, 2048, 1748);
        Assert.That(Balloon.IsResting, Is.True);
        Sees(62, 2048, 1748);
        Assert.That((Balloon.Health, Balloon.Offset), Is.EqualTo((BalloonHealth.Stuck, KiB.Zero)));
        Assert.That(Balloon.FloorUntil, Is.EqualTo(TimeSpan.FromSeconds(62 + 60)), "it shows nothing");
    }

    [Test]
    public void Step_that_a_shim_would_have_followed_is_unanswered()
    {
        Sees(0, 2048, 2048);
        Sees(1, 2048, 2048, total: 1748);
        Sees(2, 2048, 1748);
        Sees(12, 2048, 1748);
        Sees(13, 2048, 1747);
        Sees(33, 2048, 1747);
        Assert.That((Balloon.Health, Balloon.Offset), Is.EqualTo((BalloonHealth.Stuck, KiB.Zero)));
        Assert.That(Balloon.FloorUntil, Is.EqualTo(TimeSpan.FromSeconds(33) + TimeSpan.FromHours(1)));
    }

    [Test]
    public void Shim_that_follows_when_the_steps_exceed_what_it_keeps_has_an_offset()
    {
        Sees(0, 2048, 2048);
        Sees(1, 2048, 2048, total: 1698);
        Sees(2, 2048, 1900);
        Sees(12, 2048, 1900);
        Sees(13, 1986, 1686);
        Sees(23, 1986, 1686);
        Assert.That((Balloon.Offset, Balloon.IsResting), Is.EqualTo((KiB.FromMiB(300), true)));
        Sees(24, 1700, 1400);
        Sees(34, 1700, 1400);
        Assert.That((Balloon.Offset, Balloon.IsOffsetMeasured), Is.EqualTo((KiB.FromMiB(300), true)));
    }

    [TestCase(1748L, 316)]
    [TestCase(null, 272)]
    public void Balloon_that_never_moved_is_tried_by_more_than_a_shim_may_keep(long? total, long step)
    {
        Sees(0, 2048, 2048);
        Sees(1, 2048, 2048, total: total);
        Sees(2, 2048, 1500);
        Assert.That(Balloon.TellingStep, Is.Null);
        Sees(22, 2048, 1500);
        Assert.That(Balloon.TellingStep, Is.EqualTo(KiB.FromMiB(step)));
    }

    [Test]
    public void Total_of_a_moving_balloon_does_not_show_what_a_shim_keeps()
    {
        Sees(0, 2048, 2048);
        Sees(1, 2048, 2048, total: 1948);
        Sees(2, 2049, 1500, total: 1500);
        Sees(22, 2049, 1500);
        Assert.That(Balloon.TellingStep, Is.EqualTo(KiB.FromMiB(116)));
    }

    [Test]
    public void Balloon_that_once_moved_is_tried_by_any_step()
    {
        Stick();
        Assert.That(Balloon.TellingStep, Is.Null);
    }

    [Test]
    public void Stalled_domain_is_not_shrunk_sooner()
    {
        Stick();
        Sees(21, 1000, 1000);
        Sees(50, 1000, 1000, isStalled: true);
        Assert.That(Balloon.FloorUntil, Is.EqualTo(TimeSpan.FromSeconds(80)));
    }

    [Test]
    public void Balloon_that_failed_to_shrink_can_grow()
    {
        Stick();
        Sees(21, 1000, 1000);
        Sees(22, 1000, 1200);
        Assert.That(Balloon.IsStuck(TimeSpan.FromSeconds(22)), Is.False);
        Sees(23, 1200, 1200);
        Assert.That(
            (Balloon.Health, Balloon.Floor), Is.EqualTo((BalloonHealth.Cooperative, (KiB?)KiB.FromMiB(1000))));
    }

    [TestCase(998, true)]
    [TestCase(997, false)]
    public void Balloon_that_shrank_below_its_floor_has_none(long holds, bool hasFloor)
    {
        Stick();
        Sees(21, holds, 500);
        Assert.That(Balloon.Floor is not null, Is.EqualTo(hasFloor));
    }

    [Test]
    public void Retry_interval_doubles_up_to_an_hour()
    {
        Answers();
        Sees(0, 1000, 500);
        double now = 20;
        foreach (int minutes in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            Sees(now, 1000, 500);
            Assert.That(Balloon.StuckUntil, Is.EqualTo(TimeSpan.FromSeconds(now) + TimeSpan.FromMinutes(minutes)));
            Assert.That(Balloon.IsStuckAgain, Is.EqualTo(minutes > 1));
            now += 60 * minutes;
            Sees(now - 1, 1000, 500);
            Assert.That(Balloon.IsStuckAgain, Is.False);
        }
    }

    [Test]
    public void Stuck_balloon_whose_target_moves_to_its_size_stays_stuck()
    {
        Stick();
        Sees(21, 1000, 1000);
        Assert.That((Balloon.Health, Balloon.IsResting), Is.EqualTo((BalloonHealth.Stuck, true)));
        Sees(80, 1000, 1000);
        Assert.That((Balloon.Health, Balloon.StuckUntil), Is.EqualTo((BalloonHealth.Cooperative, (TimeSpan?)null)));
    }

    [Test]
    public void Stuck_balloon_that_arrives_by_itself_is_cooperative_and_its_retry_interval_resets()
    {
        Stick();
        Sees(30, 500, 500);
        Assert.That((Balloon.Health, Balloon.StuckUntil), Is.EqualTo((BalloonHealth.Cooperative, (TimeSpan?)null)));
        Sees(40, 500, 900);
        Sees(60, 500, 900);
        Assert.That(Balloon.StuckUntil, Is.EqualTo(TimeSpan.FromSeconds(120)), "a minute again");
    }

    [Test]
    public void Retry_interval_is_kept_if_only_the_target_moved()
    {
        Stick();
        Sees(21, 1000, 1000);
        Sees(81, 1000, 1000);
        Sees(90, 1000, 500);
        Sees(110, 1000, 500);
        Assert.That(Balloon.StuckUntil, Is.EqualTo(TimeSpan.FromSeconds(110 + 120)), "two minutes this time");
    }

    private void Answers()
    {
        Sees(-30, 1100, 1100);
        Sees(-29, 1000, 1000);
    }

    private void Stick()
    {
        Answers();
        Sees(0, 1000, 500);
        Sees(20, 1000, 500);
        Assert.That(Balloon.Health, Is.EqualTo(BalloonHealth.Stuck));
    }
}
