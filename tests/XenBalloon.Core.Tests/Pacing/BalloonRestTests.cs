using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Pacing;

/// <summary>When a domain is where its target wants it, and how far off that rests for good.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BalloonRestTests : BalloonTests
{
    [TestCase(1002, true)]
    [TestCase(998, true)]
    [TestCase(1003, false)]
    [TestCase(997, false)]
    public void Within_a_few_MiB_of_its_target_a_domain_has_arrived(long holds, bool rests)
    {
        Sees(0, holds, 1000);
        Assert.That(Balloon.IsResting, Is.EqualTo(rests));
    }

    [Test]
    public void It_rests_from_when_it_arrived_until_its_target_is_another()
    {
        Sees(0, 1000, 1000);
        Sees(5, 1000, 1000);
        Assert.That(Balloon.RestingSince, Is.EqualTo(TimeSpan.Zero));
        Sees(6, 1000, 1001);
        Assert.That(Balloon.RestingSince, Is.EqualTo(TimeSpan.FromSeconds(6)), "so near that it is there already, but anew");
        Sees(7, 1000, 800);
        Assert.That(Balloon.RestingSince, Is.Null);
        Sees(9, 800, 800);
        Assert.That(Balloon.RestingSince, Is.EqualTo(TimeSpan.FromSeconds(9)));
    }

    [Test]
    public void It_no_longer_rests_when_it_leaves_its_target_by_itself()
    {
        Sees(0, 1000, 1000);
        Sees(1, 900, 1000);
        Assert.That(Balloon.IsResting, Is.False);
    }

    [Test]
    public void A_guest_that_rests_a_little_off_its_target_is_where_it_should_be_once_that_is_seen_for_a_while()
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
    public void A_rest_far_off_a_target_that_was_changed_is_a_balloon_that_gave_up(long holds, long offset)
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
    public void Up_to_an_eighth_above_its_first_target_is_what_a_guest_was_built_with(long holds, long offset)
    {
        Sees(0, holds, 1000);
        Sees(9, holds, 1000);
        Assert.That(Balloon.Offset, Is.EqualTo(KiB.Zero));
        Sees(10, holds, 1000);
        Assert.That(Balloon.Offset, Is.EqualTo(KiB.FromMiB(offset)));
    }

    [Test]
    public void What_a_guest_was_built_with_stays_on_top_of_every_later_target()
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
    public void Video_memory_comes_on_top_from_the_first_look_and_a_little_more_may()
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
    public void A_guest_of_another_kind_may_rest_at_its_target_in_spite_of_its_video_memory()
    {
        Sees(0, 1000, 1000, videoRam: 32);
        Assert.That(Balloon.IsResting, Is.False);
        Sees(10, 1000, 1000, videoRam: 32);
        Assert.That((Balloon.Offset, Balloon.IsResting), Is.EqualTo((KiB.Zero, true)));
    }

    [Test]
    public void The_target_before_several_steps_up_is_remembered_until_the_balloon_has_answered()
    {
        Sees(0, 500, 500);
        Balloon.OnGrown(KiB.FromMiB(500), TimeSpan.FromSeconds(1));
        Sees(2, 500, 600);
        Balloon.OnGrown(KiB.FromMiB(600), TimeSpan.FromSeconds(2));
        Sees(3, 500, 700);
        Assert.That((Balloon.GrewFrom, Balloon.GrewAt), Is.EqualTo(((KiB?)KiB.FromMiB(500), (TimeSpan?)TimeSpan.FromSeconds(2))));
        Sees(4, 700, 700);
        Assert.That(Balloon.GrewFrom, Is.Null);
    }

    [Test]
    public void It_is_still_since_neither_its_target_nor_what_it_holds_has_changed()
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
    public void A_cap_is_still_since_nothing_at_all_has_changed()
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
    public void A_domain_without_a_target_is_not_on_its_way_anywhere()
    {
        for (int second = 0; second < 60; second++) Sees(second, 500, null);
        Assert.That((Balloon.Health, Balloon.IsResting, Balloon.Eta), Is.EqualTo((BalloonHealth.Unknown, false, (TimeSpan?)null)));
    }
}
