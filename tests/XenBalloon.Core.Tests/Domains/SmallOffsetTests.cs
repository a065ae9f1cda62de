using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>A small constant difference between size and target, and video memory.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SmallOffsetTests : BalloonFixture
{
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
    [TestCase(1900, 900)]
    [TestCase(984, -16)]
    [TestCase(983, 0)]
    public void Offset_at_the_first_target_may_have_any_size(long holds, long offset)
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
}
