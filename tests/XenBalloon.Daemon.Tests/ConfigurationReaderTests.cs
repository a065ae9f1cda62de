using Microsoft.Extensions.Logging;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests;

public sealed class ConfigurationReaderTests
{
    private readonly string path = Path.GetTempFileName();

    [TearDown]
    public void Delete() => File.Delete(path);

    [Test]
    public void Empty_file_gives_mode_observe_and_the_documented_defaults()
    {
        DaemonConfiguration configuration = Read("");
        DaemonConfiguration read = configuration.With(all => all with { Rules = [] });
        Assert.That(read, Is.EqualTo(new DaemonConfiguration { Path = path }));
        Assert.That(configuration.Mode, Is.EqualTo(BalancerMode.Observe));
    }

    [Test]
    public void Every_key_of_the_host_section_is_read()
    {
        DaemonConfiguration configuration = Read(
            """
            [host]
            mode = active
            interval = 500ms
            slack = 32m
            keep-free = 1.5g
            idle-tax = 0.5
            headroom = 0.1
            policy = shares
            spare = lend
            pace = 0.1
            press-to-share = no
            probing = yes
            override = adopt
            stale-after = 2m
            log-level = debug
            log-file = /var/log/x.log
            allow-autoballoon = yes
            """);
        Assert.Multiple(() =>
        {
            Assert.That(configuration.Mode, Is.EqualTo(BalancerMode.Active));
            Assert.That(configuration.Interval, Is.EqualTo(TimeSpan.FromMilliseconds(500)));
            Assert.That(configuration.Balancer.Slack, Is.EqualTo(KiB.FromMiB(32)));
            Assert.That(configuration.Balancer.KeepFree, Is.EqualTo(KiB.FromMiB(1536)));
            Assert.That(configuration.Balancer.IdleTax, Is.EqualTo(0.5));
            Assert.That(configuration.Balancer.Headroom, Is.EqualTo(0.1));
            Assert.That(configuration.Balancer.Policy, Is.EqualTo(PolicyKind.Shares));
            Assert.That(configuration.Balancer.Spare, Is.EqualTo(SpareUse.Lend));
            Assert.That(configuration.Balancer.Pace, Is.EqualTo(0.1));
            Assert.That(configuration.Balancer.PressToShare, Is.False);
            Assert.That(configuration.Balancer.Probing, Is.True);
            Assert.That(configuration.Balancer.Override, Is.EqualTo(OverrideHandling.Adopt));
            Assert.That(configuration.Balancer.StaleAfter, Is.EqualTo(TimeSpan.FromMinutes(2)));
            Assert.That(configuration.LogLevel, Is.EqualTo(LogLevel.Debug));
            Assert.That(configuration.LogFile, Is.EqualTo("/var/log/x.log"));
            Assert.That(configuration.AllowAutoballoon);
        });
    }

    [Test]
    public void Exact_names_override_globs_and_globs_override_defaults_in_any_order()
    {
        BalancerSettings settings = Read(
            """
            [domain "web1"]
            weight = 300
            [domain "web*"]
            weight = 200
            min = 256m
            [defaults]
            weight = 50
            max = 4g
            managed = no
            """).Balancer;
        DomainSettings web1 = new()
        {
            Weight = 300,
            Minimum = KiB.FromMiB(256),
            Maximum = KiB.FromMiB(4096),
            Managed = false,
        };
        Assert.Multiple(() =>
        {
            Assert.That(Of(settings, "web1"), Is.EqualTo(web1));
            Assert.That(Of(settings, "web2").Weight, Is.EqualTo(200));
            Assert.That(Of(settings, "db").Weight, Is.EqualTo(50));
        });
    }

