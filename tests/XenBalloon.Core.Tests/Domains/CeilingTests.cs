using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>The size that a guest failed to grow beyond.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class CeilingTests : BalloonFixture
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
        Sees(0, 900, 900);
        Sees(1, 900, 500);
        Sees(21, 900, 500);
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
