using System.Text.Json;
using System.Text.RegularExpressions;
using XenBalloon.CommandLine;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

internal sealed partial class ListTests : CommandTests
{
    [Test]
    public void List_has_a_line_for_each_domain_like_xl()
    {
        Assert.That(XenBalloon("list"), Is.EqualTo(new Command(0, """
            Name      ID  Actual  Target  Min   Max  In use  Peak  Weight  Health       Report         State      Reason
            Domain-0   0    1024       -    -     -       -     -       -  unknown      -              unmanaged  (0)
            web        3     800     750  128  1024     310   780     100  cooperative  xenserver 5 s  shrinking  (1)
            db         7     512     562  128  1024     500   500     100  cooperative  xenserver 5 s  growing    (2)

            """.Replace("(0)", ReasonOf(Canned.Dom0), StringComparison.Ordinal)
                .Replace("(1)", ReasonOf(Canned.Web), StringComparison.Ordinal)
                .Replace("(2)", ReasonOf(Canned.Db), StringComparison.Ordinal), "")));
    }

    [TestCase(120)]
    [TestCase(80)]
    [TestCase(60)]
    [TestCase(40)]
    [TestCase(20)]
    public void No_line_is_wider_than_the_terminal(int columns)
    {
        Command list = OnTerminal(columns, 24, "list");

        string[] lines = Escape().Replace(list.Output, "").Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(4));
        Assert.That(lines.Select(line => line.Length), Is.All.LessThanOrEqualTo(columns));
        Assert.That(lines[2], Does.StartWith("web"));
    }

    [Test]
    public void Pipe_gets_plain_text() => Assert.That(XenBalloon("list").Output, Does.Match(@"\A[\n -~]*\z"));

    [Test]
    public void Json_of_list_has_the_values_of_each_domain()
    {
        JsonElement domains = JsonElement.Parse(XenBalloon("list", "--json").Output).GetProperty("domains");

        Assert.That(domains.GetArrayLength(), Is.EqualTo(3));
        Assert.That(JsonElement.DeepEquals(domains[1], JsonElement.Parse(
            $$"""
            {
              "domid": 3, "uuid": "00000003-1234-5678-0102-030405060708", "name": "web",
              "state": "running", "managed": true, "health": "cooperative", "alarms": [], "actual_kib": 819200,
              "target_kib": 768000, "maxmem_kib": 820224, "dynamic_min_kib": 131072,
              "dynamic_max_kib": 1048576, "static_max_kib": 1048576, "boot_memory_kib": 524288,
              "weight": 100, "in_use_kib": 317440,
              "recent_peak_kib": 798720, "need_kib": 333824, "want_kib": 380928, "floor_kib": 333824,
              "entitlement_kib": 665600, "guaranteed_share_kib": 614400, "report_source": "xenserver",
              "report_verdict": "fresh", "report_age_seconds": 5, "reason_kind": "shrinking",
              "reason": "{{ReasonOf(Canned.Web)}}",
              "pinned_kib": null, "settings_from": ""
            }
            """)));
        Assert.That(domains[0].GetProperty("target_kib").ValueKind, Is.EqualTo(JsonValueKind.Null), "unknown is null");
    }

    [Test]
    public void Control_characters_in_a_name_do_not_reach_the_terminal()
    {
        DomainDecision hostile = Canned.Web with { Domain = Canned.Web.Domain with { Name = "a\u001b[2Jb\nc" } };
        Server.Publish(Canned.Publish(hostile));

        Eventually.Holds(() => List().Contains("a?[2Jb?c", StringComparison.Ordinal), List);
    }

    [Test]
    public void Host_without_domains_has_only_a_header()
    {
        Server.Publish(Canned.Publish([]));

        Eventually.Holds(() => List().TrimEnd().Split('\n').Length == 1, List);
    }

    [Test]
    public void Anyone_may_list()
    {
        string program = UnprivilegedProgram.In(Bus.Directory, "xenballoon");

        Assert.That(Command.RunUnprivileged(program, ["list"], BusEnvironment).Output, Does.Contain("web"));
    }

    private string List() => XenBalloon("list").Output;

    [GeneratedRegex(@"\x1b[\[=]?[?0-9;]*[a-zA-Z]?")]
    private static partial Regex Escape();
}

