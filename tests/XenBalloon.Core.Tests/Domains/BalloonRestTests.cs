using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>When a domain is at its target, and since when it is still.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BalloonRestTests : BalloonFixture
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
