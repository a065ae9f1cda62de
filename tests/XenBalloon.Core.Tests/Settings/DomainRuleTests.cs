using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests.Settings;

/// <summary>Which rules are meant for a domain, and which of them wins.</summary>
public sealed class DomainRuleTests
{
    private static readonly DomainIdentity Identity = new(7, new Guid("6a5e0000-0000-4000-8000-00000000abcd"));

    [TestCase("web1")]
    [TestCase("web*")]
    [TestCase("web?")]
    [TestCase("*")]
    [TestCase("6a5e0000-0000-4000-8000-00000000abcd")]
    [TestCase("6A5E0000-0000-4000-8000-00000000ABCD")]
    public void A_domain_is_meant_by_its_name_its_UUID_or_a_glob(string pattern) =>
        Assert.That(Weights((pattern, 1)), Is.EqualTo(1));

    [TestCase("web")]
    [TestCase("web1?")]
    [TestCase("Web1")]
    [TestCase("WEB*")]
    [TestCase("6a5e0000-0000-4000-8000-00000000abce")]
    public void Another_name_UUID_or_case_means_another_domain(string pattern) =>
        Assert.That(Weights((pattern, 1)), Is.Null);

    [Test]
    public void An_exact_name_or_UUID_wins_over_a_glob_wherever_it_stands()
    {
        Assert.That(Weights(("web1", 1), ("web?", 2)), Is.EqualTo(1));
        Assert.That(Weights(("web1", 1), ("*", 2)), Is.EqualTo(1));
        Assert.That(Weights((Identity.Uuid.ToString(), 1), ("web*", 2)), Is.EqualTo(1));
    }

    [Test]
    public void Of_two_alike_the_later_wins()
    {
        Assert.That(Weights(("*", 1), ("web*", 2)), Is.EqualTo(2));
        Assert.That(Weights(("web*", 1), ("*", 2)), Is.EqualTo(2));
        Assert.That(Weights(("web1", 1), (Identity.Uuid.ToString(), 2)), Is.EqualTo(2));
    }

    [Test]
    public void What_a_rule_does_not_say_stays_as_others_said_it()
    {
        DomainSettings all = Settings(managed: false, minimum: 1, maximum: 2, weight: 3, pin: 4);
        Assert.That(all.With(DomainSettings.None), Is.EqualTo(all));
    }

    [Test]
    public void What_a_rule_says_takes_the_place_of_what_others_said()
    {
        DomainSettings before = Settings(managed: false, minimum: 1, maximum: 2, weight: 3, pin: 4);
        DomainSettings rule = Settings(managed: true, minimum: 5, maximum: 6, weight: 7, pin: 8);
        Assert.That(before.With(rule), Is.EqualTo(rule));
    }

    [Test]
    public void The_defaults_hold_for_whoever_has_no_rule_that_says_otherwise()
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

    /// <summary>The weight that is in force for the domain <c>web1</c> by these rules.</summary>
    private static int? Weights(params (string Pattern, int Weight)[] rules)
    {
        IEnumerable<DomainRule> made =
            from rule in rules
            select new DomainRule(rule.Pattern, new DomainSettings { Weight = rule.Weight });
        return new BalancerSettings { Rules = [.. made] }.For(Identity, "web1").Weight;
    }
}
