using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;

namespace XenBalloon.Core.Tests.Pacing;

/// <summary>What is made of a balloon by watching what its domain holds follow its target.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BalloonTrackerTests
{
    private readonly BalloonTracker balloon = new();

    [TestCase(1002, true)]
    [TestCase(998, true)]
    [TestCase(1003, false)]
    [TestCase(997, false)]
    public void Within_a_few_MiB_of_its_target_a_domain_has_arrived(long holds, bool rests)
    {
        Sees(0, holds, 1000);
        Assert.That(balloon.IsResting, Is.EqualTo(rests));
    }

    [Test]
    public void It_rests_from_when_it_arrived_until_its_target_is_another()
    {
        Sees(0, 1000, 1000);
        Sees(5, 1000, 1000);
        Assert.That(balloon.RestingSince, Is.EqualTo(TimeSpan.Zero));
        Sees(6, 1000, 1001);
        Assert.That(balloon.RestingSince, Is.EqualTo(TimeSpan.FromSeconds(6)), "so near that it is there already, but anew");
        Sees(7, 1000, 800);
        Assert.That(balloon.RestingSince, Is.Null);
        Sees(9, 800, 800);
        Assert.That(balloon.RestingSince, Is.EqualTo(TimeSpan.FromSeconds(9)));
    }

    [Test]
    public void It_no_longer_rests_when_it_leaves_its_target_by_itself()
    {
        Sees(0, 1000, 1000);
        Sees(1, 900, 1000);
        Assert.That(balloon.IsResting, Is.False);
    }

    [Test]
    public void A_guest_that_rests_a_little_off_its_target_is_where_it_should_be_once_that_is_seen_for_a_while()
    {
        Sees(0, 1010, 1000);
        Sees(9, 1010, 1000);
        Assert.That((balloon.Offset, balloon.IsResting), Is.EqualTo((KiB.Zero, false)));
        Sees(10, 1010, 1000);
        Assert.That((balloon.Offset, balloon.IsResting), Is.EqualTo((KiB.FromMiB(10), true)));
    }

    [TestCase(1016, 16)]
    [TestCase(984, -16)]
    [TestCase(1017, 0)]
    [TestCase(983, 0)]
    public void A_rest_far_off_the_target_is_a_balloon_that_gave_up(long holds, long offset)
    {
        Sees(0, holds, 1000);
        Sees(10, holds, 1000);
        Assert.That(balloon.Offset, Is.EqualTo(KiB.FromMiB(offset)));
    }

    [Test]
    public void Video_memory_comes_on_top_from_the_first_look_and_a_little_more_may()
    {
        Sees(0, 1032, 1000, videoRam: 32);
        Assert.That((balloon.Offset, balloon.IsResting), Is.EqualTo((KiB.FromMiB(32), true)));
        Sees(1, 1048, 1000, videoRam: 32);
        Sees(11, 1048, 1000, videoRam: 32);
        Assert.That(balloon.Offset, Is.EqualTo(KiB.FromMiB(48)));
        Sees(12, 1049, 1000, videoRam: 32);
        Sees(22, 1049, 1000, videoRam: 32);
        Assert.That(balloon.Offset, Is.EqualTo(KiB.FromMiB(48)));
    }

    [Test]
    public void A_guest_of_another_kind_may_rest_at_its_target_in_spite_of_its_video_memory()
    {
        Sees(0, 1000, 1000, videoRam: 32);
        Assert.That(balloon.IsResting, Is.False);
        Sees(10, 1000, 1000, videoRam: 32);
        Assert.That((balloon.Offset, balloon.IsResting), Is.EqualTo((KiB.Zero, true)));
    }

    [Test]
    public void Speed_is_what_was_gone_since_the_target_changed()
    {
        Sees(0, 1000, 1000);
        Sees(1, 1000, 500);
        Assert.That(balloon.PerSecond, Is.Null);
        Sees(3, 800, 500);
        Assert.That(balloon.PerSecond, Is.EqualTo(100 * 1024));
        Sees(5, 760, 500);
        Assert.That(balloon.PerSecond, Is.EqualTo(60 * 1024));
        Assert.That(balloon.Eta!.Value.TotalSeconds, Is.EqualTo(260.0 / 60).Within(1e-6));
    }

    [Test]
    public void A_way_that_was_over_before_it_was_looked_at_was_at_least_so_fast()
    {
        Sees(0, 1000, 1000);
        Sees(1, 1000, 500);
        Sees(2, 500, 500);
        Assert.That(balloon.PerSecond, Is.EqualTo(500 * 1024));
        Sees(10, 500, 600);
        Sees(20, 600, 600);
        Assert.That(balloon.PerSecond, Is.EqualTo(500 * 1024), "nobody looked for ten seconds");
        Assert.That(balloon.Eta, Is.Null);
    }

    [Test]
    public void A_balloon_that_moves_little_for_seconds_with_a_long_way_to_go_is_slow()
    {
        Sees(0, 1000, 1000);
        Sees(1, 1000, 500);
        Sees(3, 994, 500);
        Assert.That(balloon.Health, Is.EqualTo(BalloonHealth.Cooperative), "too soon to tell");
        Sees(4, 991, 500);
        Assert.That(balloon.Health, Is.EqualTo(BalloonHealth.Slow));
    }

    [Test]
    public void A_balloon_that_moves_little_and_is_nearly_there_holds_nobody_up()
    {
        Sees(0, 1000, 1000);
        Sees(1, 1000, 970);
        foreach (int second in new[] { 2, 3, 4, 5, 6 }) Sees(second, 1000 - (3 * (second - 1)), 970);
        Assert.That(balloon.Health, Is.EqualTo(BalloonHealth.Cooperative));
    }

    [Test]
    public void A_slow_balloon_that_arrives_slowly_stays_slow_and_one_that_arrives_quickly_is_well()
    {
        Sees(0, 1000, 1000);
        Sees(1, 1000, 900);
        for (int second = 2; second <= 101; second++) Sees(second, 1001 - second, 900);
        Assert.That((balloon.IsResting, balloon.Health), Is.EqualTo((true, BalloonHealth.Slow)));
        Sees(110, 900, 800);
        Sees(111, 800, 800);
        Assert.That(balloon.Health, Is.EqualTo(BalloonHealth.Cooperative));
    }

    [Test]
    public void A_balloon_that_stands_still_on_its_way_for_longer_than_a_driver_waits_is_stuck_and_left_in_peace_for_a_minute()
    {
        Sees(0, 1000, 500);
        Sees(19, 1000, 500);
        Assert.That((balloon.Health, balloon.StuckUntil), Is.EqualTo((BalloonHealth.Unknown, (TimeSpan?)null)));
        Sees(20, 1000, 500);
        Assert.That((balloon.Health, balloon.StuckUntil), Is.EqualTo((BalloonHealth.Stuck, (TimeSpan?)TimeSpan.FromSeconds(80))));
    }

    [Test]
    public void Each_time_that_it_is_found_stuck_again_it_is_left_in_peace_for_twice_as_long_up_to_an_hour()
    {
        Sees(0, 1000, 500);
        double now = 20;
        foreach (int minutes in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            Sees(now, 1000, 500);
            Assert.That(balloon.StuckUntil, Is.EqualTo(TimeSpan.FromSeconds(now) + TimeSpan.FromMinutes(minutes)));
            Assert.That(balloon.IsStuckAnew, Is.EqualTo(minutes > 1));
            now += 60 * minutes;
            Sees(now - 1, 1000, 500);
            Assert.That(balloon.IsStuckAnew, Is.False);
        }
    }

    [Test]
    public void A_stuck_balloon_whose_target_comes_to_it_stays_in_peace()
    {
        Stick();
        Sees(21, 1000, 1000);
        Assert.That((balloon.Health, balloon.IsResting), Is.EqualTo((BalloonHealth.Stuck, true)));
        Sees(80, 1000, 1000);
        Assert.That((balloon.Health, balloon.StuckUntil), Is.EqualTo((BalloonHealth.Cooperative, (TimeSpan?)null)));
    }

    [Test]
    public void A_stuck_balloon_that_arrives_by_itself_is_well_at_once_and_its_past_is_forgotten()
    {
        Stick();
        Sees(30, 500, 500);
        Assert.That((balloon.Health, balloon.StuckUntil), Is.EqualTo((BalloonHealth.Cooperative, (TimeSpan?)null)));
        Sees(40, 500, 900);
        Sees(60, 500, 900);
        Assert.That(balloon.StuckUntil, Is.EqualTo(TimeSpan.FromSeconds(120)), "a minute again");
    }

    [Test]
    public void A_stuck_balloon_that_only_had_its_target_moved_to_it_has_a_past()
    {
        Stick();
        Sees(21, 1000, 1000);
        Sees(81, 1000, 1000);
        Sees(90, 1000, 500);
        Sees(110, 1000, 500);
        Assert.That(balloon.StuckUntil, Is.EqualTo(TimeSpan.FromSeconds(110 + 120)), "two minutes this time");
    }

    [Test]
    public void The_target_before_several_steps_up_is_remembered_until_the_balloon_has_answered()
    {
        Sees(0, 500, 500);
        balloon.OnGrown(KiB.FromMiB(500), TimeSpan.FromSeconds(1));
        Sees(2, 500, 600);
        balloon.OnGrown(KiB.FromMiB(600), TimeSpan.FromSeconds(2));
        Sees(3, 500, 700);
        Assert.That((balloon.GrewFrom, balloon.GrewAt), Is.EqualTo(((KiB?)KiB.FromMiB(500), (TimeSpan?)TimeSpan.FromSeconds(2))));
        Sees(4, 700, 700);
        Assert.That(balloon.GrewFrom, Is.Null);
    }

    [Test]
    public void It_is_still_since_neither_its_target_nor_what_it_holds_has_changed()
    {
        Sees(0, 500, 500);
        Sees(5, 500, 500);
        Assert.That(balloon.StillSince, Is.EqualTo(TimeSpan.Zero));
        Sees(6, 500, 600);
        Sees(7, 500, 600);
        Assert.That(balloon.StillSince, Is.EqualTo(TimeSpan.FromSeconds(6)));
        Sees(8, 520, 600);
        Sees(9, 520, 600);
        Assert.That(balloon.StillSince, Is.EqualTo(TimeSpan.FromSeconds(8)));
    }

    [Test]
    public void A_cap_is_still_since_nothing_at_all_has_changed()
    {
        Sees(0, 500, 500);
        Sees(3, 500, 500, maxMem: 700);
        Assert.That((balloon.StillSince, balloon.CapStillSince), Is.EqualTo((TimeSpan.Zero, TimeSpan.FromSeconds(3))));
        Sees(4, 510, 500, maxMem: 700);
        Assert.That(balloon.CapStillSince, Is.EqualTo(TimeSpan.FromSeconds(4)));
        Sees(5, 510, 505, maxMem: 700);
        Sees(6, 510, 505, maxMem: 700);
        Assert.That(balloon.CapStillSince, Is.EqualTo(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public void A_domain_without_a_target_is_not_on_its_way_anywhere()
    {
        for (int second = 0; second < 60; second++) Sees(second, 500, null);
        Assert.That((balloon.Health, balloon.IsResting, balloon.Eta), Is.EqualTo((BalloonHealth.Unknown, false, (TimeSpan?)null)));
    }

    private void Stick()
    {
        Sees(0, 1000, 500);
        Sees(20, 1000, 500);
        Assert.That(balloon.Health, Is.EqualTo(BalloonHealth.Stuck));
    }

    private void Sees(double second, long holds, long? target, long videoRam = 0, long maxMem = 2048) => balloon.Observe(
        new DomainSnapshot
        {
            Identity = new DomainIdentity(1, HostBuilder.Uuid(1)),
            Actual = KiB.FromMiB(holds),
            Target = target is { } mib ? KiB.FromMiB(mib) : null,
            MaxMem = KiB.FromMiB(maxMem),
            VideoRam = KiB.FromMiB(videoRam),
        },
        hurts: false,
        TimeSpan.FromSeconds(second));
}
