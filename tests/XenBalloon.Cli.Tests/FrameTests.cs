using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Top;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Tests;

internal sealed class FrameTests
{
    private static readonly DomainStatus Guest = new()
    {
        Domid = 1,
        Uuid = "",
        Name = "web",
        State = "running",
        Managed = true,
        Health = "cooperative",
        Actual = KiB.FromMiB(500),
        Target = KiB.FromMiB(750),
        MaxMem = KiB.FromMiB(501),
        DynamicMin = KiB.FromMiB(100),
        DynamicMax = KiB.FromMiB(1000),
        StaticMax = KiB.FromMiB(1000),
        Pinned = null,
        SettingsFrom = "",
        Weight = 100,
        InUse = KiB.FromMiB(250),
        RecentPeak = KiB.FromMiB(350),
        Need = KiB.FromMiB(260),
        Want = KiB.FromMiB(300),
        Floor = KiB.FromMiB(200),
        Entitlement = KiB.FromMiB(500),
        GuaranteedShare = KiB.FromMiB(500),
        ReportSource = "none",
        ReportVerdict = "silent",
        ReportAge = null,
        Reason = "because",
    };

    [Test]
    public void A_domains_bar_shows_use_recent_peak_idle_and_the_target_within_its_maximum() =>
        Assert.That(Bar(Guest, widest: 1000, cells: 20), Is.EqualTo("#####++===.....|...."));

    [Test]
    public void A_domain_of_half_the_maximum_has_a_bar_of_half_the_length() =>
        Assert.That(Bar(Guest, widest: 2000, cells: 20), Is.EqualTo("###+=...|."));

    [Test]
    public void A_small_domain_beside_a_huge_one_still_has_a_bar() =>
        Assert.That(Bar(Guest, widest: 1000000, cells: 20), Is.EqualTo("##+=..|."));

    [Test]
    public void A_domain_that_is_told_to_give_has_its_mark_within_what_it_holds() =>
        Assert.That(Bar(Guest with { Target = KiB.FromMiB(400) }, widest: 1000, cells: 20), Is.EqualTo("#####++=|=.........."));

    [Test]
    public void A_domain_that_reports_nothing_has_no_part_in_use() =>
        Assert.That(Bar(Guest with { InUse = null, RecentPeak = null, Target = null }, widest: 1000, cells: 20), Is.EqualTo("==========.........."));

    [Test]
    public void The_hosts_bar_shows_who_holds_what_and_where_the_slack_begins()
    {
        var line = new StyledLine();
        HostBar.Draw(line, Host(Guest, Guest with { Domid = 2, Actual = KiB.FromMiB(300) }), 20, Glyphs.Ascii);

        Assert.That(line.ToString(), Is.EqualTo("==################.|"));
    }

    [Test]
    public void A_picture_always_fits([Values(1, 10, 40, 80, 200)] int width, [Values(1, 5, 12, 24)] int height, [Values(0, 1, 5, 100)] int domains)
    {
        HostStatus host = Host([.. Enumerable.Range(1, domains).Select(i => Guest with { Domid = (uint)i, Name = new string('n', i) })]);

        IReadOnlyList<StyledLine> lines = new Frame(host, width, height, Glyphs.Ascii).Draw("12:00:00");

        Assert.That(lines, Has.Count.LessThanOrEqualTo(height));
        Assert.That(lines.Select(line => line.Fit(width).Length), Is.All.LessThanOrEqualTo(width));
    }

    [Test]
    public void A_host_that_says_nothing_yet_can_be_drawn() =>
        Assert.DoesNotThrow(() => new Frame(Host() with { HostTotal = KiB.Zero, HostFree = KiB.Zero }, 80, 24, Glyphs.Ascii).Draw("12:00:00"));

    [Test]
    public void What_a_picture_leaves_out_is_said()
    {
        HostStatus host = Host([.. Enumerable.Range(1, 30).Select(i => Guest with { Domid = (uint)i })]);

        Assert.That(new Frame(host, 80, 24, Glyphs.Ascii).Draw("12:00:00").Select(line => line.ToString()), Has.Some.StartsWith("... and 14 more"));
    }

    private static string Bar(DomainStatus domain, long widest, int cells)
    {
        var line = new StyledLine();
        DomainBar.Draw(line, domain, KiB.FromMiB(widest), cells, Glyphs.Ascii);
        return line.ToString();
    }

    private static HostStatus Host(params DomainStatus[] domains) => new()
    {
        Version = "0",
        Host = "test",
        Mode = "active",
        Policy = "",
        HostTotal = KiB.FromMiB(1000),
        HostFree = KiB.FromMiB(100),
        Slack = KiB.FromMiB(50),
        KeepFree = KiB.Zero,
        Reserved = KiB.Zero,
        Pressure = "none",
        Alarm = "none",
        Domains = [.. domains],
        Reservations = [],
    };
}
