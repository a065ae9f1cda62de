using XenBalloon.Bus;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Control;

namespace XenBalloon.Daemon.Tests.Control;

public sealed class SettingCheckTests
{
    private static readonly DomainDecision Web = new()
    {
        Domain = new DomainSnapshot
        {
            Identity = new DomainIdentity(3, Guid.Empty),
            Name = "web",
            Actual = KiB.FromMiB(800),
            MaxMem = KiB.FromMiB(801),
            StaticMax = KiB.FromMiB(4096),
        },
        Minimum = KiB.FromMiB(512),
        Maximum = KiB.FromMiB(2048),
        Reason = new Reason(ReasonKind.Balanced),
    };

    private static IEnumerable<TestCaseData<DomainSetting, DomainSettings>> Good =>
    [
        new(DomainSetting.Weight, new DomainSettings { Weight = 1 }),
        new(DomainSetting.Weight, new DomainSettings { Weight = 10_000 }),
        new(DomainSetting.Weight, DomainSettings.None),
        new(DomainSetting.Managed, new DomainSettings { Managed = false }),
        new(DomainSetting.Range, Range(512, 2048)),
        new(DomainSetting.Range, Range(1024, 1024)),
        new(DomainSetting.Range, Range(4096, 4096)),
        new(DomainSetting.Range, DomainSettings.None),
        new(DomainSetting.Pin, new DomainSettings { Pin = KiB.FromMiB(512) }),
        new(DomainSetting.Pin, new DomainSettings { Pin = KiB.FromMiB(2048) }),
    ];

    private static IEnumerable<TestCaseData<DomainSetting, DomainSettings, string>> Bad =>
    [
        new(DomainSetting.Weight, new DomainSettings { Weight = 0 }, "a weight is 1 to 10000"),
        new(DomainSetting.Weight, new DomainSettings { Weight = 10_001 }, "a weight is 1 to 10000"),
        new(DomainSetting.Range, Range(2049, 2048), "the minimum, 2049 MiB, is more than the maximum, 2048 MiB: set both so that they fit (xenballoon set web --min SIZE --max SIZE)"),
        new(DomainSetting.Range, Range(5000, null), "the minimum, 5000 MiB, is more than web can ever have, 4096 MiB: raise maxmem in its xl configuration"),
        new(DomainSetting.Range, Range(null, 5000), "the maximum, 5000 MiB, is more than web can ever have, 4096 MiB: raise maxmem in its xl configuration"),
        new(DomainSetting.Range, Range(0, null), "a minimum of 0 KiB is too small to mean anything"),
        new(DomainSetting.Range, new DomainSettings { Maximum = new KiB(3) }, "a maximum of 3 KiB is too small to mean anything"),
        new(DomainSetting.Pin, new DomainSettings { Pin = KiB.FromMiB(5000) }, "the pin, 5000 MiB, is more than web can ever have, 4096 MiB: raise maxmem in its xl configuration"),
        new(DomainSetting.Pin, new DomainSettings { Pin = KiB.Zero }, "a pin of 0 KiB is too small to mean anything"),
    ];

    [TestCaseSource(nameof(Good))]
    public void It_is_taken(DomainSetting setting, DomainSettings said) => Assert.That(() => SettingCheck.Check(Web, setting, said, said), Throws.Nothing);

    [TestCaseSource(nameof(Bad))]
    public void It_is_refused_with_a_reason(DomainSetting setting, DomainSettings said, string message) =>
        Assert.That(Refusal(Web, setting, said, said), Is.EqualTo((ControlRefusal.InvalidArgument, message)));

    [Test]
    public void What_no_machine_has_is_refused_also_where_it_is_not_known_what_the_domain_can_have() => Assert.That(
        Refusal(Web with { Domain = Web.Domain with { StaticMax = null } }, DomainSetting.Range, new DomainSettings { Maximum = new KiB(1L << 62) }, DomainSettings.None).Message,
        Does.EndWith("is more memory than any machine has"));

    [Test]
    public void A_pin_below_the_minimum_is_refused_as_such() => Assert.That(
        Refusal(Web, DomainSetting.Pin, new DomainSettings { Pin = KiB.FromMiB(511) }, DomainSettings.None),
        Is.EqualTo((ControlRefusal.BelowMinimum, "511 MiB is below web's minimum, 512 MiB: lower that first (xenballoon set web --min SIZE)")));

    [Test]
    public void A_pin_above_the_maximum_is_refused_with_how_to_raise_that() => Assert.That(
        Refusal(Web, DomainSetting.Pin, new DomainSettings { Pin = KiB.FromMiB(2049) }, DomainSettings.None).Message,
        Is.EqualTo("2049 MiB is above web's maximum, 2048 MiB: raise that first (xenballoon set web --max SIZE)"));

    [Test]
    public void Nothing_can_be_said_of_dom0()
    {
        DomainDecision dom0 = Web with { Domain = Web.Domain with { Identity = new DomainIdentity(0, Guid.Empty) } };

        foreach (DomainSetting setting in Enum.GetValues<DomainSetting>())
        {
            Assert.That(Refusal(dom0, setting, DomainSettings.None, DomainSettings.None).Message, Does.Contain("dom0_mem on Xen's command line"));
        }
    }

    [Test]
    public void A_maximum_below_the_minimum_that_is_in_force_is_taken_where_that_minimum_goes() =>
        Assert.That(() => SettingCheck.Check(Web with { Minimum = KiB.FromMiB(2048) }, DomainSetting.Range, Range(null, 1024), Range(null, 1024)), Throws.Nothing);

    [Test]
    public void An_end_that_is_left_to_the_configuration_counts_as_it_is_there() => Assert.That(
        Refusal(Web, DomainSetting.Range, Range(null, 512), Range(768, 512)),
        Is.EqualTo((ControlRefusal.InvalidArgument, "the minimum, 768 MiB, is more than the maximum, 512 MiB: set both so that they fit (xenballoon set web --min SIZE --max SIZE)")));

    private static (ControlRefusal Refusal, string Message) Refusal(DomainDecision domain, DomainSetting setting, DomainSettings said, DomainSettings resulting)
    {
        ControlRefusedException refused = Assert.Throws<ControlRefusedException>(() => SettingCheck.Check(domain, setting, said, resulting))!;
        return (refused.Refusal, refused.Message);
    }

    private static DomainSettings Range(int? minimum, int? maximum) => new()
    {
        Minimum = minimum is { } least ? KiB.FromMiB(least) : null,
        Maximum = maximum is { } most ? KiB.FromMiB(most) : null,
    };
}
