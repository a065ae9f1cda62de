using System.Text.Json;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

internal sealed class ExplainTests : CommandTests
{
    [TestCase("web")]
    [TestCase("3")]
    [TestCase("00000003-1234-5678-0102-030405060708")]
    public void A_domain_is_explained_by(string nameOrDomidOrUuid) =>
        Assert.That(XenBalloon("explain", nameOrDomidOrUuid), Is.EqualTo(new Command(0, """
            web, domain 3, 00000003-1234-5678-0102-030405060708, running
              reason       in use 310 MiB, needs 326 MiB, wants 372 MiB, recent peak 780 MiB; share 650 MiB; shrinking 800 MiB to 750 MiB: another domain lacks memory
              actual       800 MiB, capped at 801 MiB
              target       750 MiB
              range        128 MiB to 1024 MiB; static-max 1024 MiB
              in use       310 MiB; with a margin 326 MiB
              needs        326 MiB; wants 372 MiB
              recent peak  780 MiB
              entitlement  650 MiB with weight 100; guaranteed share 600 MiB
              pinned       no
              settings     built-in defaults
              managed      yes
              balloon      cooperative
              report       xenserver, 5 s old at the last balancing pass: fresh

            """, "")));

    [Test]
    public void Where_nothing_is_written_that_is_said()
    {
        Server.Publish(Canned.Host with { Mode = Core.Settings.BalancerMode.Observe });
        Eventually.Holds(() => XenBalloon("mode").Output.Contains("observe", StringComparison.Ordinal), () => XenBalloon("mode").Output);

        Assert.That(XenBalloon("explain", "web").Output, Does.Contain("\n  mode         observe: nothing is written; target and reason are what would be\n"));
    }

    [Test]
    public void A_domain_that_says_nothing_is_explained_too() =>
        Assert.That(XenBalloon("explain", "Domain-0").Output, Does.Contain("reason       not managed").And.Contain("in use       -").And.Contain("report       none"));

    [Test]
    public void Json_is_the_domain_as_in_the_list()
    {
        JsonElement explained = JsonDocument.Parse(XenBalloon("explain", "db", "--json").Output).RootElement;
        JsonElement listed = JsonDocument.Parse(XenBalloon("list", "--json").Output).RootElement.GetProperty("domains")[2];

        Assert.That(JsonSerializer.Serialize(explained), Is.EqualTo(JsonSerializer.Serialize(listed)));
    }

    [Test]
    public void A_domain_that_is_not_there_has_an_exit_code_of_its_own() =>
        Assert.That(XenBalloon("explain", "nope"), Is.EqualTo(new Command(4, "", "xenballoon: no domain 'nope': see 'xenballoon list'\n")));
}
