using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>A large constant offset, such as what a PV shim keeps for itself, and what only looks like one.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LargeOffsetTests : BalloonFixture
{
    [Test]
    public void Difference_after_the_first_move_is_assumed_to_be_the_offset()
    {
        Sees(0, 2048, 2048);
        Sees(1, 2048, 1500);
        Sees(2, 1800, 1500);
        Sees(11, 1800, 1500);
        Assert.That((Balloon.IsResting, Balloon.Offset), Is.EqualTo((false, KiB.Zero)));
        Sees(12, 1800, 1500);
        Assert.That((Balloon.IsResting, Balloon.Offset), Is.EqualTo((true, KiB.FromMiB(300))));
        Assert.That(Balloon.IsOffsetMeasured, Is.False);
    }

    [TestCase(1800, 1500, 1470, 1770)]
    [TestCase(1800, 1500, 1000, 1300)]
    [TestCase(1800, 1500, 1700, 2000)]
    [TestCase(2948, 2048, 2000, 2900)]
    public void Offset_is_confirmed_when_the_size_changes_with_the_target(
        long first, long firstTarget, long next, long holds)
    {
        Assume(first, firstTarget);
        Sees(13, first, next);
        Sees(14, holds, next);
        Assert.That((Balloon.IsResting, Balloon.IsOffsetMeasured), Is.EqualTo((true, false)));
        Sees(24, holds, next);
        Assert.That((Balloon.Offset, Balloon.IsOffsetMeasured), Is.EqualTo((KiB.FromMiB(first - firstTarget), true)));
        Assert.That(Balloon.Health, Is.EqualTo(BalloonHealth.Cooperative));
    }

    [TestCase(1470, 1800)]
    [TestCase(1470, 1790)]
    [TestCase(1700, 1800)]
    public void Balloon_that_gave_up_on_the_way_is_found_out_at_the_next_target(long target, long holds)
    {
        Assume();
        Sees(13, 1800, target);
        Sees(14, holds, target);
        Sees(22, holds, target);
        Assert.That(Balloon.Offset, Is.EqualTo(KiB.FromMiB(300)));
        Sees(24, holds, target);
        Assert.That((Balloon.Offset, Balloon.IsOffsetMeasured), Is.EqualTo((KiB.Zero, false)));
        Assert.That((Balloon.Health, Balloon.Floor), Is.EqualTo((BalloonHealth.Stuck, (KiB?)KiB.FromMiB(holds))));
    }

    [Test]
    public void Balloon_that_was_stuck_before_it_was_first_seen_is_found_out_at_the_next_target()
    {
        Sees(0, 1000, 500);
        Sees(10, 1000, 500);
        Sees(11, 1000, 400);
        Sees(21, 1000, 400);
        Assert.That(
            (Balloon.Health, Balloon.Floor, Balloon.Offset),
            Is.EqualTo((BalloonHealth.Stuck, (KiB?)KiB.FromMiB(1000), KiB.Zero)));
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
        GiveUp();
        Sees(24, 1800, 1000);
        Sees(25, 1400, 1000);
        Sees(35, 1400, 1000);
        Assert.That((Balloon.Offset, Balloon.IsResting), Is.EqualTo((KiB.Zero, false)));
    }

    [Test]
    public void Balloon_that_gave_up_once_is_believed_after_two_equal_differences()
    {
        GiveUp();
        Sees(24, 1800, 1000);
        Sees(25, 1400, 1000);
        Sees(35, 1400, 1000);
        Sees(36, 1400, 900);
        Sees(37, 1300, 900);
        Sees(47, 1300, 900);
        Assert.That((Balloon.Offset, Balloon.IsOffsetMeasured), Is.EqualTo((KiB.FromMiB(400), true)));
    }

    [Test]
    public void Balloon_that_gives_up_later_has_the_offset_that_was_confirmed_before()
    {
        Assume();
        Sees(13, 1800, 1400);
        Sees(14, 1700, 1400);
        Sees(24, 1700, 1400);
        Sees(25, 1700, 800);
        Sees(26, 1300, 800);
        Sees(36, 1300, 800);
        Assert.That((Balloon.Offset, Balloon.IsOffsetMeasured), Is.EqualTo((KiB.FromMiB(500), false)));
        Sees(37, 1300, 700);
        Sees(47, 1300, 700);
        Assert.That((Balloon.Offset, Balloon.Health), Is.EqualTo((KiB.FromMiB(300), BalloonHealth.Stuck)));
    }

    [Test]
    public void Change_of_the_target_that_is_too_small_to_tell_proves_nothing()
    {
        Assume();
        Sees(13, 1800, 1501);
        Sees(23, 1800, 1501);
        Assert.That((Balloon.Offset, Balloon.IsOffsetMeasured), Is.EqualTo((KiB.FromMiB(300), false)));
    }

    private void GiveUp()
    {
        Assume();
        Sees(13, 1800, 1470);
        Sees(23, 1800, 1470);
        Assert.That(Balloon.Health, Is.EqualTo(BalloonHealth.Stuck));
    }

    private void Assume(long holds = 1800, long target = 1500)
    {
        Sees(0, holds + 200, target + 200);
        Sees(1, holds + 200, target);
        Sees(2, holds, target);
        Sees(12, holds, target);
    }
}
