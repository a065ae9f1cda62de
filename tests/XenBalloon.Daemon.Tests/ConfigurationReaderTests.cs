using Microsoft.Extensions.Logging;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Startup;

namespace XenBalloon.Daemon.Tests;

public sealed class ConfigurationReaderTests
{
    private readonly string path = Path.GetTempFileName();

    [TearDown]
    public void Delete() => File.Delete(path);

    [Test]
    public void An_empty_file_means_to_observe_and_the_documented_defaults()
    {
        DaemonConfiguration configuration = Read("");
        Assert.That(configuration with { Balancer = configuration.Balancer with { Rules = [] } }, Is.EqualTo(new DaemonConfiguration()));
        Assert.That(configuration.Mode, Is.EqualTo(BalancerMode.Observe));
    }

    [Test]
    public void Every_key_of_the_host_section_is_taken_over()
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
        });
    }

    [Test]
    public void An_exact_name_wins_over_a_glob_and_a_glob_over_the_defaults_whatever_their_order()
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
        Assert.Multiple(() =>
        {
            Assert.That(Of(settings, "web1"), Is.EqualTo(new DomainSettings { Weight = 300, Minimum = KiB.FromMiB(256), Maximum = KiB.FromMiB(4096), Managed = false }));
            Assert.That(Of(settings, "web2").Weight, Is.EqualTo(200));
            Assert.That(Of(settings, "db").Weight, Is.EqualTo(50));
        });
    }

    [Test]
    public void A_domain_can_be_named_by_its_uuid()
    {
        Guid uuid = Guid.NewGuid();
        BalancerSettings settings = Read($"[domain \"{uuid}\"]\nmin = 1g\n").Balancer;
        Assert.That(settings.For(new DomainIdentity(3, uuid), "any").Minimum, Is.EqualTo(KiB.FromMiB(1024)));
    }

    [Test]
    public void All_errors_are_told_at_once_each_with_file_section_and_key()
    {
        var error = Assert.Throws<StartupException>(() => Read(
            """
            [host]
            mode = turbo
            slack = 512
            interval = 3 parsecs
            idle-tax = 1
            colour = blue
            [domain "db"]
            min = 2g
            max = 1g
            weight = 0
            managed = maybe
            [domains]
            min = 1g
            """))!;
        Assert.That(error.Status, Is.EqualTo(ExitStatus.ConfigurationInvalid));
        string[] lines = error.Message.Split('\n');
        Assert.That(lines, Has.All.StartsWith(path));
        Assert.That(lines, Has.Length.EqualTo(9));
        Assert.That(error.Message, Does.Contain("[host] mode: 'turbo' is no mode: write active")
            .And.Contain("[host] slack: '512' has no unit: write 512m")
            .And.Contain("[host] interval: '3 parsecs' is not in range")
            .And.Contain("[host] idle-tax: '1' is not in range")
            .And.Contain("[host] colour: unknown key; there are mode, policy")
            .And.Contain("[domain \"db\"] min: 2048 MiB is more than max, 1024 MiB")
            .And.Contain("[domain \"db\"] weight: '0' is not in range")
            .And.Contain("[domain \"db\"] managed: 'maybe' is neither yes nor no")
            .And.Contain("unknown section [domains]"));
    }

    [TestCase("mode = active\n", "keys before the first section")]
    [TestCase("[host]\nwhat is this\n", "what is this")]
    [TestCase("[host]\nmode = active\nmode = observe\n", "mode")]
    [TestCase("[domain web]\nmin = 1g\n", "unknown section [domain web]")]
    [TestCase("[domain \"\"]\nmin = 1g\n", "unknown section [domain \"\"]")]
    [TestCase("[host]\nslack = -1m\n", "'-1m' is no size")]
    [TestCase("[host]\ninterval = 1e9s\n", "is not in range")]
    [TestCase("[host]\ninterval = nans\n", "is not in range")]
    [TestCase("[host]\nidle-tax = -Infinity\n", "is not in range")]
    [TestCase("[hots]\n", "unknown section [hots]")]
    [TestCase("[host]\ninterval = 1ms\n", "from 200ms to 60s")]
    public void What_cannot_be_meant_is_refused(string text, string naming)
    {
        var error = Assert.Throws<StartupException>(() => Read(text))!;
        Assert.That(error.Status, Is.EqualTo(ExitStatus.ConfigurationInvalid));
        Assert.That(error.Message, Does.Contain(naming).And.StartsWith(path));
    }

    [Test]
    public void A_file_that_is_not_there_is_named_with_the_remedy()
    {
        var error = Assert.Throws<StartupException>(() => ConfigurationReader.Read("/nowhere/xenballoon.conf"))!;
        Assert.That(error.Status, Is.EqualTo(ExitStatus.ConfigurationUnreadable));
        Assert.That(error.Message, Does.Contain("/nowhere/xenballoon.conf").And.Contain("--config FILE"));
    }

    [Test]
    public void An_empty_name_is_no_file() =>
        Assert.That(Assert.Throws<StartupException>(() => ConfigurationReader.Read(""))!.Status, Is.EqualTo(ExitStatus.ConfigurationUnreadable));

    [Test]
    public void A_directory_in_the_files_place_is_unreadable()
    {
        var error = Assert.Throws<StartupException>(() => ConfigurationReader.Read("/tmp"))!;
        Assert.That(error.Status, Is.EqualTo(ExitStatus.ConfigurationUnreadable));
    }

    [Test]
    public void The_shipped_configuration_says_what_the_defaults_are()
    {
        string shipped = File.ReadAllText(Path.Combine(Repository.Root, "init/xenballoon.conf"));
        string general = shipped[..shipped.IndexOf("# Sections for single domains", StringComparison.Ordinal)];
        string uncommented = string.Join('\n', general.Split('\n').Select(line => line.StartsWith('#') && line.Contains(" = ", StringComparison.Ordinal) ? line[1..] : line));
        DaemonConfiguration configuration = Read(uncommented.Replace("keep-free = 1g", "", StringComparison.Ordinal));
        var defaults = new DaemonConfiguration();
        Assert.That(configuration with { Balancer = defaults.Balancer }, Is.EqualTo(defaults));
        Assert.That(configuration.Balancer with { Defaults = DomainSettings.None, Rules = [] }, Is.EqualTo(new BalancerSettings()));
    }

    private static DomainSettings Of(BalancerSettings settings, string name) => settings.For(new DomainIdentity(1, Guid.Empty), name);

    private DaemonConfiguration Read(string text)
    {
        File.WriteAllText(path, text);
        return ConfigurationReader.Read(path);
    }
}
