using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests.Settings;

/// <summary>Between which sizes a domain may be moved: as the operator set it, else XAPI, else what is safe.</summary>
public sealed class DomainRangeTests
{
    [Test]
    public void Where_nothing_was_said_it_is_from_an_eighth_of_static_max_to_all_of_it() =>
        Assert.That(Of(Domain(4096)), Is.EqualTo(Range(512, 4096)));

    [Test]
    public void A_small_domain_is_never_taken_below_128_MiB_unless_the_operator_says_so()
    {
        Assert.That(Of(Domain(512)), Is.EqualTo(Range(128, 512)));
        Assert.That(Of(Domain(512), new DomainSettings { Minimum = KiB.FromMiB(64) }), Is.EqualTo(Range(64, 512)));
    }

    [Test]
    public void What_a_domain_booted_with_is_enough_unless_somebody_says_otherwise()
    {
        Assert.That(Of(Domain(4096), bootMemory: KiB.FromMiB(256)), Is.EqualTo(Range(256, 4096)));
        Assert.That(Of(Domain(4096), bootMemory: KiB.FromMiB(1024)), Is.EqualTo(Range(512, 4096)));
        Assert.That(
            Of(Domain(4096), new DomainSettings { Minimum = KiB.FromMiB(700) }, KiB.FromMiB(256)),
            Is.EqualTo(Range(700, 4096)));
    }

    [Test]
    public void What_XAPI_wrote_holds_where_the_operator_said_nothing()
    {
        DomainSnapshot domain = Domain(4096) with { DynamicMin = KiB.FromMiB(1000), DynamicMax = KiB.FromMiB(2000) };
        Assert.That(Of(domain), Is.EqualTo(Range(1000, 2000)));
        Assert.That(Of(domain, new DomainSettings { Minimum = KiB.FromMiB(700) }), Is.EqualTo(Range(700, 2000)));
        Assert.That(Of(domain, new DomainSettings { Maximum = KiB.FromMiB(3000) }), Is.EqualTo(Range(1000, 3000)));
    }

    [Test]
    public void No_word_lifts_a_domain_above_its_static_max() =>
        Assert.That(Of(Domain(4096) with { DynamicMax = KiB.FromMiB(9000) }).Maximum, Is.EqualTo(KiB.FromMiB(4096)));

    [Test]
    public void Video_memory_is_part_of_static_max_and_not_of_a_target() =>
        Assert.That(Of(Domain(4112) with { VideoRam = KiB.FromMiB(16) }), Is.EqualTo(Range(512, 4096)));

    [Test]
    public void A_minimum_above_the_maximum_leaves_the_maximum_and_nothing_to_move()
    {
        var settings = new DomainSettings { Minimum = KiB.FromMiB(3000), Maximum = KiB.FromMiB(2000) };
        DomainRange range = Of(Domain(4096), settings);
        Assert.That(range, Is.EqualTo(Range(2000, 2000)));
        Assert.That(range.IsEmpty, Is.True);
        Assert.That(Range(2000, 2001).IsEmpty, Is.False);
    }

    [Test]
    public void Both_ends_are_whole_pages_within_what_was_said() =>
        Assert.That(
            Of(Domain(4096), new DomainSettings { Minimum = new KiB(1001), Maximum = new KiB(2003) }),
            Is.EqualTo(new DomainRange(new KiB(1004), new KiB(2000))));

    [Test]
    public void A_domain_without_a_static_max_has_no_range()
    {
        var settings = new DomainSettings { Minimum = KiB.Page, Maximum = KiB.FromMiB(1024) };
        Assert.That(Of(Domain(4096) with { StaticMax = null }, settings).IsEmpty, Is.True);
    }

    [Test]
    public void A_static_max_that_is_all_video_memory_still_leaves_a_page() => Assert.That(
        Of(Domain(16) with { VideoRam = KiB.FromMiB(32) }), Is.EqualTo(new DomainRange(KiB.Page, KiB.Page)));

    private static DomainRange Of(DomainSnapshot domain, DomainSettings? settings = null, KiB? bootMemory = null) =>
        DomainRange.Of(domain, settings ?? DomainSettings.None, bootMemory);

    private static DomainRange Range(long minimumMib, long maximumMib) =>
        new(KiB.FromMiB(minimumMib), KiB.FromMiB(maximumMib));

    private static DomainSnapshot Domain(long staticMaxMib) => new()
    {
        Identity = new DomainIdentity(1, HostBuilder.Uuid(1)),
        Actual = KiB.FromMiB(300),
        MaxMem = KiB.FromMiB(301),
        StaticMax = KiB.FromMiB(staticMaxMib),
    };
}
