using System.Globalization;
using Spectre.Console;
using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Top;

/// <summary>A picture of the host that fits a screen.</summary>
internal sealed class Frame(HostStatus host, int width, int height, Glyphs glyphs)
{
    private const int NameWidth = 16;
    private const int SizeWidth = 9;
    private const int FooterHeight = 3;

    /// <summary>Balloons stop within a page or two of their target, so a smaller distance is not a move.</summary>
    private static readonly KiB MoveThreshold = KiB.FromMiB(1);

    private readonly List<StyledLine> lines = [];

    /// <summary>Draws the host.</summary>
    /// <param name="time">The time to show.</param>
    internal IReadOnlyList<StyledLine> Draw(string time)
    {
        AddHead(time);
        int space = Math.Max(0, height - lines.Count - FooterHeight);
        int count = host.Domains.Length;
        bool withReasons = count * 2 <= space;
        int shown = withReasons || count <= space ? count : Math.Max(0, space - 1);
        KiB widest = host.Domains.Select(DomainBar.Extent).Append(KiB.Page).Max();
        foreach (DomainStatus domain in host.Domains.Take(shown)) AddDomain(domain, widest, withReasons);
        if (shown < count)
        {
            string more = (count - shown).ToString(CultureInfo.InvariantCulture);
            lines.Add(new StyledLine().Add($"... and {more} more: 'xenballoon list' shows all", Palette.Faint));
        }

        lines.Add(new StyledLine());
        lines.Add(Legend());
        lines.Add(Keys("help"));
        return [.. lines.Take(height)];
    }

    /// <summary>Draws the help.</summary>
    internal IReadOnlyList<StyledLine> Help()
    {
        (char Glyph, Style Style, string Meaning)[] bars =
        [
            (glyphs.InUse, Palette.InUse, "in use now"),
            (glyphs.RecentPeak, Palette.RecentPeak, "the rest of what was in use within the last 15 to 30 minutes"),
            (glyphs.Idle, Palette.Idle, "held, but idle"),
            (glyphs.NotHeld, Palette.Faint, "not held, up to the domain's maximum"),
            (glyphs.Target, Palette.Target, "the target; in the host's bar, where the slack begins"),
            (glyphs.Grows, Palette.Grows, "grows to its target"),
            (glyphs.Shrinks, Palette.Shrinks, "shrinks to its target"),
        ];
        IEnumerable<StyledLine> meanings = bars.Select(bar =>
            new StyledLine().Add("  ").Add(bar.Glyph.ToString(), bar.Style).Add($"  {bar.Meaning}"));
        IEnumerable<StyledLine> help =
        [
            new StyledLine().Add("Each domain: its actual size, its target, a bar, and the reason for the target."),
            new StyledLine(),
            .. meanings,
            new StyledLine(),
            new StyledLine().Add("More: xenballoon explain DOMAIN, xenballoon(1)"),
            new StyledLine(),
            Keys("back"),
        ];
        return [.. help.Take(height)];
    }

    private void AddHead(string time)
    {
        lines.Add(new StyledLine()
            .Add("xenballoon", Palette.Strong)
            .Add($" {Printable.Of(host.Version)} on {Printable.Of(host.Host)}", Palette.Faint)
            .PadTo(width - time.Length)
            .Add(time));
        StyledLine state = new StyledLine()
            .Add("mode ", Palette.Faint)
            .Add(Printable.Of(host.Mode), Palette.Strong)
            .Add("  pressure ", Palette.Faint)
            .Add(Printable.Of(host.Pressure), host.Pressure == "none" ? Style.Plain : Palette.Grows);
        if (host.Alarm != "none") state.Add("  alarm ", Palette.Faint).Add(Printable.Of(host.Alarm), Palette.Alarm);
        lines.Add(state);
        StyledLine bar = new StyledLine().Add("[", Palette.Faint);
        HostBar.Draw(bar, host, width - 2, glyphs);
        lines.Add(bar.Add("]", Palette.Faint));
        lines.Add(new StyledLine()
            .Add($"{host.HostTotal}", Palette.Strong)
            .Add($", {host.HostFree} free, slack {host.Slack}", Palette.Faint));
        lines.Add(new StyledLine());
    }

    private void AddDomain(DomainStatus domain, KiB widest, bool withReason)
    {
        string name = domain.Name.Length == 0 ? "(no name)" : Printable.Of(domain.Name);
        StyledLine line = new StyledLine()
            .Add(Printable.Cut(name, NameWidth), Palette.OfDomain(domain.Domid))
            .PadTo(NameWidth + 1)
            .Add(domain.Actual.ToString().PadLeft(SizeWidth), Palette.Strong);
        AddDirection(line, domain);
        line.Add((domain.Target?.ToString() ?? "").PadRight(SizeWidth + 1), Palette.Faint);
        DomainBar.Draw(line, domain, widest, width - line.Length - 1, glyphs);
        lines.Add(line);
        if (!withReason) return;
        StyledLine reason = new StyledLine().PadTo(2);
        string stuck = EnumText.Of(BalloonHealth.Stuck);
        if (domain.Health == stuck) reason.Add($"{stuck}: ", Palette.Alarm);
        lines.Add(reason.Add(Printable.Of(domain.Reason), Palette.Faint));
    }

    private void AddDirection(StyledLine line, DomainStatus domain)
    {
        KiB distance = (domain.Target ?? domain.Actual) - domain.Actual;
        if (distance > MoveThreshold) line.Add($" {glyphs.Grows} ", Palette.Grows);
        else if (distance < KiB.Zero - MoveThreshold) line.Add($" {glyphs.Shrinks} ", Palette.Shrinks);
        else line.Add("   ");
    }

    private StyledLine Legend() => new StyledLine()
        .Add(glyphs.InUse.ToString(), Palette.InUse).Add(" in use  ", Palette.Faint)
        .Add(glyphs.RecentPeak.ToString(), Palette.RecentPeak).Add(" recent peak  ", Palette.Faint)
        .Add(glyphs.Idle.ToString(), Palette.Idle).Add(" idle  ", Palette.Faint)
        .Add(glyphs.NotHeld.ToString(), Palette.Faint).Add(" not held  ", Palette.Faint)
        .Add(glyphs.Target.ToString(), Palette.Target).Add(" target", Palette.Faint);

    private static StyledLine Keys(string help) => new StyledLine()
        .Add("q", Palette.Strong).Add(" quit  ", Palette.Faint)
        .Add("h", Palette.Strong).Add($" {help}", Palette.Faint);
}
