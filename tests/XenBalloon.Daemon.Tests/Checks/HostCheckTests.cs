using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Checks;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Dom0;
using XenBalloon.Daemon.Loop;
using XenBalloon.Testing;
using XenBalloon.Xen;
using XenBalloon.Xen.Native;

namespace XenBalloon.Daemon.Tests.Checks;

/// <summary>The findings on hosts on which one thing is not as it should be.</summary>
public sealed class HostCheckTests
{
    private static readonly XenPart Works = new(Failure: null);

    /// <summary>A host on which everything is as it should be, and the daemon balances one guest.</summary>
    private static HostFacts Good { get; } = new()
    {
        ConfigurationPath = "/x.conf",
        Configuration = new DaemonConfiguration { Mode = BalancerMode.Active },
        UserId = 0,
        Xen = new XenParts(new Version(4, 17), Works, Works, Works),
        Domains = new DomainFacts(Snapshot(Guest()), null, []),
        Bus = new BusFacts(null, Daemon, HasPolicy: true),
        State = new StateFacts("/var/lib/x", Exists: true, null, null),
        Dom0 = new Dom0Facts("dom0_mem=1G,max:1G", new Version(4, 17), "autoballoon=\"off\"\n"),
        Toolstack = new ToolstackFacts("/usr/local/sbin/xl", true, true, null, false),
        Programs = [(1, "init")],
    };

    private static DaemonFacts Daemon => new(HostBalancer.Version, "active", "", "none", Reports("fresh"));

    [Test]
    public void Good_host_has_only_good_findings_and_status_0()
    {
        ImmutableArray<Finding> findings = HostCheck.Run(Good);

        Assert.That(findings.Select(finding => finding.Verdict), Has.All.EqualTo(Verdict.Ok));
        Assert.That(new CheckReport(findings).ExitStatus, Is.EqualTo(ExitStatus.Ok));
    }

    [Test]
    public void Findings_are_in_the_order_of_their_ids_in_the_manual()
    {
        HostFacts everything = WithLibvirt("autoballoon = 0\n") with
        {
            Domains = new DomainFacts(Snapshot(Guest() with
            {
                StaticMax = null,
                HasPassthrough = true,
                FixedBy = CreationLimit.VirtualNuma,
            }), null, []),
        };

        Assert.That(
            HostCheck.Run(everything).Select(finding => finding.Id), Is.EqualTo(Enum.GetValues<FindingId>()));
    }

