using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests.Settings;

public sealed class DomainSettingTests
{
    private static IEnumerable<TestCaseData<DomainSetting, long>> Values =>
        from setting in DomainSetting.All
        let sizes = new long[] { 4, 12, 512 << 10, 1536 << 20 }
        from value in setting.Kind == SettingKind.Size ? sizes : [setting.Least, setting.Most]
        select new TestCaseData<DomainSetting, long>(setting, value);

    [Test]
    public void Names_are_stable() => Assert.That(
        DomainSetting.All.Select(setting => setting.Name),
        Is.EqualTo(new[] { "min", "max", "weight", "pin", "managed", "swap", "qubes-reports" }));

    [Test]
    public void Every_property_has_a_setting() => Assert.That(
        typeof(DomainSettings).GetProperties().Count(property => property.CanWrite),
        Is.EqualTo(DomainSetting.All.Length));

    [TestCaseSource(nameof(Values))]
    public void Set_value_is_returned_and_changes_no_other_setting(DomainSetting setting, long value)
    {
        DomainSettings settings = setting.Set(DomainSettings.None, value);

        foreach (DomainSetting other in DomainSetting.All)
        {
            Assert.That(other.Get(settings), Is.EqualTo(other == setting ? value : null));
        }

        Assert.That(setting.Set(settings, null), Is.EqualTo(DomainSettings.None));
    }

    [TestCaseSource(nameof(Values))]
    public void Formatted_value_is_parsed_to_the_same_value(DomainSetting setting, long value)
    {
        Assert.That(setting.TryParse(setting.Format(value), out long parsed, out string? error), Is.True, error);
        Assert.That(parsed, Is.EqualTo(value));
        Assert.That(setting.Fault(value), Is.Null);
    }

    [TestCaseSource(typeof(DomainSetting), nameof(DomainSetting.All))]
    public void Every_setting_is_found_by_name_and_has_a_description(DomainSetting setting)
    {
        Assert.That(DomainSetting.Find(setting.Name), Is.SameAs(setting));
        Assert.That(DomainSetting.Find(setting.Name + "s"), Is.Null);
        Assert.That(setting.Description, Does.EndWith("."));
        Assert.That(setting.Format(null), Is.EqualTo("as configured"));
    }

    [TestCaseSource(typeof(DomainSetting), nameof(DomainSetting.All))]
    public void Every_setting_refuses_values_out_of_bounds_and_other_text(DomainSetting setting)
    {
        Assert.That(setting.Fault(setting.Least - 1), Does.StartWith($"invalid {setting} '").And.Contain("expected"));
        Assert.That(setting.Fault(setting.Most + 1), Does.StartWith($"invalid {setting} '"));
        foreach (string text in new[] { "", "x", "-1", "1e3", "default", "99999999999999999999" })
        {
            Assert.That(setting.TryParse(text, out _, out string? error), Is.False);
            Assert.That(error, Does.StartWith($"invalid {setting}").And.Contain($"'{text}'"));
        }
    }

    [TestCase("weight", "0", "invalid weight '0': expected 1 to 10000")]
    [TestCase("managed", "maybe", "invalid managed 'maybe': expected yes or no")]
    [TestCase("min", "512", "invalid min: '512' has no unit: write 512m for MiB, 512g for GiB or 512k for KiB")]
    [TestCase(
        "pin",
        "x",
        "invalid pin: 'x' is not a size: write a number and a unit, such as 512m or 1.5g (b, k, m, g, t)")]
    [TestCase(
        "min",
        "0k",
        "invalid min '0k': expected a size of at least 4 KiB with its unit, such as 512m or 1.5g")]
    [TestCase("max", "99999999t", "invalid max: '99999999t' is more memory than any machine has")]
    public void Error_shows_the_valid_values(string name, string text, string error)
    {
        Assert.That(DomainSetting.Find(name)!.TryParse(text, out _, out string? actual), Is.False);
        Assert.That(actual, Is.EqualTo(error));
    }

    [TestCase("Yes", 1)]
    [TestCase("TRUE", 1)]
    [TestCase("on", 1)]
    [TestCase("no", 0)]
    [TestCase("false", 0)]
    [TestCase("Off", 0)]
    public void Switch_accepts_several_texts(string text, long expected)
    {
        Assert.That(DomainSetting.Managed.TryParse(text, out long value, out _));
        Assert.That(value, Is.EqualTo(expected));
    }

    [Test]
    public void Largest_size_is_accepted() =>
        Assert.That((DomainSetting.Pin.Least, DomainSetting.Pin.Most), Is.EqualTo((KiB.PerPage, KiB.Largest.Value)));
}

/// <summary>The texts are part of the D-Bus interface, which scripts use.</summary>
public sealed class EnumTextTests
{
    private static IEnumerable<TestCaseData<IEnumerable<string>, string>> Known =>
    [
        Case<BalancerMode>("observe active paused"),
        Case<PolicyKind>("fair-share proportional shares static"),
        Case<SpareUse>("keep lend"),
        Case<OverrideHandling>("ignore pin adopt"),
        Case<HostPressure>("none demand tight low"),
        Case<DomainAlarm>("short-of-memory near-out-of-memory balloon-stuck agent-silent report-invalid"),
        Case<HostAlarm>("none minimums-exceed-host demand-exceeds-host free-below-slack"),
        Case<DomainLifecycle>("building running paused suspended migrating shutdown dying"),
        Case<BalloonHealth>("unknown cooperative slow stuck"),
        Case<ReservationState>(
            "gathering ready claimed completed cancelled expired owner-left domain-died abandoned"),
        Case<ReportSource>("xenserver qubes agent"),
        Case<ReportVerdict>("silent stale implausible fresh flooding"),
    ];

    [TestCaseSource(nameof(Known))]
    public void Texts_of_all_values_are_stable(IEnumerable<string> words, string expected) =>
        Assert.That(words, Is.EqualTo(expected.Split(' ')));

    [Test]
    public void Text_is_parsed_as_its_value_and_other_text_as_null()
    {
        foreach (HostAlarm alarm in Enum.GetValues<HostAlarm>())
        {
            Assert.That(EnumText.Parse<HostAlarm>(EnumText.Of(alarm)), Is.EqualTo(alarm));
        }

        Assert.That(EnumText.Parse<HostAlarm>("Minimums-Exceed-Host"), Is.Null);
        Assert.That(EnumText.Parse<HostAlarm>(""), Is.Null);
    }

    [Test]
    public void Null_is_written_as_none() => Assert.That(EnumText.Of((ReportSource?)null), Is.EqualTo("none"));

    [Test]
    public void Value_that_is_not_a_member_is_refused() =>
        Assert.That(() => EnumText.Of((BalancerMode)77), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Lists_are_readable()
    {
        Assert.That(EnumText.List<BalancerMode>(), Is.EqualTo("observe, active or paused"));
        Assert.That(EnumText.List(["one"]), Is.EqualTo("one"));
        Assert.That(EnumText.List([]), Is.Empty);
    }

    private static TestCaseData<IEnumerable<string>, string> Case<T>(string words)
        where T : struct, Enum =>
        new TestCaseData<IEnumerable<string>, string>(EnumText.All<T>(), words).SetArgDisplayNames(typeof(T).Name);
}
