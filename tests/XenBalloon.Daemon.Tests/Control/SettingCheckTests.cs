using XenBalloon.Bus;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Control;

namespace XenBalloon.Daemon.Tests.Control;

/// <summary>Settings of a domain with 4 GiB at most and a default minimum of 512 MiB.</summary>
public sealed class SettingCheckTests
{
    private const string SetBoth = "set both so that they fit (xenballoon set web --min SIZE --max SIZE)";

    private static readonly DomainSnapshot Web = new()
    {
        Identity = new DomainIdentity(3, Guid.Empty),
        Name = "web",
        Actual = KiB.FromMiB(800),
        MaxMem = KiB.FromMiB(801),
        StaticMax = KiB.FromMiB(4096),
    };

    private static readonly DomainSetting
        Min = DomainSetting.Minimum,
        Max = DomainSetting.Maximum,
        Pin = DomainSetting.Pin,
        Weight = DomainSetting.Weight;

    private static IEnumerable<TestCaseData<(DomainSetting, long?)[]>> Valid =>
    [
        new([(Weight, 1)]),
        new([(Weight, 10_000), (DomainSetting.Managed, 0), (DomainSetting.Swap, 0), (DomainSetting.QubesReports, 1)]),
        new([MiB(Min, 512), MiB(Max, 2048)]),
        new([MiB(Min, 1024), MiB(Max, 1024)]),
        new([MiB(Min, 4096), MiB(Max, 4096)]),
        new([MiB(Pin, 512)]),
        new([MiB(Pin, 4096)]),
        new([MiB(Pin, 256), MiB(Min, 256)]),
        new([(Pin, 4097), (Min, 4097), (Max, 4097)]),
    ];

    private static IEnumerable<TestCaseData<(DomainSetting, long?)[], string>> Invalid =>
    [
        new([(Weight, 0)], "invalid weight '0': expected 1 to 10000"),
        new([(DomainSetting.Managed, 0), (Weight, 10_001)], "invalid weight '10001': expected 1 to 10000"),
        new(
            [MiB(Min, 2049), MiB(Max, 2048)],
            $"min 2049 MiB would be above max 2048 MiB: {SetBoth}"),
        new(
            [MiB(Max, 511)],
            $"min 512 MiB would be above max 511 MiB: {SetBoth}"),
        new(
            [MiB(Min, 5000)],
            "min 5000 MiB is above web's static maximum, 4096 MiB: raise maxmem in its xl configuration"),
        new(
            [MiB(Max, 5000)],
            "max 5000 MiB is above web's static maximum, 4096 MiB: raise maxmem in its xl configuration"),
        new(
            [MiB(Pin, 5000)],
            "pin 5000 MiB is above web's static maximum, 4096 MiB: raise maxmem in its xl configuration"),
        new(
            [MiB(Pin, 2049), MiB(Max, 2048)],
            "pin 2049 MiB is above web's max, 2048 MiB: raise that first (xenballoon set web --max SIZE)"),
    ];

    private static IEnumerable<TestCaseData<DomainSetting, long>> OutOfBounds =>
        from setting in DomainSetting.All
        from value in new[] { setting.Least - 1, setting.Most + 1, long.MinValue, long.MaxValue }
        select new TestCaseData<DomainSetting, long>(setting, value);

    [TestCaseSource(nameof(Valid))]
    public void Valid_settings_are_accepted((DomainSetting, long?)[] changes) =>
        Assert.That(() => Check(Web, DomainSettings.None, changes), Throws.Nothing);

    [TestCaseSource(nameof(Invalid))]
    public void Invalid_settings_are_refused_with_a_remedy((DomainSetting, long?)[] changes, string message) =>
        Assert.That(Refusal(Web, DomainSettings.None, changes), Is.EqualTo((ControlError.InvalidArgument, message)));

    [TestCaseSource(nameof(OutOfBounds))]
    public void Bounds_are_checked_without_a_static_maximum_too(DomainSetting setting, long value)
    {
        DomainSnapshot unknown = Web with { StaticMax = null };
        (_, string message) = Refusal(unknown, DomainSettings.None, (setting, value));
        Assert.That(message, Does.StartWith($"invalid {setting} '"));
    }

    [TestCaseSource(typeof(DomainSetting), nameof(DomainSetting.All))]
    public void Every_setting_can_be_removed(DomainSetting setting) =>
        Assert.That(() => Check(Web, DomainSettings.None, (setting, null)), Throws.Nothing);

    [TestCaseSource(typeof(DomainSetting), nameof(DomainSetting.All))]
    public void Nothing_can_be_set_for_dom0(DomainSetting setting)
    {
        DomainSnapshot dom0 = Web with { Identity = new DomainIdentity(0, Guid.Empty) };
        (_, string message) = Refusal(dom0, DomainSettings.None, (setting, null));
        Assert.That(message, Does.Contain("dom0_mem on Xen's command line"));
    }

    [Test]
    public void Pin_below_the_minimum_has_its_own_error() => Assert.That(
        Refusal(Web, DomainSettings.None, MiB(Pin, 511)),
        Is.EqualTo((
            ControlError.BelowMinimum,
            "pin 511 MiB is below web's min, 512 MiB: lower that first (xenballoon set web --min SIZE)")));

    [Test]
    public void Range_is_checked_with_the_configured_end()
    {
        DomainSettings configured = new() { Minimum = KiB.FromMiB(768) };
        (_, string message) = Refusal(Web, configured, MiB(Max, 512));
        Assert.That(message, Does.StartWith("min 768 MiB would be above max 512 MiB"));
        Assert.That(() => Check(Web, configured, MiB(Max, 512), MiB(Min, 512)), Throws.Nothing);
    }

    [Test]
    public void Range_is_checked_with_the_maximum_of_the_toolstack()
    {
        DomainSnapshot written = Web with { DynamicMax = KiB.FromMiB(1024) };
        Assert.That(Refusal(written, DomainSettings.None, MiB(Min, 1025)).Message, Does.Contain("above max 1024 MiB"));
        Assert.That(() => Check(written, DomainSettings.None, MiB(Min, 1025), MiB(Max, 2048)), Throws.Nothing);
    }

    [Test]
    public void Minimum_above_the_maximum_is_refused_without_a_static_maximum_too() => Assert.That(
        Refusal(Web with { StaticMax = null }, DomainSettings.None, MiB(Min, 2), MiB(Max, 1)).Message,
        Does.StartWith("min 2 MiB would be above max 1 MiB"));

    [Test]
    public void Invalid_configured_range_does_not_prevent_other_changes()
    {
        DomainSettings invalid = new() { Minimum = KiB.FromMiB(768), Maximum = KiB.FromMiB(512) };
        Assert.That(() => Check(Web, invalid, (Weight, 5)), Throws.Nothing);
    }

    private static (DomainSetting, long?) MiB(DomainSetting setting, long mib) => (setting, KiB.FromMiB(mib).Value);

    private static void Check(
        DomainSnapshot domain, DomainSettings configured, params (DomainSetting Setting, long? Value)[] changes)
    {
        var all = changes.ToDictionary(change => change.Setting, change => change.Value);
        SettingCheck.Check(domain, all, configured.With(DomainSettings.None.With(all)));
    }

    private static (ControlError Error, string Message) Refusal(
        DomainSnapshot domain, DomainSettings configured, params (DomainSetting, long?)[] changes)
    {
        ControlException refused = Assert.Throws<ControlException>(() => Check(domain, configured, changes))!;
        return (refused.Error, refused.Message);
    }
}
