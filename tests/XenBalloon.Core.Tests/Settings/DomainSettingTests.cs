using XenBalloon.Core.Memory;
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
    public void The_names_are_those_that_people_know() => Assert.That(
        DomainSetting.All.Select(setting => setting.Name),
        Is.EqualTo(new[] { "min", "max", "weight", "pin", "managed", "swap", "qubes-reports" }));

    [Test]
    public void Every_property_of_the_settings_has_its_setting() => Assert.That(
        typeof(DomainSettings).GetProperties().Count(property => property.CanWrite),
        Is.EqualTo(DomainSetting.All.Length));

    [TestCaseSource(nameof(Values))]
    public void What_is_set_is_got_and_changes_no_other_setting(DomainSetting setting, long value)
    {
        DomainSettings settings = setting.Set(DomainSettings.None, value);

        foreach (DomainSetting one in DomainSetting.All)
        {
            Assert.That(one.Get(settings), Is.EqualTo(one == setting ? value : null));
        }

        Assert.That(setting.Set(settings, null), Is.EqualTo(DomainSettings.None));
    }

    [TestCaseSource(nameof(Values))]
    public void What_is_formatted_is_parsed_again(DomainSetting setting, long value)
    {
        Assert.That(setting.TryParse(setting.Format(value), out long parsed, out string? error), Is.True, error);
        Assert.That(parsed, Is.EqualTo(value));
        Assert.That(setting.Fault(value), Is.Null);
    }

    [TestCaseSource(typeof(DomainSetting), nameof(DomainSetting.All))]
    public void Every_setting_is_found_by_its_name_and_has_a_description(DomainSetting setting)
    {
        Assert.That(DomainSetting.Find(setting.Name), Is.SameAs(setting));
        Assert.That(DomainSetting.Find(setting.Name + "s"), Is.Null);
        Assert.That(setting.Description, Does.EndWith("."));
        Assert.That(setting.Format(null), Is.EqualTo("as configured"));
    }

    [TestCaseSource(typeof(DomainSetting), nameof(DomainSetting.All))]
    public void Every_setting_refuses_what_is_out_of_bounds_and_other_text(DomainSetting setting)
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
    public void An_error_says_what_to_write(string name, string text, string error)
    {
        Assert.That(DomainSetting.Find(name)!.TryParse(text, out _, out string? told), Is.False);
        Assert.That(told, Is.EqualTo(error));
    }

    [TestCase("Yes", 1)]
    [TestCase("TRUE", 1)]
    [TestCase("on", 1)]
    [TestCase("no", 0)]
    [TestCase("false", 0)]
    [TestCase("Off", 0)]
    public void A_switch_has_several_words(string text, long expected)
    {
        Assert.That(DomainSetting.Managed.TryParse(text, out long value, out _));
        Assert.That(value, Is.EqualTo(expected));
    }

    [Test]
    public void The_largest_size_is_the_largest_there_is() =>
        Assert.That((DomainSetting.Pin.Least, DomainSetting.Pin.Most), Is.EqualTo((KiB.PerPage, KiB.Largest.Value)));
}
