using XenBalloon.Core.Domains;

namespace XenBalloon.Core.Tests.Safety;

/// <summary>Every safety rule is needed: there is a story that ends well with it and badly without it, and a test notices.</summary>
internal sealed class SafetyRuleTests
{
    [Test]
    public void With_every_rule_no_harm_is_done([Values] SafetyRule rule) => Assert.That(Stories.Of(rule)(new HostBuilder()), Is.Null);

    [Test]
    public void Without_a_rule_the_harm_is_done_that_it_prevents([Values] SafetyRule rule) =>
        Assert.That(Stories.Of(rule)(new HostBuilder(rule)), Is.Not.Null);
}