    [Test]
    public void Domain_is_named_by_its_uuid()
    {
        Guid uuid = Guid.NewGuid();
        BalancerSettings settings = Read($"[domain \"{uuid}\"]\nmin = 1g\n").Balancer;
        Assert.That(settings.For(new DomainIdentity(3, uuid), "any").Minimum, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [TestCaseSource(typeof(DomainSetting), nameof(DomainSetting.All))]
    public void Every_domain_setting_is_read_from_defaults_and_from_a_section(DomainSetting setting)
    {
        long value = setting.Most is 1 ? 1 : 4096;
        string line = $"{setting} = {setting.Format(value)}\n";

        Assert.That(setting.Get(Of(Read("[defaults]\n" + line).Balancer, "web")), Is.EqualTo(value));
        Assert.That(setting.Get(Of(Read("[domain \"w*\"]\n" + line).Balancer, "web")), Is.EqualTo(value));
        Assert.That(setting.Get(Of(Read("[domain \"w*\"]\n" + line).Balancer, "db")), Is.Null);
    }

    [TestCaseSource(typeof(DomainSetting), nameof(DomainSetting.All))]
    public void Every_domain_setting_refuses_an_invalid_value(DomainSetting setting) =>
        Assert.That(Errors($"[defaults]\n{setting} = -7\n").Single(), Does.StartWith($"2: invalid {setting}"));

    [Test]
    public void Comments_blank_lines_quotes_case_and_line_ends_are_read_as_in_INI_files()
    {
        DaemonConfiguration configuration = Read(
            "\uFEFF\r\n; one\r\n# two = 2\r\n/ three\r\n\t[ HOST ]\r\n  Mode\t=\tACTIVE  \r\nSLACK=\"32m\"\r\n"
            + "[Domain \"a=b:c\"]\r\nWeight = 7\r\n");

        Assert.That(configuration.Mode, Is.EqualTo(BalancerMode.Active));
        Assert.That(configuration.Balancer.Slack, Is.EqualTo(KiB.FromMiB(32)));
        Assert.That(Of(configuration.Balancer, "a=b:c").Weight, Is.EqualTo(7));
        Assert.That(Of(configuration.Balancer, "A=B:C").Weight, Is.Null);
    }

    [Test]
    public void Section_may_be_continued_and_domain_names_are_case_sensitive()
    {
        BalancerSettings settings = Read(
            "[domain \"web\"]\nmin = 1g\n[domain \"WEB\"]\nweight = 5\n[domain  \"web\"]\nweight = 7\n").Balancer;

        Assert.That(Of(settings, "web"), Is.EqualTo(new DomainSettings { Minimum = KiB.FromMiB(1024), Weight = 7 }));
        Assert.That(Of(settings, "WEB"), Is.EqualTo(new DomainSettings { Weight = 5 }));
    }

    [Test]
    public void All_errors_are_reported_at_once_with_file_and_line()
    {
        string[] errors = Errors(
            """
            mode = active
            interval = 1s
            [host]
            mode = turbo
            slack = 512
            interval = 3 parsecs
            idle-tax = 1
            colour = blue
            what is this
            [domain "db"]
            min = 2g
            max = 1g
            weight = 0
            managed = maybe
            [domains]
            min = nothing to do with it
            [host
            pace = 7
            [defaults]
            slak = 1m
            """);
        Assert.That(errors, Is.EqualTo(new[]
        {
            "1: key before the first section: expected [host], [defaults] or [domain \"NAME, UUID or GLOB\"]",
            "4: invalid mode 'turbo': expected observe or active",
            "5: invalid slack: '512' has no unit: write 512m for MiB, 512g for GiB or 512k for KiB",
            "6: invalid interval '3 parsecs': expected 200ms to 1m with its unit, such as 500ms, 5s or 2m",
            "7: invalid idle-tax '1': expected a number from 0 to below 1, such as 0.25",
            "8: unknown key 'colour' in [host]: expected one of mode, policy, interval, slack, keep-free, idle-tax, "
                + "headroom, spare, pace, press-to-share, probing, override, on-stop, stale-after, log-level, "
                + "log-file, allow-autoballoon",
            "9: invalid line 'what is this': expected [SECTION] or KEY = VALUE",
            "11: min 2048 MiB is above max 1024 MiB in line 12: lower it",
            "13: invalid weight '0': expected 1 to 10000",
            "14: invalid managed 'maybe': expected yes or no",
            "15: unknown section [domains]: expected [host], [defaults] or [domain \"NAME, UUID or GLOB\"]",
            "17: unclosed section '[host': expected [SECTION] alone on its line",
            "20: unknown key 'slak' in [defaults]: expected one of min, max, weight, pin, managed, "
                + "swap, qubes-reports",
        }));
    }

    [TestCase("[host]\nmode = active\nslack = 1m\nMode = observe\n", 4, 2, "mode", "[host]")]
    [TestCase("[host]\nmode = turbo\nmode = observe\n", 3, 2, "mode", "[host]")]
    [TestCase("[defaults]\nmin = 1m\n[host]\n[DEFAULTS]\nmin = 1m\n", 5, 2, "min", "[defaults]")]
    [TestCase("[domain \"a\"]\nmin = 1m\n[domain \"a\"]\nmin = 1m\n", 4, 2, "min", "[domain \"a\"]")]
    public void Duplicate_key_is_reported_with_both_lines(string text, int line, int first, string key, string title)
    {
        string error = $"{line}: duplicate key '{key}' in {title}, first in line {first}: remove one";
        Assert.That(Errors(text), Does.Contain(error));
    }

    [TestCase("[domain web]\nmin = 1g\n", "1: unknown section [domain web]: ")]
    [TestCase("[domain \"\"]\nmin = 1g\n", "1: unknown section [domain \"\"]: ")]
    [TestCase("[hots]\n", "1: unknown section [hots]: ")]
    [TestCase("[]\n", "1: unknown section []: ")]
    [TestCase("[", "1: unclosed section '[': ")]
    [TestCase("[host] # ours\n", "1: unclosed section '[host] # ours': ")]
    [TestCase("[host]\n= 5\n", "2: invalid line '= 5': ")]
    [TestCase("[host]\nmode =\n", "2: invalid mode '': expected observe or active")]
    [TestCase("[host]\nmode = paused\n", "2: invalid mode 'paused': expected observe or active")]
    [TestCase("[host]\npolicy = x\n", "2: invalid policy 'x': expected fair-share, proportional, shares or static")]
    [TestCase("[host]\noverride = x\n", "2: invalid override 'x': expected ignore, pin or adopt")]
    [TestCase("[host]\nslack = -1m\n", "2: invalid slack: '-1m' is not a size")]
    [TestCase("[host]\nslack = 99999999t\n", "2: invalid slack: '99999999t' is more memory than any machine has")]
    [TestCase("[host]\ninterval = 1e9s\n", "2: invalid interval '1e9s': ")]
    [TestCase("[host]\ninterval = nans\n", "2: invalid interval 'nans': ")]
    [TestCase("[host]\nidle-tax = -Infinity\n", "2: invalid idle-tax '-Infinity': ")]
    [TestCase("[host]\nidle-tax = NaN\n", "2: invalid idle-tax 'NaN': ")]
    [TestCase("[host]\ninterval = 1ms\n", "2: invalid interval '1ms': expected 200ms to 1m")]
    [TestCase("[host]\nstale-after = 2h\n", "2: invalid stale-after '2h': expected 5s to 1h")]
    [TestCase("[host]\nlog-file = x.log\n", "2: invalid log-file 'x.log': expected the absolute path of a file")]
    [TestCase("[host]\nlog-file = /var/log/\n", "2: invalid log-file '/var/log/': expected the absolute path")]
    [TestCase("[host]\nlog-file =\n", "2: invalid log-file '': expected the absolute path")]
    [TestCase("[defaults]\nmin = 0m\n", "2: invalid min '0m': expected a size of at least 4 KiB")]
    [TestCase("[host]\nmode = \0\n", "2: control character: remove it")]
    [TestCase("\0\0\0\0", "1: control character: remove it")]
    [TestCase("[host]\nmode = \x1b[31m\n", "2: control character: remove it")]
    public void Invalid_line_is_reported_with_what_is_expected(string text, string error) =>
        Assert.That(Errors(text), Has.Length.EqualTo(1).And.One.StartsWith(error));

    [Test]
    public void Errors_quote_the_file_short_and_printable()
    {
        (string x, string y, string z) = (new string('x', 900), new string('y', 5000), new string('z', 500));
        string[] errors = Errors($"[host]\nmode = {x}\n{y}\nmode\u202E = 1\n[{z}]\n");

        Assert.That(errors, Has.Length.EqualTo(4).And.All.Length.LessThan(320));
        Assert.That(errors[0], Is.EqualTo($"2: invalid mode '{x[..80]}…': expected observe or active"));
        Assert.That(errors[1], Is.EqualTo("3: line of 5000 characters: expected at most 1000"));
        Assert.That(errors[2], Does.StartWith("4: unknown key 'mode?' in [host]"));
    }

    [Test]
    public void File_that_is_not_UTF8_is_reported()
    {
        File.WriteAllBytes(path, [.. "[domain \"k"u8, 0xF6, .. "ln\"]\n"u8]);

        Assert.That(Refused().Message, Is.EqualTo($"{path}:1: invalid character: save the file as UTF-8"));
    }

    [Test]
    public void Errors_of_a_file_of_another_kind_are_limited()
    {
        string[] lines = Refused(string.Concat(Enumerable.Repeat("junk\n", 1000))).Message.Split('\n');

        Assert.That(lines, Has.Length.EqualTo(51));
        Assert.That(lines[^1], Is.EqualTo($"{path}: 1000 errors: check that it is a configuration file"));
    }

    [Test]
    public void Random_and_damaged_files_are_read_or_refused()
    {
        var random = new Random(1);
        byte[] shipped = File.ReadAllBytes(Path.Combine(Repository.Root, "init/xenballoon.conf"));
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = i % 2 == 0 ? new byte[random.Next(200)] : [.. shipped.Where(letter => letter != '#')];
            if (i % 2 == 0) random.NextBytes(bytes);
            for (int changes = random.Next(1, 9); changes > 0 && bytes.Length > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(path, bytes);
            try
            {
                ConfigurationReader.Read(path);
            }
            catch (ConfigurationException exception)
            {
                string[] lines = exception.Message.Split('\n');
                Assert.That(lines, Has.All.StartsWith(path + ":"));
                Assert.That(string.Concat(lines).Where(char.IsControl), Is.Empty);
            }
        }
    }

    [TestCase(
        "[defaults]\nmin = 4g\n[domain \"web\"]\nmax = 2g\n",
        "2: min 4096 MiB is above max 2048 MiB in line 4: lower it, or set min in [domain \"web\"]")]
    [TestCase(
        "[domain \"web\"]\nmin = 4g\n[defaults]\nmax = 2g\n",
        "2: min 4096 MiB is above max 2048 MiB in line 4: lower it")]
    [TestCase(
        "[domain \"w*\"]\nmin = 4g\n[domain \"web\"]\nmax = 2g\n",
        "2: min 4096 MiB is above max 2048 MiB in line 4: lower it, or set min in [domain \"web\"]")]
    [TestCase("[defaults]\nmin = 1g\npin = 512m\n", "2: min 1024 MiB is above pin 512 MiB in line 3: lower it")]
    [TestCase("[defaults]\nmax = 1g\npin = 2g\n", "3: pin 2048 MiB is above max 1024 MiB in line 2: lower it")]
    public void Size_that_another_section_makes_impossible_is_refused(string text, string error) =>
        Assert.That(Errors(text), Is.EqualTo(new[] { error }));

    [Test]
    public void Sizes_that_hold_for_different_domains_do_not_conflict()
    {
        const string Text = "[defaults]\nmin = 4g\n[domain \"web\"]\nmin = 1g\nmax = 2g\n[domain \"db*\"]\nmin = 8g\n"
            + "[domain \"w*\"]\nmax = 5g\n";
        Assert.That(Of(Read(Text).Balancer, "web").Minimum, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [TestCase("max", "0m")]
    [TestCase("pin", "0m")]
    public void Domain_without_memory_is_refused(string key, string size)
    {
        string error = $"2: invalid {key} '{size}': expected a size of at least 4 KiB";
        Assert.That(Errors($"[defaults]\n{key} = {size}\n").Single(), Does.StartWith(error));
    }

    [TestCase("[host]\nslack = 2g\n", "slack 2048 MiB is not below this host's memory, 2048 MiB: lower it")]
    [TestCase("[host]\nkeep-free = 3g\n", "keep-free 3072 MiB is not below this host's memory, 2048 MiB: lower it")]
    [TestCase(
        "[host]\nkeep-free = 1g\nslack = 1g\n",
        "slack 1024 MiB and keep-free 1024 MiB together are not below this host's memory, 2048 MiB: lower it")]
    [TestCase(
        "[defaults]\nmin = 3g\n", "min 3072 MiB in [defaults] is above this host's memory, 2048 MiB: lower it")]
    [TestCase(
        "[domain \"web\"]\npin = 3g\n",
        "pin 3072 MiB in [domain \"web\"] is above this host's memory, 2048 MiB: lower it")]
    public void Size_above_the_host_is_refused(string text, string error)
    {
        DaemonConfiguration configuration = Read(text);
        Action check = () => HostLimits.Check(configuration, KiB.FromMiB(2048));

        Assert.That(check, Throws.InstanceOf<ConfigurationException>().With.Message.EqualTo($"{path}: {error}"));
        Assert.That(() => HostLimits.Check(configuration, KiB.FromMiB(65536)), Throws.Nothing);
    }

    [Test]
    public void Path_of_the_log_file_is_read_in_full_length()
    {
        string file = "/var/log/" + new string('x', 200);
        Assert.That(Read($"[host]\nlog-file = {file}\n").LogFile, Is.EqualTo(file));
    }

    [Test]
    public void Missing_file_is_named_with_the_remedy()
    {
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read("/nowhere/xenballoon.conf"))!;
        Assert.That(error.IsUnreadable);
        Assert.That(error.Message, Does.Contain("/nowhere/xenballoon.conf").And.Contain("--config FILE"));
    }

    [TestCase("")]
    [TestCase("/tmp")]
    [TestCase("a\0b")]
    [TestCase("/dev/zero")]
    public void Path_that_is_not_a_file_is_unreadable(string name) =>
        Assert.That(Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read(name))!.IsUnreadable);

    [Test]
    public void File_that_another_process_locks_is_read()
    {
        File.WriteAllText(path, "[host]\nmode = active\n");
        using var locked = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None);
        Assert.That(() => File.ReadAllText(path), Throws.InstanceOf<IOException>(), "it is locked");

        Assert.That(ConfigurationReader.Read(path).Mode, Is.EqualTo(BalancerMode.Active));
    }

    [Test]
    public void Pipe_is_refused_at_once()
    {
        File.Delete(path);
        Assert.That(Command.Run("mkfifo", [path]).Status, Is.Zero);
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read(path))!;
        Assert.That(error.Message, Is.EqualTo($"cannot read the configuration file '{path}': it is not a file"));
    }

