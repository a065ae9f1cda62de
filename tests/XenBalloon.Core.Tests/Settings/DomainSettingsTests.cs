using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests.Settings;

/// <summary>Which rules apply to a domain, and their precedence.</summary>
public sealed class DomainRuleTests
{
    private static readonly DomainIdentity Identity = new(7, new Guid("6a5e0000-0000-4000-8000-00000000abcd"));

    [TestCase("web1")]
    [TestCase("web*")]
    [TestCase("web?")]
    [TestCase("*")]
    [TestCase("6a5e0000-0000-4000-8000-00000000abcd")]
    [TestCase("6A5E0000-0000-4000-8000-00000000ABCD")]
    public void Rule_matches_a_name_a_UUID_or_a_glob(string pattern) =>
        Assert.That(Weights((pattern, 1)), Is.EqualTo(1));

    [TestCase("web")]
    [TestCase("web1?")]
    [TestCase("Web1")]
    [TestCase("WEB*")]
    [TestCase("6a5e0000-0000-4000-8000-00000000abce")]
    public void Rule_does_not_match_another_name_UUID_or_case(string pattern) =>
        Assert.That(Weights((pattern, 1)), Is.Null);

    [Test]
    public void Exact_name_or_UUID_takes_precedence_over_a_glob()
    {
        Assert.That(Weights(("web1", 1), ("web?", 2)), Is.EqualTo(1));
        Assert.That(Weights(("web1", 1), ("*", 2)), Is.EqualTo(1));
        Assert.That(Weights((Identity.Uuid.ToString(), 1), ("web*", 2)), Is.EqualTo(1));
    }

    [Test]
    public void Later_of_two_equal_rules_takes_precedence()
    {
        Assert.That(Weights(("*", 1), ("web*", 2)), Is.EqualTo(2));
        Assert.That(Weights(("web*", 1), ("*", 2)), Is.EqualTo(2));
        Assert.That(Weights(("web1", 1), (Identity.Uuid.ToString(), 2)), Is.EqualTo(2));
    }

    [Test]
    public void Setting_that_a_rule_lacks_comes_from_other_rules()
    {
        DomainSettings all = Settings(managed: false, minimum: 1, maximum: 2, weight: 3, pin: 4);
        Assert.That(all.With(DomainSettings.None), Is.EqualTo(all));
    }

    [Test]
    public void Setting_of_a_rule_replaces_that_of_others()
    {
        DomainSettings before = Settings(managed: false, minimum: 1, maximum: 2, weight: 3, pin: 4);
        DomainSettings rule = Settings(managed: true, minimum: 5, maximum: 6, weight: 7, pin: 8);
        Assert.That(before.With(rule), Is.EqualTo(rule));
    }

    [Test]
    public void Defaults_apply_without_a_matching_rule()
    {
        var settings = new BalancerSettings
        {
            Defaults = new DomainSettings { Weight = 50, Minimum = KiB.FromMiB(200) },
            Rules = [new DomainRule("web*", new DomainSettings { Weight = 300 })],
        };
        Assert.That(
            settings.For(Identity, "web1"),
            Is.EqualTo(new DomainSettings { Weight = 300, Minimum = KiB.FromMiB(200) }));
        Assert.That(settings.For(Identity, "db1"), Is.EqualTo(settings.Defaults));
    }

    private static DomainSettings Settings(bool managed, int minimum, int maximum, int weight, int pin) => new()
    {
        Managed = managed,
        Minimum = KiB.FromMiB(minimum),
        Maximum = KiB.FromMiB(maximum),
        Weight = weight,
        Pin = KiB.FromMiB(pin),
    };

    /// <summary>The weight of the domain <c>web1</c> by these rules.</summary>
    private static int? Weights(params (string Pattern, int Weight)[] rules)
    {
        IEnumerable<DomainRule> made =
            from rule in rules
            select new DomainRule(rule.Pattern, new DomainSettings { Weight = rule.Weight });
        return new BalancerSettings { Rules = [.. made] }.For(Identity, "web1").Weight;
    }
}

