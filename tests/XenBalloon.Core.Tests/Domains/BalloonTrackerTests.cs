using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>A balloon seen through its domain's size and target.</summary>
public abstract class BalloonTrackerTests
{
    private protected BalloonTracker Balloon { get; } = new();

    private protected void Sees(
        double second, long holds, long? target, long videoRam = 0, long maxMem = 2048, bool isStalled = false) =>
        Balloon.Observe(
        new DomainSnapshot
        {
            Identity = new DomainIdentity(1, HostBuilder.Uuid(1)),
            Actual = KiB.FromMiB(holds),
            Target = target is { } mib ? KiB.FromMiB(mib) : null,
            MaxMem = KiB.FromMiB(maxMem),
            VideoRam = KiB.FromMiB(videoRam),
        },
        isStalled,
        TimeSpan.FromSeconds(second));
}

/// <summary>When a domain is at its target, and its constant offset.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BalloonRestTests : BalloonTrackerTests
{
    [TestCase(1002, true)]
    [TestCase(998, true)]
    [TestCase(1003, false)]
    [TestCase(997, false)]
    public void Domain_within_a_few_MiB_of_its_target_rests(long holds, bool rests)
    {
        Sees(0, holds, 1000);
        Assert.That(Balloon.IsResting, Is.EqualTo(rests));
    }

    [Test]
    public void Domain_rests_from_arrival_until_its_target_changes()
    {
        Sees(0, 1000, 1000);
        Sees(5, 1000, 1000);
        Assert.That(Balloon.RestingSince, Is.EqualTo(TimeSpan.Zero));
        Sees(6, 1000, 1001);
        Assert.That(
            Balloon.RestingSince, Is.EqualTo(TimeSpan.FromSeconds(6)), "within the tolerance, but a new rest");
        Sees(7, 1000, 800);
        Assert.That(Balloon.RestingSince, Is.Null);
        Sees(9, 800, 800);
        Assert.That(Balloon.RestingSince, Is.EqualTo(TimeSpan.FromSeconds(9)));
    }

    [Test]
    public void Domain_that_leaves_its_target_does_not_rest()
    {
        Sees(0, 1000, 1000);
        Sees(1, 900, 1000);
        Assert.That(Balloon.IsResting, Is.False);
    }

    [Test]
    public void Small_constant_difference_becomes_the_offset_after_a_while()
    {
        Sees(0, 1010, 1000);
        Sees(9, 1010, 1000);
        Assert.That((Balloon.Offset, Balloon.IsResting), Is.EqualTo((KiB.Zero, false)));
        Sees(10, 1010, 1000);
        Assert.That((Balloon.Offset, Balloon.IsResting), Is.EqualTo((KiB.FromMiB(10), true)));
    }

    [TestCase(1016, 16)]
    [TestCase(984, -16)]
    [TestCase(1017, 0)]
    [TestCase(983, 0)]
    public void Large_difference_after_a_target_change_is_not_an_offset(long holds, long offset)
    {
        Sees(0, 1000, 900);
        Sees(1, 950, 1000);
        Sees(2, holds, 1000);
        Sees(12, holds, 1000);
        Assert.That(Balloon.Offset, Is.EqualTo(KiB.FromMiB(offset)));
    }

    [TestCase(1125, 125)]
    [TestCase(1126, 0)]
    [TestCase(984, -16)]
    [TestCase(983, 0)]
    public void Offset_at_the_first_target_may_be_up_to_an_eighth(long holds, long offset)
    {
        Sees(0, holds, 1000);
        Sees(9, holds, 1000);
        Assert.That(Balloon.Offset, Is.EqualTo(KiB.Zero));
        Sees(10, holds, 1000);
        Assert.That(Balloon.Offset, Is.EqualTo(KiB.FromMiB(offset)));
    }

    [Test]
    public void Initial_offset_applies_to_every_later_target()
    {
        Sees(0, 1068, 1000);
        Sees(10, 1068, 1000);
        Sees(11, 1068, 800);
        Sees(12, 868, 800);
        Assert.That(Balloon.IsResting, Is.True);
        Sees(22, 868, 800);
        Assert.That(Balloon.Offset, Is.EqualTo(KiB.FromMiB(68)));
    }

    [Test]
    public void Video_memory_is_the_offset_from_the_start_and_may_be_exceeded_a_little()
    {
        Sees(0, 1032, 1000, videoRam: 32);
        Assert.That((Balloon.Offset, Balloon.IsResting), Is.EqualTo((KiB.FromMiB(32), true)));
        Sees(1, 1032, 900, videoRam: 32);
        Sees(2, 948, 900, videoRam: 32);
        Sees(12, 948, 900, videoRam: 32);
        Assert.That(Balloon.Offset, Is.EqualTo(KiB.FromMiB(48)));
        Sees(13, 949, 900, videoRam: 32);
        Sees(23, 949, 900, videoRam: 32);
        Assert.That(Balloon.Offset, Is.EqualTo(KiB.FromMiB(48)));
    }

    [Test]
    public void Guest_may_rest_at_its_target_despite_video_memory()
    {
        Sees(0, 1000, 1000, videoRam: 32);
        Assert.That(Balloon.IsResting, Is.False);
        Sees(10, 1000, 1000, videoRam: 32);
        Assert.That((Balloon.Offset, Balloon.IsResting), Is.EqualTo((KiB.Zero, true)));
    }

    [Test]
    public void Target_before_growth_is_remembered_until_the_balloon_answers()
    {
        Sees(0, 500, 500);
        Balloon.OnGrown(KiB.FromMiB(500), TimeSpan.FromSeconds(1));
        Sees(2, 500, 600);
        Balloon.OnGrown(KiB.FromMiB(600), TimeSpan.FromSeconds(2));
        Sees(3, 500, 700);
        Assert.That(
            (Balloon.GrewFrom, Balloon.GrewAt),
            Is.EqualTo(((KiB?)KiB.FromMiB(500), (TimeSpan?)TimeSpan.FromSeconds(2))));
        Sees(4, 700, 700);
        Assert.That(Balloon.GrewFrom, Is.Null);
    }

    [Test]
    public void Still_time_starts_at_the_last_change_of_target_or_size()
    {
        Sees(0, 500, 500);
        Sees(5, 500, 500);
        Assert.That(Balloon.StillSince, Is.EqualTo(TimeSpan.Zero));
        Sees(6, 500, 600);
        Sees(7, 500, 600);
        Assert.That(Balloon.StillSince, Is.EqualTo(TimeSpan.FromSeconds(6)));
        Sees(8, 520, 600);
        Sees(9, 520, 600);
        Assert.That(Balloon.StillSince, Is.EqualTo(TimeSpan.FromSeconds(8)));
    }

    [Test]
    public void Cap_still_time_starts_at_the_last_change_of_cap_target_or_size()
    {
        Sees(0, 500, 500);
        Sees(3, 500, 500, maxMem: 700);
        Assert.That((Balloon.StillSince, Balloon.CapStillSince), Is.EqualTo((TimeSpan.Zero, TimeSpan.FromSeconds(3))));
        Sees(4, 510, 500, maxMem: 700);
        Assert.That(Balloon.CapStillSince, Is.EqualTo(TimeSpan.FromSeconds(4)));
        Sees(5, 510, 505, maxMem: 700);
        Sees(6, 510, 505, maxMem: 700);
        Assert.That(Balloon.CapStillSince, Is.EqualTo(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public void Domain_without_a_target_is_not_moving()
    {
        for (int second = 0; second < 60; second++) Sees(second, 500, null);
        Assert.That(
            (Balloon.Health, Balloon.IsResting, Balloon.Eta),
            Is.EqualTo((BalloonHealth.Unknown, false, (TimeSpan?)null)));
    }
}

/// <summary>A large constant offset, such as what a PV shim keeps for itself, and what only looks like one.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LargeOffsetTests : BalloonTrackerTests
{
    [Test]
    public void Difference_after_the_first_move_is_assumed_to_be_the_offset()
    {
        Sees(0, 2048, 2048);
        Sees(1, 2048, 1500);
        Sees(2, 1800, 1500);
        Sees(11, 1800, 1500);
        Assert.That((Balloon.IsResting, Balloon.IsOffsetAssumed), Is.EqualTo((false, false)));
        Sees(12, 1800, 1500);
        Assert.That((Balloon.IsResting, Balloon.IsOffsetAssumed), Is.EqualTo((true, true)));
        Assert.That((Balloon.Offset, Balloon.IsOffsetMeasured), Is.EqualTo((KiB.FromMiB(300), false)));
        Assert.That(Balloon.SmallStep, Is.Not.Null);
    }

    [TestCase(1470, 1770)]
    [TestCase(1700, 2000)]
    public void Offset_is_confirmed_when_the_size_changes_with_the_target(long target, long holds)
    {
        Assume();
        Sees(13, 1800, target);
        Sees(14, holds, target);
        Sees(24, holds, target);
        Assert.That((Balloon.Offset, Balloon.IsOffsetMeasured), Is.EqualTo((KiB.FromMiB(300), true)));
        Assert.That((Balloon.SmallStep, Balloon.Health), Is.EqualTo(((KiB?)null, BalloonHealth.Cooperative)));
    }

    [TestCase(1470, 1800)]
    [TestCase(1470, 1790)]
    [TestCase(1700, 1800)]
    public void Balloon_that_gave_up_on_the_way_is_found_out_at_the_next_target(long target, long holds)
    {
        Assume();
        Sees(13, 1800, target);
        Sees(14, holds, target);
        Sees(24, holds, target);
        Assert.That((Balloon.Offset, Balloon.IsOffsetMeasured), Is.EqualTo((KiB.Zero, false)));
        Assert.That((Balloon.Health, Balloon.Floor), Is.EqualTo((BalloonHealth.Stuck, (KiB?)KiB.FromMiB(holds))));
    }

    [Test]
    public void Balloon_that_goes_on_after_a_pause_has_no_offset()
    {
        Assume();
        Sees(13, 1700, 1500);
        Sees(15, 1500, 1500);
        Sees(25, 1500, 1500);
        Assert.That((Balloon.Offset, Balloon.IsOffsetMeasured), Is.EqualTo((KiB.Zero, true)));
    }

    [Test]
    public void Balloon_that_gave_up_once_is_not_believed_again()
    {
        Assume();
        Sees(13, 1800, 1470);
        Sees(23, 1800, 1470);
        Sees(24, 1800, 1000);
        Sees(25, 1400, 1000);
        Sees(35, 1400, 1000);
        Assert.That((Balloon.Offset, Balloon.IsOffsetAssumed), Is.EqualTo((KiB.Zero, false)));
    }

    [Test]
    public void Small_steps_that_find_no_answer_go_on_until_the_balloon_follows()
    {
        Sees(0, 2048, 2048);
        Sees(1, 2048, 2000);
        Sees(11, 2048, 2000);
        Assert.That((Balloon.IsOffsetAssumed, Balloon.IsResting), Is.EqualTo((true, true)));
        Sees(12, 2048, 1968);
        Sees(22, 2048, 1968);
        Assert.That(Balloon.Offset, Is.EqualTo(KiB.FromMiB(80)));
        Sees(23, 2048, 1936);
        Sees(24, 2036, 1936);
        Sees(34, 2036, 1936);
        Assert.That((Balloon.Offset, Balloon.IsOffsetAssumed), Is.EqualTo((KiB.FromMiB(100), true)));
        Sees(35, 2036, 1904);
        Sees(36, 2004, 1904);
        Sees(46, 2004, 1904);
        Assert.That((Balloon.Offset, Balloon.IsOffsetMeasured), Is.EqualTo((KiB.FromMiB(100), true)));
    }

    [Test]
    public void Small_steps_that_find_no_answer_end_after_an_eighth_or_a_minute([Values] bool waits)
    {
        Sees(0, 2048, 2048);
        Sees(1, 2048, 2000);
        Sees(11, 2048, 2000);
        if (waits) Sees(61, 2048, 2000);
        else Sees(12, 2048, 1800);
        Sees(81, 2048, waits ? 2000 : 1800);
        Assert.That(Balloon.Floor, Is.EqualTo(KiB.FromMiB(2048)));
        Assert.That((Balloon.Offset, Balloon.Health), Is.EqualTo((KiB.Zero, BalloonHealth.Stuck)));
    }

    [Test]
    public void Change_of_the_target_that_is_too_small_to_tell_proves_nothing()
    {
        Assume();
        Sees(13, 1800, 1501);
        Sees(23, 1800, 1501);
        Assert.That(Balloon.IsOffsetAssumed, Is.True);
    }

    private void Assume()
    {
        Sees(0, 2048, 2048);
        Sees(1, 2048, 1500);
        Sees(2, 1800, 1500);
        Sees(12, 1800, 1500);
    }
}

/// <summary>The speed of a balloon, and when it is slow.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BalloonSpeedTests : BalloonTrackerTests
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

/// <summary>The size that a guest failed to grow beyond.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class CeilingTests : BalloonTrackerTests
{
    [Test]
    public void Balloon_that_stops_below_its_target_has_a_ceiling()
    {
        Sees(0, 500, 900);
        Sees(19, 500, 900);
        Assert.That(Balloon.Ceiling, Is.Null);
        Sees(20, 500, 900);
        Assert.That(Balloon.Ceiling, Is.EqualTo(KiB.FromMiB(500)));
    }

    [Test]
    public void Balloon_that_does_not_shrink_has_no_ceiling()
    {
        Sees(0, 900, 500);
        Sees(20, 900, 500);
        Assert.That((Balloon.Health, Balloon.Ceiling), Is.EqualTo((BalloonHealth.Stuck, (KiB?)null)));
    }

    [Test]
    public void Balloon_at_its_ceiling_is_cooperative_and_retried_like_a_stuck_one()
    {
        FindCeiling();
        Sees(21, 500, 500);
        Assert.That(Balloon.Health, Is.EqualTo(BalloonHealth.Cooperative));
        Assert.That(Balloon.StuckUntil, Is.EqualTo(TimeSpan.FromSeconds(80)));
    }

    [Test]
    public void Ceiling_is_remembered_while_the_guest_moves_below_it()
    {
        FindCeiling();
        Sees(21, 500, 300);
        Sees(22, 300, 300);
        Sees(23, 300, 500);
        Sees(24, 500, 500);
        Assert.That(Balloon.Ceiling, Is.EqualTo(KiB.FromMiB(500)));
    }

    [TestCase(502, true)]
    [TestCase(503, false)]
    public void Guest_that_grew_beyond_its_ceiling_has_none(long holds, bool hasCeiling)
    {
        FindCeiling();
        Sees(21, holds, 900);
        Assert.That(Balloon.Ceiling is not null, Is.EqualTo(hasCeiling));
        Assert.That(Balloon.StuckUntil is not null, Is.EqualTo(hasCeiling));
    }

    [Test]
    public void Retry_interval_at_the_ceiling_doubles_with_each_failure()
    {
        FindCeiling();
        Sees(21, 500, 500);
        Sees(80, 500, 900);
        Sees(100, 500, 900);
        Assert.That(Balloon.StuckUntil, Is.EqualTo(TimeSpan.FromSeconds(100 + 120)));
    }

    private void FindCeiling()
    {
        Sees(0, 500, 900);
        Sees(20, 500, 900);
    }
}

/// <summary>When a balloon is stuck, when it is retried, and when it is cooperative again.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class StuckBalloonTests : BalloonTrackerTests
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
        Sees(0, 1000, 500);
        Sees(19, 1000, 500);
        Assert.That((Balloon.Health, Balloon.StuckUntil), Is.EqualTo((BalloonHealth.Unknown, (TimeSpan?)null)));
        Sees(20, 1000, 500);
        Assert.That(Balloon.StuckUntil, Is.EqualTo(TimeSpan.FromSeconds(20) + TimeSpan.FromHours(1)));
    }

    [Test]
    public void Balloon_that_never_moved_is_tried_by_more_and_after_longer_each_time()
    {
        var steps = new List<double>();
        double now = 0;
        foreach (int hours in new[] { 1, 2, 4, 8, 16, 24, 24 })
        {
            Sees(now, 1024, 1024 - hours);
            Sees(now + 20, 1024, 500);
            Sees(now + 40, 1024, 500);
            Assert.That(
                Balloon.FloorUntil, Is.EqualTo(TimeSpan.FromSeconds(now + 40) + TimeSpan.FromHours(hours)));
            steps.Add(Balloon.SmallStep!.Value.Value / 1024.0);
            Sees(now + 41, 1024, 1024);
            now += 41 + (hours * 3600);
            Sees(now, 1024, 1024);
        }

        Assert.That(steps, Is.EqualTo(new[] { 16, 32, 64, 128, 128, 128, 128 }));
    }

    [Test]
    public void Balloon_that_once_moved_is_not_tried_by_little()
    {
        Stick();
        Assert.That(Balloon.SmallStep, Is.Null);
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
