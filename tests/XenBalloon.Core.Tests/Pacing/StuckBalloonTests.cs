using XenBalloon.Core.Domains;

namespace XenBalloon.Core.Tests.Pacing;

/// <summary>When a balloon is stuck, for how long it is left in peace, and when it is well again.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class StuckBalloonTests : BalloonTests
{
    [Test]
    public void A_balloon_that_stands_still_on_its_way_for_longer_than_a_driver_waits_is_stuck_and_left_in_peace_for_a_minute()
    {
        Sees(0, 1000, 500);
        Sees(19, 1000, 500);
        Assert.That((Balloon.Health, Balloon.StuckUntil), Is.EqualTo((BalloonHealth.Unknown, (TimeSpan?)null)));
        Sees(20, 1000, 500);
        Assert.That((Balloon.Health, Balloon.StuckUntil), Is.EqualTo((BalloonHealth.Stuck, (TimeSpan?)TimeSpan.FromSeconds(80))));
    }

    [Test]
    public void Each_time_that_it_is_found_stuck_again_it_is_left_in_peace_for_twice_as_long_up_to_an_hour()
    {
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
    public void A_stuck_balloon_whose_target_comes_to_it_stays_in_peace()
    {
        Stick();
        Sees(21, 1000, 1000);
        Assert.That((Balloon.Health, Balloon.IsResting), Is.EqualTo((BalloonHealth.Stuck, true)));
        Sees(80, 1000, 1000);
        Assert.That((Balloon.Health, Balloon.StuckUntil), Is.EqualTo((BalloonHealth.Cooperative, (TimeSpan?)null)));
    }

    [Test]
    public void A_stuck_balloon_that_arrives_by_itself_is_well_at_once_and_its_past_is_forgotten()
    {
        Stick();
        Sees(30, 500, 500);
        Assert.That((Balloon.Health, Balloon.StuckUntil), Is.EqualTo((BalloonHealth.Cooperative, (TimeSpan?)null)));
        Sees(40, 500, 900);
        Sees(60, 500, 900);
        Assert.That(Balloon.StuckUntil, Is.EqualTo(TimeSpan.FromSeconds(120)), "a minute again");
    }

    [Test]
    public void A_stuck_balloon_that_only_had_its_target_moved_to_it_has_a_past()
    {
        Stick();
        Sees(21, 1000, 1000);
        Sees(81, 1000, 1000);
        Sees(90, 1000, 500);
        Sees(110, 1000, 500);
        Assert.That(Balloon.StuckUntil, Is.EqualTo(TimeSpan.FromSeconds(110 + 120)), "two minutes this time");
    }

    private void Stick()
    {
        Sees(0, 1000, 500);
        Sees(20, 1000, 500);
        Assert.That(Balloon.Health, Is.EqualTo(BalloonHealth.Stuck));
    }
}