    [Test]
    public void Manual_lists_every_id_and_verdict()
    {
        string manual = File.ReadAllText(Path.Combine(Repository.Root, "docs/man/xenballoond.8"));
        string section = manual[manual.IndexOf(".Sh CHECKS\n", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n.Sh ", StringComparison.Ordinal)];

        Assert.That(Items("Li").Matches(section).Select(Name), Is.EqualTo(EnumText.All<FindingId>()));
        Assert.That(Items("Cm").Matches(section).Select(Name), Is.EqualTo(EnumText.All<Verdict>()));

        static Regex Items(string macro) => new($@"(?m)^\.It {macro} ([a-z0-9-]+)$");
        static string Name(Match item) => item.Groups[1].Value;
    }

    [Test]
    public void Errors_of_the_configuration_have_a_finding_each_and_hide_nothing_else()
    {
        var fault = new ConfigurationException("/x.conf:2: bad\n/x.conf:3: no");
        HostFacts facts = Good with { ConfigurationFault = fault };

        ImmutableArray<Finding> findings = HostCheck.Run(facts);

        Assert.That(
            findings.Take(2).Select(finding => (finding.Verdict, finding.Subject, finding.Text)),
            Is.EqualTo(new[] { (Verdict.Error, "/x.conf:2", "bad"), (Verdict.Error, "/x.conf:3", "no") }));
        Assert.That(findings.Skip(2).Select(finding => finding.Verdict), Has.All.EqualTo(Verdict.Ok));
        Assert.That(new CheckReport(findings).ExitStatus, Is.EqualTo(ExitStatus.ConfigurationInvalid));
    }

    [Test]
    public void Missing_configuration_has_its_own_status()
    {
        var fault = new ConfigurationException("file /x.conf not found: create it") { IsUnreadable = true };

        Finding finding = Only(FindingId.Configuration, Good with { ConfigurationFault = fault });

        Assert.That(finding.Status, Is.EqualTo(ExitStatus.ConfigurationUnreadable));
        Assert.That((finding.Subject, finding.Text), Is.EqualTo(("/x.conf", fault.Message)));
    }

    [Test]
    public void User_other_than_root_is_told_so()
    {
        Finding finding = Only(FindingId.User, Good with { UserId = 1000 });

        Assert.That(finding.Verdict, Is.EqualTo(Verdict.Warning));
        Assert.That(finding.Remedy, Does.Contain("as root"));
    }

    [Test]
    public void Machine_without_Xen_has_its_status_and_the_other_checks_are_made()
    {
        var noXen = new XenParts(
            null,
            Broken(XenUnavailableCause.NotXen, "this machine does not run under Xen"),
            null,
            Broken(XenUnavailableCause.NoXenStoreLibrary, "libxenstore is not installed; run 'apt-get install x'"));
        HostFacts facts = Good with { Xen = noXen, Domains = DomainFacts.None };

        Assert.That(Only(FindingId.Xen, facts).Status, Is.EqualTo(ExitStatus.NotDom0));
        Assert.That(Only(FindingId.Hypervisor, facts).Verdict, Is.EqualTo(Verdict.Note));
        Finding store = Only(FindingId.Xenstore, facts);
        Assert.That(store.Status, Is.EqualTo(ExitStatus.NoXenStore));
        Assert.That(
            (store.Text, store.Remedy), Is.EqualTo(("libxenstore is not installed", "run 'apt-get install x'")));
        Assert.That(Only(FindingId.Guests, facts).Verdict, Is.EqualTo(Verdict.Note));
        Assert.That(new CheckReport(HostCheck.Run(facts)).ExitStatus, Is.EqualTo(ExitStatus.NotDom0));
        Assert.That(Only(FindingId.Balancers, facts).Verdict, Is.EqualTo(Verdict.Ok));
    }

    [Test]
    public void Missing_shim_has_its_status()
    {
        XenParts parts = Good.Xen with { Hypervisor = Broken(XenUnavailableCause.NoShim, "no hypervisor shim") };

        Assert.That(Only(FindingId.Hypervisor, Good with { Xen = parts }).Status, Is.EqualTo(ExitStatus.NoShim));
    }

    [Test]
    public void Missing_bus_has_its_status()
    {
        HostFacts facts = Good with { Bus = new BusFacts("no system bus", null, HasPolicy: true) };

        Assert.That(Only(FindingId.Bus, facts).Status, Is.EqualTo(ExitStatus.NoBus));
        Assert.That(Only(FindingId.Daemon, facts).Verdict, Is.EqualTo(Verdict.Note));
    }

    [TestCase(true, Verdict.Note)]
    [TestCase(false, Verdict.Error)]
    public void Missing_bus_policy_is_an_error_unless_the_daemon_has_its_name(bool runs, object verdict)
    {
        HostFacts facts = Good with { Bus = new BusFacts(null, runs ? Daemon : null, HasPolicy: false) };

        Assert.That(Only(FindingId.BusPolicy, facts).Verdict, Is.EqualTo(verdict));
    }

    [Test]
    public void Configured_size_above_the_hosts_memory_is_an_error_as_at_the_start_of_the_daemon()
    {
        var settings = new BalancerSettings { KeepFree = KiB.FromMiB(1L << 30) };
        var configuration = new DaemonConfiguration { Path = "/x.conf", Balancer = settings };

        Finding finding = Only(FindingId.Configuration, Good with { Configuration = configuration });

        Assert.That((finding.Verdict, finding.Status), Is.EqualTo((Verdict.Error, ExitStatus.ConfigurationInvalid)));
        Assert.That(finding.Subject, Is.EqualTo("/x.conf"));
        Assert.That(finding.Text, Does.StartWith("keep-free 1048576 GiB is not below this host's memory"));
    }

    [Test]
    public void Daemon_of_another_version_must_be_restarted()
    {
        Finding finding = WithDaemon(Daemon with { Version = "0.0.1" });

        Assert.That(finding.Verdict, Is.EqualTo(Verdict.Warning));
        Assert.That(finding.Remedy, Is.EqualTo("run 'systemctl restart xenballoond'"));
        Assert.That(finding.Text, Does.StartWith("version 0.0.1 runs in mode active"));
    }

    [Test]
    public void Daemon_that_refuses_its_mode_says_why()
    {
        Finding finding = WithDaemon(Daemon with { Mode = "observe", ModeReason = "xl may shrink dom0" });

        Assert.That((finding.Verdict, finding.Text), Is.EqualTo(
            (Verdict.Warning, $"version {HostBalancer.Version} runs in mode observe: xl may shrink dom0")));
    }

    [Test]
    public void Alarm_of_the_daemon_is_a_warning() => Assert.That(
        WithDaemon(Daemon with { Alarm = "minimums-exceed-host" }).Text, Does.EndWith("alarm minimums-exceed-host"));

    [Test]
    public void Daemon_without_bus_is_found_by_its_process()
    {
        HostFacts facts = Good with { Bus = Good.Bus with { Daemon = null }, Programs = [(7, "xenballoond")] };

        Assert.That(Only(FindingId.Daemon, facts).Text, Is.EqualTo("runs (process 7), but is not on the system bus"));
    }

    [TestCase(false, null, null, Verdict.Note)]
    [TestCase(true, "read-only file system", null, Verdict.Error)]
    [TestCase(true, null, "unknown member", Verdict.Warning)]
    public void State_directory_is_checked(bool exists, string? writeFault, string? fileFault, object verdict)
    {
        HostFacts facts = Good with { State = new StateFacts("/s", exists, writeFault, fileFault) };

        Finding finding = Only(FindingId.State, facts);
        Assert.That(finding.Verdict, Is.EqualTo(verdict));
        Assert.That(finding.Text, Does.Contain(writeFault ?? fileFault ?? "does not exist"));
    }

    [TestCase(null, Verdict.Note)]
    [TestCase("autoballoon=no\n", Verdict.Error)]
    [TestCase("autoballoon=\"no\"\n", Verdict.Warning)]
    [TestCase("autoballoon=\"auto\"\n", Verdict.Ok)]
    public void Configuration_of_xl_is_checked(string? text, object verdict) => Assert.That(
        Only(FindingId.XlConfiguration, Good with { Dom0 = Good.Dom0 with { XlConfiguration = text } }).Verdict,
        Is.EqualTo(verdict));

    [TestCase(BalancerMode.Active, false, Verdict.Error)]
    [TestCase(BalancerMode.Observe, false, Verdict.Warning)]
    [TestCase(BalancerMode.Active, true, Verdict.Note)]
    public void xl_that_may_shrink_dom0_is_an_error_where_memory_is_moved(
        BalancerMode mode, bool allowed, object verdict)
    {
        HostFacts facts = Good with
        {
            Configuration = new DaemonConfiguration { Mode = mode, AllowAutoballoon = allowed },
            Dom0 = new Dom0Facts("", new Version(4, 17), null),
        };

        Finding finding = Only(FindingId.Autoballoon, facts);
        Assert.That(finding.Verdict, Is.EqualTo(verdict));
        Assert.That(finding.Remedy, allowed ? Is.Null : Does.Contain("dom0_mem=SIZE,max:SIZE"));
        Assert.That(finding.Status, Is.EqualTo(ExitStatus.CheckFailed));
    }

    [Test]
    public void Unknown_rule_of_xl_is_a_note() => Assert.That(
        Only(FindingId.Autoballoon, Good with { Dom0 = Dom0Facts.Unknown }).Verdict, Is.EqualTo(Verdict.Note));

    [Test]
    public void dom0_with_most_of_the_memory_is_a_warning()
    {
        HostSnapshot snapshot = Snapshot(Guest());
        snapshot = snapshot with { Total = KiB.FromMiB(2047) };

        Finding finding = Only(FindingId.Dom0Memory, Good with { Domains = Good.Domains with { Snapshot = snapshot } });
        Assert.That(finding.Verdict, Is.EqualTo(Verdict.Warning));
    }

    [TestCase("squeezed")]
    [TestCase("qmemmand")]
    public void Other_balancer_is_an_error_where_memory_is_moved(string program)
    {
        HostFacts facts = Good with { Programs = [(1, "init"), (42, program)] };

        Finding finding = Only(FindingId.Balancers, facts);
        Assert.That((finding.Verdict, finding.Subject), Is.EqualTo((Verdict.Error, $"{program} (process 42)")));
        facts = facts with { Configuration = new DaemonConfiguration() };
        Assert.That(Only(FindingId.Balancers, facts).Verdict, Is.EqualTo(Verdict.Warning));
    }

    [Test]
    public void Plugin_that_only_counts_is_no_balancer() => Assert.That(
        Only(FindingId.Balancers, Good with { Programs = [(5, "xcp-rrdd-squeezed")] }).Verdict, Is.EqualTo(Verdict.Ok));

    [TestCase("autoballoon = 0\n", "", Verdict.Ok)]
    [TestCase("autoballoon = 1 # as before\n", "dom0_mem=1G", Verdict.Warning)]
    [TestCase("#autoballoon = 0\n", "dom0_mem=1G", Verdict.Ok)]
    [TestCase("", "dom0_mem=10%", Verdict.Warning)]
    [TestCase("", null, Verdict.Note)]
    public void libvirt_has_a_rule_of_its_own(string configuration, string? commandLine, object verdict)
    {
        HostFacts facts = WithLibvirt(configuration);
        facts = facts with { Dom0 = facts.Dom0 with { XenCommandLine = commandLine } };

        Assert.That(Only(FindingId.LibvirtAutoballoon, facts).Verdict, Is.EqualTo(verdict));
    }

    [Test]
    public void libvirt_without_the_hook_is_a_note()
    {
        HostFacts facts = WithLibvirt("autoballoon = 0\n");
        facts = facts with { Toolstack = facts.Toolstack with { HasLibvirtHook = false } };

        Assert.That(Only(FindingId.LibvirtHook, facts).Verdict, Is.EqualTo(Verdict.Note));
    }

    [Test]
    public void xl_that_is_not_wrapped_is_a_note()
    {
        HostFacts facts = Good with { Toolstack = new ToolstackFacts("/usr/sbin/xl", false, false, null, false) };

        Assert.That(Only(FindingId.XlWrapper, facts).Remedy, Does.Contain("xenballoon run"));
        Assert.That(Only(FindingId.Xendomains, facts).Verdict, Is.EqualTo(Verdict.Note));
    }

    [TestCase("", Verdict.Warning, "does not report")]
    [TestCase("agent", Verdict.Ok, "reports through xenballoon-agent")]
    [TestCase("xenserver", Verdict.Note, "reports as the agents of XenServer do")]
    [TestCase("qubes", Verdict.Note, "may report as Qubes' meminfo-writer does")]
    [TestCase("stale agent", Verdict.Warning, "has xenballoon-agent, but its report is stale")]
    [TestCase("silent agent", Verdict.Warning, "has xenballoon-agent, but its report is silent")]
    public void Reports_of_each_guest_are_checked(string report, object verdict, string text)
    {
        string[] words = report.Split(' ');
        bool isAgent = words[^1] == "agent";
        DomainSnapshot guest = Guest() with { HasAgent = isAgent, HasQubesNode = words[^1] == "qubes" };
        DaemonFacts daemon = Daemon with { ReportVerdicts = Reports(words.Length > 1 ? words[0] : "fresh") };
        HostFacts facts = Good with
        {
            Bus = Good.Bus with { Daemon = daemon },
            Domains = new DomainFacts(Snapshot(guest), null, words[^1] == "xenserver" ? [3] : []),
        };

        Finding finding = Only(FindingId.GuestReport, facts);

        Assert.That((finding.Verdict, finding.Subject), Is.EqualTo((verdict, "web (3)")));
        Assert.That(finding.Text, Does.StartWith(text));
    }

    [Test]
    public void Paused_guest_need_not_report()
    {
        DomainSnapshot guest = Guest() with { Lifecycle = DomainLifecycle.Paused };
        HostFacts facts = Good with { Domains = Good.Domains with { Snapshot = Snapshot(guest) } };

        Assert.That(HostCheck.Run(facts).Select(finding => finding.Id), Has.None.EqualTo(FindingId.GuestReport));
    }

    [TestCase(CreationLimit.VirtualNuma, "vNUMA")]
    [TestCase(CreationLimit.Passthrough, "passthrough")]
    [TestCase(CreationLimit.AlternateP2m, "altp2m")]
    public void Guest_that_xl_could_not_start_with_less_is_noted(CreationLimit feature, string name)
    {
        DomainSnapshot guest = Guest() with { FixedBy = feature };

        Finding finding = Only(FindingId.GuestFeature, Good with { Domains = new(Snapshot(guest), null, []) });

        Assert.That(finding.Verdict, Is.EqualTo(Verdict.Note));
        Assert.That(finding.Text, Does.StartWith($"has {name}").And.EndsWith("so it is not shrunk"));
    }

    [Test]
    public void Guests_that_cannot_be_read_are_an_error()
    {
        HostFacts facts = Good with { Domains = DomainFacts.None with { Fault = "xenstored died" } };

        Finding finding = Only(FindingId.Guests, facts);
        Assert.That((finding.Verdict, finding.Text), Is.EqualTo((Verdict.Error, "xenstored died")));
    }

    [Test]
    public void Finding_is_one_line_with_its_remedy()
    {
        var finding = new Finding(FindingId.GuestReport, Verdict.Warning, "a\nb (3)", "does not report", "install it");

        Assert.That(
            new CheckReport([finding]).ToText(),
            Is.EqualTo("warning  guest-report         a?b (3): does not report; install it"));
    }

    [Test]
    public void Json_is_an_array_with_all_members()
    {
        var finding = new Finding(FindingId.BusPolicy, Verdict.Ok, "x.conf", "installed");

        Assert.That(
            JsonElement.DeepEquals(
                JsonElement.Parse(new CheckReport([finding]).ToJson()),
                JsonElement.Parse(
                    """
                    [{
                      "id": "bus-policy", "verdict": "ok", "subject": "x.conf", "text": "installed", "remedy": null
                    }]
                    """)));
    }

    [TestCase("/usr/sbin/squeezed\0-daemon\0", "squeezed")]
    [TestCase("/usr/bin/python3.11\0-u\0/usr/bin/qmemmand\0", "qmemmand")]
    [TestCase("/bin/sh\0", "sh")]
    [TestCase("", null)]
    public void Program_of_a_process_is_its_script_if_it_has_one(string commandLine, string? name) =>
        Assert.That(ProgramNames.Of(commandLine), Is.EqualTo(name));

    private static ImmutableDictionary<int, string> Reports(string verdict) =>
        ImmutableDictionary<int, string>.Empty.Add(3, verdict);

    private static Finding Only(FindingId id, HostFacts facts) =>
        HostCheck.Run(facts).Single(finding => finding.Id == id);

    private static Finding WithDaemon(DaemonFacts daemon) =>
        Only(FindingId.Daemon, Good with { Bus = Good.Bus with { Daemon = daemon } });

    private static HostFacts WithLibvirt(string configuration) => Good with
    {
        Programs = [(9, "libvirtd")],
        Toolstack = Good.Toolstack with { LibvirtConfiguration = configuration, HasLibvirtHook = true },
    };

    private static XenPart Broken(XenUnavailableCause cause, string message) => new(new(cause, message));

    private static HostSnapshot Snapshot(DomainSnapshot guest) => new()
    {
        At = TimeSpan.Zero,
        Total = KiB.FromMiB(4096),
        Free = KiB.FromMiB(1024),
        Domains = [Guest() with { Identity = new DomainIdentity(0, Guid.Empty), Name = "Domain-0" }, guest],
    };

    private static DomainSnapshot Guest() => new()
    {
        Identity = new DomainIdentity(3, Guid.Empty),
        Name = "web",
        Actual = KiB.FromMiB(1024),
        MaxMem = KiB.FromMiB(1025),
        Target = KiB.FromMiB(1024),
        StaticMax = KiB.FromMiB(1024),
        HasAgent = true,
    };
}