/// <summary>Settings that operators make at run time hold for the names of domains.</summary>
public sealed class RuntimeSettingsTests
{
    private static readonly DomainIdentity First = new(7, HostBuilder.Uuid(7)), Second = new(8, HostBuilder.Uuid(8));

    [Test]
    public void Setting_holds_for_the_next_domain_of_the_name([Values] bool transient)
    {
        RuntimeSettings settings = RuntimeSettings.None.With(First.Uuid, "web1", Weight(300), transient);

        Assert.That(settings.For(Second.Uuid, "web1").Weight, Is.EqualTo(300));
        Assert.That(settings.For(First.Uuid, "web2").Weight, Is.Null, "after xl rename");
    }

    [Test]
    public void Arriving_domain_has_the_settings_of_its_name()
    {
        var settings = new BalancerSettings
        {
            Runtime = RuntimeSettings.None.With(First.Uuid, "web1", Weight(300), transient: false),
            Rules = [new DomainRule("web1", new DomainSettings { Minimum = KiB.FromMiB(100) })],
        };

        DomainSettings arriving = settings.For(Second, "web1--incoming");

        Assert.That((arriving.Weight, arriving.Minimum), Is.EqualTo(((int?)300, (KiB?)KiB.FromMiB(100))));
    }

    [Test]
    public void Setting_of_an_arriving_domain_is_kept_for_the_name_it_will_have() => Assert.That(
        RuntimeSettings.None.With(First.Uuid, "web1--incoming", Weight(300), false).For(Second.Uuid, "web1").Weight,
        Is.EqualTo(300));

    [Test]
    public void Setting_of_a_domain_without_a_name_holds_for_its_UUID()
    {
        RuntimeSettings settings = RuntimeSettings.None.With(First.Uuid, "", Weight(300), transient: false);

        Assert.That(settings.For(First.Uuid, "web1").Weight, Is.EqualTo(300), "when it has one, too");
        Assert.That(settings.For(Second.Uuid, "").Weight, Is.Null);
    }

    [Test]
    public void New_value_replaces_one_that_was_kept_for_the_UUID([Values] bool transient)
    {
        var both = new Dictionary<DomainSetting, long?>(Weight(200)) { [DomainSetting.Managed] = 0 };
        RuntimeSettings old = RuntimeSettings.None.With(First.Uuid, "", both, transient);

        RuntimeSettings settings = old.With(First.Uuid, "web1", Weight(300), transient);

        Assert.That(settings.For(First.Uuid, "web1"), Is.EqualTo(new DomainSettings { Weight = 300, Managed = false }));
        Assert.That(settings.With(First.Uuid, "web1", Weight(null), transient).For(First.Uuid, "web1").Weight, Is.Null);
    }

    [Test]
    public void Origin_names_what_a_setting_holds_for()
    {
        RuntimeSettings runtime = RuntimeSettings.None
            .With(First.Uuid, "", Weight(200), transient: false)
            .With(First.Uuid, "web1", new Dictionary<DomainSetting, long?> { [DomainSetting.Managed] = 1 }, false)
            .With(First.Uuid, "web1", new Dictionary<DomainSetting, long?> { [DomainSetting.Swap] = 1 }, true);

        Assert.That(new BalancerSettings { Runtime = runtime }.Origins(First, "web1"), Is.EqualTo(
            "weight: set, kept for its UUID; managed: set, kept for its name; "
            + "swap: set until the daemon ends, for its name"));
    }

    private static Dictionary<DomainSetting, long?> Weight(long? weight) => new() { [DomainSetting.Weight] = weight };
}

/// <summary>The range of a domain: by its settings, else XAPI, else safe defaults.</summary>
public sealed class DomainRangeTests
{
    [Test]
    public void Default_range_is_an_eighth_of_static_max_to_static_max() =>
        Assert.That(Of(Domain(4096)), Is.EqualTo(Range(512, 4096)));

