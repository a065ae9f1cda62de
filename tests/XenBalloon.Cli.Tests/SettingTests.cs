using System.Text.Json;
using System.Text.RegularExpressions;
using XenBalloon.Core.Settings;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

internal sealed class SettingTests : CommandTests
{
    [TestCase("domain 3 min=524288", "set", "web", "--min", "512m")]
    [TestCase("domain 3 max=524288 transient", "set", "3", "--max", "0.5g", "--runtime")]
    [TestCase("domain 3 min=", "set", "web", "--min", "default")]
    [TestCase("domain 3 weight=200", "set", "web", "--weight", "200")]
    [TestCase("domain 3 weight=", "set", "web", "--weight", "default")]
    [TestCase("domain 3 pin=524288", "set", "web", "--pin", "512m")]
    [TestCase("domain 3 managed=0", "set", "web", "--managed", "no")]
    [TestCase("domain 3 swap=0", "set", "web", "--swap", "no")]
    [TestCase("domain 3 swap=", "set", "web", "--swap", "default")]
    [TestCase("domain 3 qubes-reports=1", "set", "web", "--qubes-reports", "yes")]
    [TestCase("domain 3 qubes-reports=", "set", "web", "--qubes-reports", "default")]
    [TestCase("domain 7 pin=524288", "pin", "db", "512m")]
    [TestCase("domain 7 pin=524288 transient", "pin", "db", "512m", "--runtime")]
    [TestCase("domain 7 pin=", "pin", "db", "default")]
    [TestCase("domain 7 pin= transient", "pin", "db", "default", "--runtime")]
    [TestCase("unpin 7", "unpin", "db")]
    [TestCase("domain 7 managed=1", "manage", "db")]
    [TestCase("domain 7 managed=", "manage", "db", "--default")]
    [TestCase("domain 7 managed= transient", "manage", "db", "--default", "--runtime")]
    [TestCase("domain 7 managed=0 transient", "unmanage", "db", "--runtime")]
    [TestCase("policy Shares", "policy", "shares")]
    [TestCase("reload", "reload")]
    [TestCase("balance", "balance")]
    [TestCase("restore within 60", "restore")]
    [TestCase("restore within 300", "restore", "--timeout", "300")]
    public void Command_sends_its_request(string asked, params string[] arguments)
    {
        Assert.That(XenBalloon(arguments).Error, Is.Empty);
        Assert.That(Control.Requests, Is.EqualTo(new[] { asked }));
    }

    [Test]
    public void Set_sends_all_given_settings_in_one_call()
    {
        string[] sizes = ["--min", "512m", "--max", "1g", "--pin", "768m"];
        string[] others = ["--weight", "default", "--managed", "yes", "--swap", "yes", "--qubes-reports", "no"];

        Assert.That(XenBalloon(["set", "web", .. others, .. sizes]).Error, Is.Empty);
        Assert.That(Control.Requests, Is.EqualTo(
            new[] { "domain 3 min=524288 max=1048576 weight= pin=786432 managed=1 swap=1 qubes-reports=0" }));
    }

    [Test]
    public void Each_setting_is_an_option_of_set_with_its_description()
    {
        string help = XenBalloon("set", "--help").Output;

        foreach (DomainSetting setting in DomainSetting.All)
        {
            string description = Regex.Escape(setting.Description.TrimEnd('.'));
            Assert.That(help, Does.Match($@"--{setting.Name} <[^>]*\bdefault> +{description}"));
        }

        Assert.That(help, Does.Contain("1 to 10000"));
    }

    [TestCase("--weight", "x", "invalid weight 'x': expected 1 to 10000")]
    [TestCase("--weight", "10001", "invalid weight '10001': expected 1 to 10000")]
    [TestCase("--managed", "maybe", "invalid managed 'maybe': expected yes or no")]
    [TestCase("--swap", "none", "invalid swap 'none': expected yes or no")]
    [TestCase("--qubes-reports", "2", "invalid qubes-reports '2': expected yes or no")]
    public void Invalid_value_is_refused_with_what_is_expected(string option, string value, string error) =>
        Assert.That(XenBalloon("set", "web", option, value), Is.EqualTo(
            new Command(2, "", $"xenballoon: {error}: see 'xenballoon set --help'\n")));

