using System.Text.Json;
using System.Text.RegularExpressions;
using XenBalloon.Core.Hosts;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

internal sealed partial class ListTests : CommandTests
{
    [Test]
    public void A_line_for_each_domain_in_the_habit_of_xl()
    {
        Assert.That(XenBalloon("list"), Is.EqualTo(new Command(0, """
            Name      ID  Actual  Target  Min   Max  Used  Peak  Weight  Health       Report         Reason
            Domain-0   0    1024       -    -     -     -     -       -  unknown      -              not managed
            web        3     800     750  128  1024   310   780     100  cooperative  xenserver 5 s  in use 310 MiB, needs 326 MiB, wants 372 MiB, recent peak 780 MiB; share 650 MiB; shrinking 800 MiB to 750 MiB: another domain lacks memory
            db         7     512     562  128  1024   500   500     100  cooperative  xenserver 5 s  in use 500 MiB, needs 516 MiB, wants 600 MiB; share 650 MiB; growing 512 MiB to 562 MiB: it lacks memory

            """, "")));
    }

    [TestCase(120)]
    [TestCase(80)]
    [TestCase(60)]
    [TestCase(40)]
    [TestCase(20)]
    public void No_line_is_wider_than_the_terminal(int columns)
    {
        Command list = OnTerminal(columns, 24, "list");

        string[] lines = [.. Escape().Replace(list.Output, "").Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0)];
        Assert.That(lines, Has.Length.EqualTo(4));
        Assert.That(lines.Select(line => line.Length), Is.All.LessThanOrEqualTo(columns));
        Assert.That(lines[2], Does.StartWith("web"));
    }

    [Test]
    public void A_pipe_gets_plain_text() => Assert.That(XenBalloon("list").Output, Does.Match(@"\A[\n -~]*\z"));

    [Test]
    public void Json_has_the_values_of_each_domain()
    {
        JsonElement domains = JsonDocument.Parse(XenBalloon("list", "--json").Output).RootElement.GetProperty("domains");

        Assert.That(domains.GetArrayLength(), Is.EqualTo(3));
        Assert.That(JsonElement.DeepEquals(domains[1], JsonElement.Parse(
            """{"domid":3,"uuid":"00000003-1234-5678-0102-030405060708","name":"web","state":"running","managed":true,"health":"cooperative","actual_kib":819200,"target_kib":768000,"maxmem_kib":820224,"dynamic_min_kib":131072,"dynamic_max_kib":1048576,"static_max_kib":1048576,"weight":100,"in_use_kib":317440,"recent_peak_kib":798720,"need_kib":333824,"want_kib":380928,"floor_kib":333824,"entitlement_kib":665600,"guaranteed_share_kib":614400,"report_source":"xenserver","report_verdict":"fresh","report_age_seconds":5,"reason":"in use 310 MiB, needs 326 MiB, wants 372 MiB, recent peak 780 MiB; share 650 MiB; shrinking 800 MiB to 750 MiB: another domain lacks memory","pinned_kib":null,"settings_from":""}""")));
        Assert.That(domains[0].GetProperty("target_kib").ValueKind, Is.EqualTo(JsonValueKind.Null), "unknown is null");
    }

    [Test]
    public void A_name_cannot_steer_the_terminal()
    {
        Core.DomainDecision hostile = Canned.Web with { Domain = Canned.Web.Domain with { Identity = new DomainIdentity(3, Canned.Uuid(3)), Name = "a\u001b[2Jb\nc" } };
        Server.Publish(Canned.Publish(hostile));

        Eventually.Holds(() => XenBalloon("list").Output.Contains("a?[2Jb?c", StringComparison.Ordinal), () => XenBalloon("list").Output);
    }

    [Test]
    public void A_host_without_domains_has_a_header_only()
    {
        Server.Publish(Canned.Publish([]));

        Eventually.Holds(() => XenBalloon("list").Output.TrimEnd().Split('\n').Length == 1, () => XenBalloon("list").Output);
    }

    [Test]
    public void Anyone_may_list() => Assert.That(Command.RunUnprivileged(UnprivilegedProgram.In(Bus.Directory, "xenballoon"), ["list"], BusEnvironment).Output, Does.Contain("web"));

    [GeneratedRegex(@"\x1b[\[=]?[?0-9;]*[a-zA-Z]?")]
    private static partial Regex Escape();
}
