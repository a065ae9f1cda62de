using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Pacing;

/// <summary>What a guest failed to grow beyond.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class CeilingTests : BalloonTests
{
    [Test]
    public void A_balloon_that_stands_still_below_its_target_has_found_its_ceiling()
    {
        Sees(0, 500, 900);
        Sees(19, 500, 900);
        Assert.That(Balloon.Ceiling, Is.Null);
        Sees(20, 500, 900);
        Assert.That(Balloon.Ceiling, Is.EqualTo(KiB.FromMiB(500)));
    }

    [Test]
    public void A_balloon_that_does_not_give_has_none()
    {
        Sees(0, 900, 500);
        Sees(20, 900, 500);
        Assert.That((Balloon.Health, Balloon.Ceiling), Is.EqualTo((BalloonHealth.Stuck, (KiB?)null)));
    }

    [Test]
    public void At_its_ceiling_a_balloon_is_well_and_not_asked_to_grow_for_as_long_as_a_stuck_one()
    {
        FindCeiling();
        Sees(21, 500, 500);
        Assert.That(Balloon.Health, Is.EqualTo(BalloonHealth.Cooperative));
        Assert.That(Balloon.StuckUntil, Is.EqualTo(TimeSpan.FromSeconds(80)));
    }

    [Test]
    public void A_ceiling_is_remembered_though_the_guest_gives_and_takes_below_it()
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
    public void A_guest_that_has_grown_beyond_its_ceiling_has_none(long holds, bool hasCeiling)
    {
        FindCeiling();
        Sees(21, holds, 900);
        Assert.That(Balloon.Ceiling is not null, Is.EqualTo(hasCeiling));
        Assert.That(Balloon.StuckUntil is not null, Is.EqualTo(hasCeiling));
    }

    [Test]
    public void Each_time_that_it_fails_again_it_is_left_in_peace_for_twice_as_long()
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