    [Test]
    public void Set_without_a_setting_names_the_options() =>
        Assert.That(XenBalloon("set", "web").Error, Does.StartWith(
            "xenballoon: nothing to set: give at least one of "
                + "--min, --max, --weight, --pin, --managed, --swap, --qubes-reports: "));

    [Test]
    public void Unmanage_has_no_default() =>
        Assert.That(XenBalloon("unmanage", "db", "--default").Status, Is.EqualTo(2));

    [Test]
    public void Change_writes_the_settings_in_force() =>
        Assert.That(XenBalloon("set", "web", "--weight", "100"), Is.EqualTo(
            new Command(
                0, "web, domain 3: 128 MiB to 1024 MiB, weight 100\nkept for every domain named web\n", "")));

    [TestCase("set", "web", "--min", "default")]
    [TestCase("set", "web", "--min", "default", "--runtime")]
    [TestCase("pin", "web", "default")]
    [TestCase("manage", "web", "--default")]
    public void Return_to_the_configuration_is_not_called_kept(params string[] arguments) =>
        Assert.That(XenBalloon(arguments).Output, Does.EndWith("configured, for every domain named web\n"));

    [Test]
    public void Restore_writes_what_each_managed_domain_has()
    {
        Command restored = XenBalloon("restore");

        Assert.That(restored, Is.EqualTo(new Command(
            0,
            "web has 800 MiB and booted with 512 MiB\ndb has 512 MiB and booted with 512 MiB\nmode is active\n",
            "")));
    }

    [Test]
    public void Restore_fails_and_names_a_domain_that_has_less_than_it_booted_with()
    {
        Control.Missing = ["db: 300 MiB of 512 MiB: left alone: it is not running"];

        Command restored = XenBalloon("restore");

        Assert.That((restored.Status, restored.Error), Is.EqualTo((1, $"xenballoon: {Control.Missing[0]}\n")));
    }

    [Test]
    public void Change_at_run_time_says_how_long_it_lasts() =>
        Assert.That(XenBalloon("unmanage", "web", "--runtime").Output, Does.EndWith(
            "\nuntil the daemon ends, for every domain named web\n"));

    [Test]
    public void Change_writes_the_domain_as_json()
    {
        JsonElement domain = JsonElement.Parse(XenBalloon("pin", "db", "512m", "--json").Output);

        Assert.That(domain.GetProperty("domid").GetInt32(), Is.EqualTo(7));
    }

    [TestCase("invalid min: ", "set", "web", "--min", "512")]
    [TestCase("invalid max: ", "set", "web", "--max", "512")]
    [TestCase("invalid pin: ", "pin", "web", "512")]
    [TestCase("", "reserve", "512")]
    public void Size_needs_a_unit(string start, params string[] arguments)
    {
        string error = $"{start}'512' has no unit: write 512m for MiB, 512g for GiB or 512k for KiB";
        string help = $"see 'xenballoon {arguments[0]} --help'";

        Assert.That(XenBalloon(arguments), Is.EqualTo(new Command(2, "", $"xenballoon: {error}: {help}\n")));
    }

    [Test]
    public void Origin_of_a_setting_is_shown()
    {
        var weight = new Dictionary<DomainSetting, long?> { [DomainSetting.Weight] = 100 };
        RuntimeSettings runtime = RuntimeSettings.None.With(Canned.Uuid(3), "web", weight, transient: false);
        Server.Publish(Canned.Host with { Settings = new BalancerSettings { Runtime = runtime } });
        string Explained() => XenBalloon("explain", "web").Output;
        Eventually.Holds(() => Explained().Contains(": set", StringComparison.Ordinal), Explained);

        Assert.That(XenBalloon("explain", "web").Output, Does.Contain("settings     weight: set, kept for its name"));
    }

    [TestCase("a b")]
    [TestCase("it's")]
    [TestCase("say \"x\"")]
    [TestCase("@web")]
    [TestCase("größe-データ")]
    [TestCase("a\u001b[2J")]
    [TestCase("*")]
    public void Domain_names_may_contain_special_characters(string name)
    {
        Core.DomainDecision odd = Canned.Db with { Domain = Canned.Db.Domain with { Name = name } };
        Server.Publish(Canned.Publish(odd));
        Eventually.Holds(() => XenBalloon("explain", name).Status == 0, () => XenBalloon("explain", name).Error);

        Command pinned = XenBalloon("pin", name, "512m");

        Assert.That((pinned.Status, pinned.Error), Is.EqualTo((0, "")));
        Assert.That(pinned.Output, Does.Not.Contain('\u001b'));
        Assert.That(Control.Requests, Is.EqualTo(new[] { "domain 7 pin=524288" }));
    }

