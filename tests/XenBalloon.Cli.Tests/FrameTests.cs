using Spectre.Console;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Top;
using XenBalloon.CommandLine;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Tests;

internal sealed class FrameTests
{
    internal static readonly DomainStatus Guest = new()
    {
        Domid = 1,
        Uuid = "",
        Name = "web",
        State = "running",
        Managed = true,
        Health = "cooperative",
        Alarms = [],
        Actual = KiB.FromMiB(500),
        Target = KiB.FromMiB(750),
        MaxMem = KiB.FromMiB(501),
        DynamicMin = KiB.FromMiB(100),
        DynamicMax = KiB.FromMiB(1000),
        StaticMax = KiB.FromMiB(1000),
        BootMemory = KiB.FromMiB(500),
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
        ReasonKind = "balanced",
        ReportAge = null,
        Reason = "because",
    };

    [Test]
    public void Domain_bar_shows_in_use_recent_peak_idle_and_target_within_the_maximum() =>
        Assert.That(Bar(Guest, widest: 1000, cells: 20), Is.EqualTo("#####++===.....|...."));

    [Test]
    public void Domain_with_half_the_maximum_has_a_bar_of_half_the_length() =>
        Assert.That(Bar(Guest, widest: 2000, cells: 20), Is.EqualTo("###+=...|."));

    [Test]
    public void Small_domain_beside_a_huge_one_has_a_bar() =>
        Assert.That(Bar(Guest, widest: 1000000, cells: 20), Is.EqualTo("##+=..|."));

    [Test]
    public void Target_of_a_shrinking_domain_is_within_what_it_holds() =>
        Assert.That(
            Bar(Guest with { Target = KiB.FromMiB(400) }, widest: 1000, cells: 20),
            Is.EqualTo("#####++=|=.........."));

    [Test]
    public void Domain_without_report_has_nothing_in_use()
    {
        DomainStatus silent = Guest with { InUse = null, RecentPeak = null, Target = null };

        Assert.That(Bar(silent, widest: 1000, cells: 20), Is.EqualTo("==========.........."));
    }

    [Test]
    public void Host_bar_shows_domains_free_memory_and_slack()
    {
        var line = new StyledLine();
        HostBar.Draw(line, Host(Guest, Guest with { Domid = 2, Actual = KiB.FromMiB(300) }), 20, Glyphs.Ascii);

        Assert.That(line.ToString(), Is.EqualTo("==################.|"));
    }

    [Test]
    public void Frame_always_fits_the_screen(
        [Values(1, 10, 40, 80, 200)] int width, [Values(1, 5, 12, 24)] int height, [Values(0, 1, 5, 100)] int domains)
    {
        HostStatus host = Host([.. Enumerable.Range(1, domains)
            .Select(i => Guest with { Domid = (uint)i, Name = new string(i % 2 == 0 ? 'n' : '名', i) })]);
        var frame = new Frame(host, width, height, Glyphs.Ascii);

        string[] drawn = Render(frame.Draw("12:00:00"), width), help = Render(frame.Help(), width);

        Assert.That(drawn, Has.Length.InRange(1, height));
        Assert.That(help, Has.Length.InRange(1, height));
        Assert.That(drawn.Concat(help).Select(Printable.Width), Is.All.LessThanOrEqualTo(width));
    }

    [Test]
    public void Host_without_numbers_can_be_drawn() =>
        Assert.That(
            Lines(Host() with { HostTotal = KiB.Zero, HostFree = KiB.Zero }),
            Has.Some.EqualTo("0 KiB, 0 KiB free, slack 50 MiB"));

    [Test]
    public void Frame_says_how_many_domains_it_omits()
    {
        HostStatus host = Host([.. Enumerable.Range(1, 30).Select(i => Guest with { Domid = (uint)i })]);

        Assert.That(Lines(host), Has.Some.StartsWith("... and 15 more"));
    }

    [TestCase(15, 15, 0)]
    [TestCase(16, 16, 0)]
    [TestCase(17, 15, 1)]
    public void Frame_shows_as_many_domains_as_fit(int domains, int shown, int notes)
    {
        string[] lines = Lines(Host([.. Enumerable.Range(1, domains).Select(i => Guest with { Domid = (uint)i })]));

        Assert.That(lines.Count(line => line.StartsWith("web ", StringComparison.Ordinal)), Is.EqualTo(shown));
        Assert.That(lines.Count(line => line.StartsWith("... and ", StringComparison.Ordinal)), Is.EqualTo(notes));
        Assert.That(lines[^1], Is.EqualTo("q quit  h help"));
    }

    private static string[] Lines(HostStatus host) =>
        [.. new Frame(host, 80, 24, Glyphs.Ascii).Draw("12:00:00").Select(line => line.ToString())];

    /// <summary>The lines on a screen, which may be more than were drawn if one of them is too long.</summary>
    private static string[] Render(IReadOnlyList<StyledLine> lines, int width)
    {
        using var output = new StringWriter();
        IAnsiConsole console = new Terminal { Output = output, Error = output }.CreateConsole();
        console.Profile.Width = width;
        console.Write(StyledLine.Join(lines, width));
        return output.ToString().TrimEnd('\n').Split('\n');
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
        ModeReason = "",
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