    [Test]
    public void File_that_is_too_large_is_unreadable()
    {
        File.WriteAllText(path, new string('\n', (1 << 20) + 1));
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read(path))!;
        Assert.That(error.Message, Does.EndWith("it is larger than 1 MiB"));
    }

    [Test]
    public void Shipped_configuration_has_the_defaults()
    {
        string shipped = File.ReadAllText(Path.Combine(Repository.Root, "init/xenballoon.conf"));
        string text = shipped.Split("# Sections for single domains")[0];
        string[] withoutDefault = ["#keep-free = ", "#log-file = "];
        IEnumerable<string> lines = text.Split('\n').Where(line => !withoutDefault.Any(line.StartsWith));
        var all = lines.Select(line => line.Contains(" = ", StringComparison.Ordinal) ? line.TrimStart('#') : line);
        DaemonConfiguration configuration = Read(string.Join('\n', all));
        var defaults = new DaemonConfiguration();
        Assert.That(configuration with { Balancer = defaults.Balancer }, Is.EqualTo(defaults with { Path = path }));
        BalancerSettings general = configuration.Balancer with { Defaults = DomainSettings.None, Rules = [] };
        Assert.That(general, Is.EqualTo(defaults.Balancer));
    }

    private static DomainSettings Of(BalancerSettings settings, string name) =>
        settings.For(new DomainIdentity(1, Guid.Empty), name);

    private DaemonConfiguration Read(string text)
    {
        File.WriteAllText(path, text);
        return ConfigurationReader.Read(path);
    }

    private ConfigurationException Refused(string text)
    {
        File.WriteAllText(path, text);
        return Refused();
    }

    private ConfigurationException Refused()
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read(path))!;
        Assert.That(error.IsUnreadable, Is.False);
        return error;
    }

    /// <summary>The errors, without the file's name but with the line.</summary>
    private string[] Errors(string text)
    {
        string[] lines = Refused(text).Message.Split('\n');
        Assert.That(lines, Has.All.StartsWith(path + ":"));
        return [.. lines.Select(line => line[(path.Length + 1)..])];
    }
}