    [Test]
    public void Name_of_digits_is_taken_for_a_domid()
    {
        Core.DomainDecision digits = Canned.Db with { Domain = Canned.Db.Domain with { Name = "3" } };
        Server.Publish(Canned.Publish(Canned.Web, digits));
        Eventually.Holds(() => XenBalloon("explain", "db").Status == 4, () => "");

        XenBalloon("unpin", "3");
        XenBalloon("unpin", Canned.Uuid(7).ToString());

        Assert.That(Control.Requests, Is.EqualTo(new[] { "unpin 3", "unpin 7" }));
    }

    [Test]
    public void Empty_domain_name_is_refused()
    {
        const string Error = "xenballoon: no domain given: expected a name, UUID or domid\n";

        Assert.That(XenBalloon("unpin", ""), Is.EqualTo(new Command(1, "", Error)));
    }

    [Test]
    public void Ambiguous_name_is_refused()
    {
        Core.DomainDecision twin = Canned.Db with { Domain = Canned.Db.Domain with { Name = "web" } };
        Server.Publish(Canned.Publish(Canned.Web, twin));
        Eventually.Holds(() => XenBalloon("explain", "db").Status == 4, () => "");

        const string Error = "xenballoon: 'web' names 2 domains, 3 and 7: give a domid\n";
        Assert.That(XenBalloon("unpin", "web"), Is.EqualTo(new Command(1, "", Error)));
    }

    [TestCase("set", "web", "--weight", "5")]
    [TestCase("pin", "web", "512m")]
    [TestCase("unpin", "web")]
    [TestCase("manage", "web")]
    [TestCase("unmanage", "web")]
    [TestCase("policy", "shares")]
    [TestCase("reload")]
    [TestCase("balance")]
    public void Unprivileged_user_cannot_change_anything(params string[] arguments)
    {
        Command refused =
            Command.RunUnprivileged(UnprivilegedProgram.In(Bus.Directory, "xenballoon"), arguments, BusEnvironment);

        Assert.That((refused.Status, refused.Output), Is.EqualTo((1, "")));
        Assert.That(
            refused.Error,
            Does.Match(@"\Axenballoon: \w+ requires root, but the caller is uid 65534: use sudo[^\n]*\n\z"));
        Assert.That(Control.Requests, Is.Empty);
    }
}

internal sealed class ModeTests : CommandTests
{
    [Test]
    public void Mode_is_set_and_shown()
    {
        Control.Respond = () =>
        {
            Server.Publish(Canned.Host with { Mode = BalancerMode.Paused });
            return Task.CompletedTask;
        };

        Assert.That(XenBalloon("mode", "paused"), Is.EqualTo(new Command(0, "mode is paused\n", "")));
        Assert.That(Control.Requests, Is.EqualTo(new[] { "mode Paused" }));
    }

    [Test]
    public void Mode_is_shown_without_an_argument()
    {
        Assert.That(XenBalloon("mode"), Is.EqualTo(new Command(0, "mode is active\n", "")));
        Assert.That(Control.Requests, Is.Empty);
    }

    [TestCase("mode", "expected observe, active or paused")]
    [TestCase("policy", "expected fair-share, proportional, shares or static")]
    public void Invalid_mode_or_policy_is_refused_with_the_valid_ones(string command, string expected) =>
        Assert.That(XenBalloon(command, "x"), Is.EqualTo(
            new Command(2, "", $"xenballoon: invalid {command} 'x': {expected}: see 'xenballoon {command} --help'\n")));

    [Test]
    public void Error_of_the_daemon_is_shown()
    {
        Control.Respond = () => Task.FromException(new InvalidOperationException("not before the first step"));

        Assert.That(XenBalloon("mode", "active"), Is.EqualTo(
            new Command(1, "", "xenballoon: not before the first step\n")));
    }
}