    [Test]
    public void Default_minimum_of_a_domain_that_is_not_PV_is_a_quarter_of_static_max() =>
        Assert.That(Of(Domain(4096) with { Kind = DomainKind.Hvm }), Is.EqualTo(Range(1024, 4096)));

    [Test]
    public void Default_minimum_is_at_least_128_MiB()
    {
        Assert.That(Of(Domain(512)), Is.EqualTo(Range(128, 512)));
        Assert.That(Of(Domain(512), new DomainSettings { Minimum = KiB.FromMiB(64) }), Is.EqualTo(Range(64, 512)));
    }

    [Test]
    public void Default_minimum_is_at_most_the_boot_memory()
    {
        Assert.That(Of(Domain(4096), bootMemory: KiB.FromMiB(256)), Is.EqualTo(Range(256, 4096)));
        Assert.That(Of(Domain(4096), bootMemory: KiB.FromMiB(1024)), Is.EqualTo(Range(512, 4096)));
        Assert.That(
            Of(Domain(4096), new DomainSettings { Minimum = KiB.FromMiB(700) }, KiB.FromMiB(256)),
            Is.EqualTo(Range(700, 4096)));
    }

    [Test]
    public void XAPI_keys_apply_without_settings()
    {
        DomainSnapshot domain = Domain(4096) with { DynamicMin = KiB.FromMiB(1000), DynamicMax = KiB.FromMiB(2000) };
        Assert.That(Of(domain), Is.EqualTo(Range(1000, 2000)));
        Assert.That(Of(domain, new DomainSettings { Minimum = KiB.FromMiB(700) }), Is.EqualTo(Range(700, 2000)));
        Assert.That(Of(domain, new DomainSettings { Maximum = KiB.FromMiB(3000) }), Is.EqualTo(Range(1000, 3000)));
    }

    [Test]
    public void No_setting_exceeds_static_max() =>
        Assert.That(Of(Domain(4096) with { DynamicMax = KiB.FromMiB(9000) }).Maximum, Is.EqualTo(KiB.FromMiB(4096)));

    [Test]
    public void Video_memory_is_part_of_static_max_and_not_of_a_target() =>
        Assert.That(Of(Domain(4112) with { VideoRam = KiB.FromMiB(16) }), Is.EqualTo(Range(512, 4096)));

    [Test]
    public void Minimum_above_the_maximum_gives_an_empty_range_at_the_maximum()
    {
        var settings = new DomainSettings { Minimum = KiB.FromMiB(3000), Maximum = KiB.FromMiB(2000) };
        DomainRange range = Of(Domain(4096), settings);
        Assert.That(range, Is.EqualTo(Range(2000, 2000)));
        Assert.That(range.IsEmpty, Is.True);
        Assert.That(Range(2000, 2001).IsEmpty, Is.False);
    }

    [TestCase(3000, null, "min 3000 MiB ([defaults]) is above its maximum, 2000 MiB: 2000 MiB is in force")]
    [TestCase(null, 3000, "pin 3000 MiB ([defaults]) is above its maximum, 2000 MiB: 2000 MiB is in force")]
    [TestCase(1000, 500, "pin 500 MiB ([defaults]) is below its minimum, 1000 MiB: 1000 MiB is in force")]
    [TestCase(2000, 2000, null)]
    [TestCase(null, null, null)]
    public void Setting_that_the_range_does_not_allow_is_a_conflict(int? minimum, int? pin, string? expected)
    {
        var settings = new DomainSettings
        {
            Minimum = minimum is { } least ? KiB.FromMiB(least) : null,
            Pin = pin is { } size ? KiB.FromMiB(size) : null,
        };
        HostBuilder host = new HostBuilder().With(1, 1500, 2000).WithFree(1000);
        host.Settings = host.Settings with { Defaults = settings };

        DomainDecision decision = HostBuilder.Of(host.Decide(), 1);

        Assert.That(decision.Conflict?.Explain("[defaults]"), Is.EqualTo(expected));
    }

    [Test]
    public void Both_bounds_are_whole_pages_within_the_settings() =>
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
    public void Static_max_of_video_memory_only_leaves_a_page() => Assert.That(
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