internal sealed class ExplainTests : CommandTests
{
    [TestCase("web")]
    [TestCase("3")]
    [TestCase("00000003-1234-5678-0102-030405060708")]
    public void Domain_is_explained_by_name_domid_or_uuid(string nameOrDomidOrUuid) =>
        Assert.That(XenBalloon("explain", nameOrDomidOrUuid), Is.EqualTo(new Command(0, """
            web, domain 3, 00000003-1234-5678-0102-030405060708, running
              state        shrinking
              reason       (reason)
              actual       800 MiB; maxmem 801 MiB
              target       750 MiB; boot memory 512 MiB
              range        128 MiB to 1024 MiB; static-max 1024 MiB
              in use       310 MiB; floor 326 MiB
              need         326 MiB; want 372 MiB
              recent peak  780 MiB
              entitlement  650 MiB with weight 100; guaranteed share 600 MiB
              pinned       no
              settings     built-in defaults
              managed      yes
              health       cooperative
              alarms       none
              report       xenserver, 5 s old at the last balancing pass: fresh

            """.Replace("(reason)", ReasonOf(Canned.Web), StringComparison.Ordinal), "")));

    [Test]
    public void Explain_says_that_the_mode_writes_no_target()
    {
        Server.Publish(Canned.Host with { Mode = Core.Settings.BalancerMode.Observe });
        string Mode() => XenBalloon("mode").Output;
        Eventually.Holds(() => Mode().Contains("observe", StringComparison.Ordinal), Mode);

        Assert.That(XenBalloon("explain", "web").Output, Does.Contain(
            "\n  mode         observe: no target is written; the reason says what mode active would do\n"));
    }

    [Test]
    public void Domain_without_report_is_explained() =>
        Assert.That(
            XenBalloon("explain", "Domain-0").Output,
            Does.Contain($"reason       {ReasonOf(Canned.Dom0)}\n")
                .And.Contain("in use       -")
                .And.Contain("report       none: no agent"));

    [Test]
    public void Report_of_an_unmanaged_domain_is_shown_with_its_age()
    {
        Server.Publish(Canned.Publish(Canned.Web with { Managed = false, Demand = null }));

        string Explained() => XenBalloon("explain", "web").Output;
        Eventually.Holds(() => Explained().Contains("managed      no", StringComparison.Ordinal), Explained);

        const string Report = "xenserver, 5 s old at the last balancing pass: not used, as the domain is not managed";
        Assert.That(Explained(), Does.Contain($"\n  report       {Report}\n"));
    }

    [Test]
    public void Json_of_explain_is_the_domain_as_in_list()
    {
        JsonElement explained = JsonElement.Parse(XenBalloon("explain", "db", "--json").Output);
        JsonElement listed = JsonElement.Parse(XenBalloon("list", "--json").Output).GetProperty("domains")[2];

        Assert.That(JsonSerializer.Serialize(explained), Is.EqualTo(JsonSerializer.Serialize(listed)));
    }

    [Test]
    public void Unknown_domain_has_its_own_exit_code() =>
        Assert.That(XenBalloon("explain", "nope"), Is.EqualTo(
            new Command(4, "", "xenballoon: no domain 'nope': see 'xenballoon list'\n")));
}

internal sealed class StatusTests : CommandTests
{
    [Test]
    public void Status_shows_the_host_and_the_balancer() =>
        Assert.That(XenBalloon("status"), Is.EqualTo(new Command(0, """
            xenballoond  0.1.0 on Xen 4.17
            mode         active
            policy       fair-share
            memory       4096 MiB, of which 700 MiB free
            slack        64 MiB, always kept free
            keep-free    200 MiB, kept free for the next domain
            reserved     0 KiB in 0 reservations
            pressure     demand
            alarm        none
            domains      3, of which 2 managed

            """, "")));

    [TestCase(HostAlarm.MinimumsExceedHost, "minimums-exceed-host: lower a domain's minimum, or shut one down")]
    [TestCase(
        HostAlarm.DemandExceedsHost,
        "demand-exceeds-host: domains use more than the host has; no idle memory is left to reclaim")]
    [TestCase(
        HostAlarm.FreeBelowSlack, "free-below-slack: no domain can give up memory; shut one down, or lower 'slack'")]
    public void Alarm_is_shown_with_what_to_do(HostAlarm alarm, string text)
    {
        Plan plan = Canned.Host.Plan;
        Server.Publish(Canned.Host with { Plan = plan with { Host = plan.Host with { Alarm = alarm } } });

        Eventually.Holds(
            () => XenBalloon("status").Output.Contains($"alarm        {text}\n", StringComparison.Ordinal),
            () => XenBalloon("status").Output);
    }

