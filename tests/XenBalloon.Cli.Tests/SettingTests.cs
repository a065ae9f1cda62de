using System.Text.Json;
using XenBalloon.Bus.Tests.OnPrivateBus;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Tests;

internal sealed class SettingTests : CommandTests
{
    [TestCase("domain 3 Minimum 524288", "set", "web", "--min", "512m")]
    [TestCase("domain 3 Maximum 524288 transient", "set", "3", "--max", "0.5g", "--runtime")]
    [TestCase("domain 3 Range 524288 1048576", "set", "web", "--min", "512m", "--max", "1g")]
    [TestCase("domain 3 Minimum ", "set", "web", "--min", "default")]
    [TestCase("domain 3 Weight 200", "set", "web", "--weight", "200")]
    [TestCase("domain 3 Weight ", "set", "web", "--weight", "default")]
    [TestCase("domain 7 Pin 524288", "pin", "db", "512m")]
    [TestCase("domain 7 Pin 524288 transient", "pin", "db", "512m", "--runtime")]
    [TestCase("unpin 7", "unpin", "db")]
    [TestCase("domain 7 Managed True", "manage", "db")]
    [TestCase("domain 7 Managed False transient", "unmanage", "db", "--runtime")]
    [TestCase("policy Shares", "policy", "shares")]
    [TestCase("reload", "reload")]
    [TestCase("balance", "balance")]
    public void The_daemon_is_asked_for(string asked, params string[] arguments)
    {
        Assert.That(XenBalloon(arguments).Error, Is.Empty);
        Assert.That(Control.Asked, Is.EqualTo(new[] { asked }));
    }

    [Test]
    public void What_holds_then_is_said() =>
        Assert.That(XenBalloon("set", "web", "--weight", "100"), Is.EqualTo(new Command(0, "web, domain 3: 128 MiB to 1024 MiB, weight 100\n", "")));

    [Test]
    public void In_json_it_is_the_domain() =>
        Assert.That(JsonDocument.Parse(XenBalloon("pin", "db", "512m", "--json").Output).RootElement.GetProperty("domid").GetInt32(), Is.EqualTo(7));

    [TestCase("set", "web", "--min", "512")]
    [TestCase("set", "web", "--max", "512")]
    [TestCase("pin", "web", "512")]
    public void A_bare_number_is_no_size(params string[] arguments)
    {
        Command refused = XenBalloon(arguments);

        Assert.That((refused.Status, refused.Error), Is.EqualTo(
            (2, $"xenballoon: '512' has no unit: write 512m for MiB, 512g for GiB or 512k for KiB: see 'xenballoon {arguments[0]} --help'\n")));
    }

    [Test]
    public void Pins_and_origins_show()
    {
        Say(RuntimeSettings.None.With(Canned.Uuid(3), DomainSetting.Weight, new DomainSettings { Weight = 100 }, transient: false));

        Assert.That(XenBalloon("explain", "web").Output, Does.Contain("settings     weight: set, kept"));
    }

    [TestCase("a b")]
    [TestCase("it's")]
    [TestCase("say \"x\"")]
    [TestCase("@web")]
    [TestCase("größe-データ")]
    [TestCase("a\u001b[2J")]
    [TestCase("*")]
    public void A_domain_may_be_called(string name)
    {
        Core.DomainDecision odd = Canned.Db with { Domain = Canned.Db.Domain with { Name = name } };
        Server.Publish(Canned.Publish(odd));
        Eventually.Holds(() => XenBalloon("explain", name).Status == 0, () => XenBalloon("explain", name).Error);

        Command pinned = XenBalloon("pin", name, "512m");

        Assert.That((pinned.Status, pinned.Error), Is.EqualTo((0, "")));
        Assert.That(pinned.Output, Does.Not.Contain('\u001b'));
        Assert.That(Control.Asked, Is.EqualTo(new[] { "domain 7 Pin 524288" }));
    }

    [Test]
    public void A_name_of_digits_gives_way_to_a_domid()
    {
        Core.DomainDecision digits = Canned.Db with { Domain = Canned.Db.Domain with { Name = "3" } };
        Server.Publish(Canned.Publish(Canned.Web, digits));
        Eventually.Holds(() => XenBalloon("explain", "db").Status == 4, () => "");

        XenBalloon("unpin", "3");
        XenBalloon("unpin", Canned.Uuid(7).ToString());

        Assert.That(Control.Asked, Is.EqualTo(new[] { "unpin 3", "unpin 7" }));
    }

    [Test]
    public void An_empty_name_is_none()
    {
        Command refused = XenBalloon("unpin", "");

        Assert.That((refused.Status, refused.Error), Is.EqualTo((1, "xenballoon: the domain is empty: give a name, a UUID or a domid\n")));
    }

    [Test]
    public void A_name_that_two_have_is_ambiguous()
    {
        Core.DomainDecision twin = Canned.Db with { Domain = Canned.Db.Domain with { Name = "web" } };
        Server.Publish(Canned.Publish(Canned.Web, twin));
        Eventually.Holds(() => XenBalloon("explain", "db").Status == 4, () => "");

        Command refused = XenBalloon("unpin", "web");

        Assert.That((refused.Status, refused.Error), Is.EqualTo((1, "xenballoon: 'web' is 2 domains, 3 and 7: give a domid\n")));
    }

    [TestCase("set", "web", "--weight", "5")]
    [TestCase("pin", "web", "512m")]
    [TestCase("unpin", "web")]
    [TestCase("manage", "web")]
    [TestCase("unmanage", "web")]
    [TestCase("policy", "shares")]
    [TestCase("reload")]
    [TestCase("balance")]
    public void Nobody_may_not(params string[] arguments)
    {
        Command refused = Command.RunAsNobody(NobodysProgram.In(Bus.Directory), arguments, BusEnvironment);

        Assert.That((refused.Status, refused.Output), Is.EqualTo((1, "")));
        Assert.That(refused.Error, Does.Match(@"\Axenballoon: \w+ is for root only, and was called by uid 65534: use sudo[^\n]*\n\z"));
        Assert.That(Control.Asked, Is.Empty);
    }

    [Test]
    public void A_host_that_ssh_would_take_for_an_option_is_refused() =>
        Assert.That(XenBalloon("list", "-H", "-oProxyCommand=x").Status, Is.EqualTo(2));

    private void Say(RuntimeSettings said)
    {
        Server.Publish(Canned.Host with { Settings = new BalancerSettings { Runtime = said } });
        Eventually.Holds(() => XenBalloon("explain", "web").Output.Contains(": set", StringComparison.Ordinal), () => XenBalloon("explain", "web").Output);
    }
}
