using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>Words are part of the bus's interface: scripts know them.</summary>
public sealed class EnumTextTests
{
    private static IEnumerable<TestCaseData<IEnumerable<string>, string>> Known =>
    [
        Case<BalancerMode>("observe active paused"),
        Case<PolicyKind>("fair-share proportional shares static"),
        Case<SpareUse>("keep lend"),
        Case<OverrideHandling>("ignore pin adopt"),
        Case<HostPressure>("none demand tight low"),
        Case<HostAlarm>("none minimums-exceed-host demand-exceeds-host"),
        Case<DomainLifecycle>("building running paused suspended migrating shutdown dying"),
        Case<BalloonHealth>("unknown cooperative slow stuck"),
        Case<ReservationState>(
            "gathering ready claimed completed cancelled expired owner-left domain-died abandoned"),
        Case<ReportSource>("xenserver qubes agent"),
        Case<ReportVerdict>("silent stale implausible fresh flooding"),
    ];

    [TestCaseSource(nameof(Known))]
    public void Every_value_has_the_word_it_always_had(IEnumerable<string> words, string expected) =>
        Assert.That(words, Is.EqualTo(expected.Split(' ')));

    [Test]
    public void A_word_is_read_as_its_value_and_others_as_none()
    {
        foreach (HostAlarm alarm in Enum.GetValues<HostAlarm>())
        {
            Assert.That(EnumText.Parse<HostAlarm>(EnumText.Of(alarm)), Is.EqualTo(alarm));
        }

        Assert.That(EnumText.Parse<HostAlarm>("Minimums-Exceed-Host"), Is.Null);
        Assert.That(EnumText.Parse<HostAlarm>(""), Is.Null);
    }

    [Test]
    public void No_value_is_none() => Assert.That(EnumText.Of((ReportSource?)null), Is.EqualTo("none"));

    [Test]
    public void What_is_not_a_member_has_no_word() =>
        Assert.That(() => EnumText.Of((BalancerMode)77), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Lists_are_for_people()
    {
        Assert.That(EnumText.List<BalancerMode>(), Is.EqualTo("observe, active or paused"));
        Assert.That(EnumText.List(["one"]), Is.EqualTo("one"));
        Assert.That(EnumText.List([]), Is.Empty);
    }

    private static TestCaseData<IEnumerable<string>, string> Case<T>(string words)
        where T : struct, Enum =>
        new TestCaseData<IEnumerable<string>, string>(EnumText.All<T>(), words).SetArgDisplayNames(typeof(T).Name);
}