    [Test]
    public void Status_names_the_domains_with_alarms_and_explain_has_them()
    {
        DomainSnapshot web = Canned.Web.Domain;
        RaisedAlarm[] alarms =
        [
            new(web.Identity, web.Name, DomainAlarm.BalloonStuck, default),
            new(web.Identity, web.Name, DomainAlarm.ShortOfMemory, default),
        ];
        Server.Publish(Canned.Host with { Alarms = [.. alarms] });

        const string Line = "             web: balloon-stuck, short-of-memory: see 'xenballoon explain 3'\ndomains";
        Eventually.Holds(
            () => XenBalloon("status").Output.Contains(Line, StringComparison.Ordinal),
            () => XenBalloon("status").Output);
        Assert.That(
            XenBalloon("explain", "web").Output, Does.Contain("\n  alarms       balloon-stuck, short-of-memory\n"));
    }

    [Test]
    public void Mode_that_is_not_the_requested_one_has_its_reason()
    {
        Server.Publish(Canned.Host with { Mode = BalancerMode.Observe, ModeReason = "xl may shrink dom0: do this" });

        Eventually.Holds(
            () => XenBalloon("status").Output.Contains("xl may shrink", StringComparison.Ordinal),
            () => "the reason is not published");
        string[] lines = XenBalloon("status").Output.Split('\n');
        Assert.That(lines[1..3], Is.EqualTo(new[]
        {
            "mode         observe: nothing is changed",
            "             xl may shrink dom0: do this",
        }));
        Assert.That(
            XenBalloon("mode").Output, Is.EqualTo("mode is observe: xl may shrink dom0: do this\n"));
        Assert.That(
            XenBalloon("reload").Output,
            Is.EqualTo("configuration reloaded\nmode is observe: xl may shrink dom0: do this\n"));
    }

    [Test]
    public void Json_of_status_has_the_values_of_the_host() =>
        Assert.That(JsonElement.DeepEquals(
            JsonElement.Parse(XenBalloon("status", "--json").Output),
            JsonElement.Parse(
                """
                {
                  "version": "0.1.0", "host": "Xen 4.17", "mode": "active", "mode_reason": "",
                  "policy": "fair-share",
                  "host_total_kib": 4194304, "host_free_kib": 716800, "slack_kib": 65536,
                  "keep_free_kib": 204800, "pressure": "demand", "alarm": "none", "domain_count": 3,
                  "managed_count": 2, "reserved_kib": 0, "reservation_count": 0
                }
                """)));
}

/// <summary>Tables as plain text.</summary>
internal sealed class TextTableTests
{
    [Test]
    public void Columns_are_aligned_by_the_width_on_the_screen() =>
        Assert.That(Table().Lines(null), Is.EqualTo(new[]
        {
            "Name    ID  Size  Reason",
            "データ   1  1024  because of its peak in the last 15 minutes",
            "web     12     -  none",
        }));

    [Test]
    public void Last_column_is_cut() =>
        Assert.That(Table().Lines(40), Is.EqualTo(new[]
        {
            "Name    ID  Size  Reason",
            "データ   1  1024  because of its peak...",
            "web     12     -  none",
        }));

    [Test]
    public void Expendable_column_is_dropped_before_the_last_is_cut_too_short() =>
        Assert.That(Table().Lines(36), Is.EqualTo(new[]
        {
            "Name    ID  Reason",
            "データ   1  because of its peak i...",
            "web     12  none",
        }));

    private static TextTable Table()
    {
        var table = new TextTable([
            new TextColumn("Name", IsNumber: false, 0),
            new TextColumn("ID", IsNumber: true, 0),
            new TextColumn("Size", IsNumber: true, 1),
            new TextColumn("Reason", IsNumber: false, 0),
        ]);
        table.Add("データ", "1", "1024", "because of its peak in the last 15 minutes");
        table.Add("web", "12", "-", "none");
        return table;
    }
}
