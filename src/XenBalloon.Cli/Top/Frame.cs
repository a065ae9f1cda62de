using System.Globalization;
using Spectre.Console;
using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Top;

/// <summary>One picture of the host, made to fit a screen.</summary>
internal sealed class Frame(HostStatus host, int width, int height, Glyphs glyphs)
{
    private const int NameWidth = 16;
    private const int SizeWidth = 9;

    private readonly List<StyledLine> lines = [];

    /// <summary>Draws it.</summary>
    /// <param name="time">What to show as the time.</param>
    internal IReadOnlyList<StyledLine> Draw(string time)
    {
        Head(time);
        int room = Math.Max(0, height - lines.Count - 2);
        bool withReasons = host.Domains.Length * 2 <= room;
        int shown = withReasons ? host.Domains.Length : Math.Min(host.Domains.Length, Math.Max(0, room - 1));
        KiB widest = host.Domains.Select(DomainBar.Extent).Append(KiB.Page).Max();
        foreach (DomainStatus domain in host.Domains.Take(shown)) Domain(domain, widest, withReasons);
        if (shown < host.Domains.Length)
        {
            lines.Add(new StyledLine().Add(string.Create(CultureInfo.InvariantCulture, $"... and {host.Domains.Length - shown} more: 'xenballoon list' shows all"), Palette.Faint));
        }

        lines.Add(new StyledLine());
        Legend();
        return [.. lines.Take(height)];
    }

    private void Head(string time)
    {
        lines.Add(new StyledLine().Add("xenballoon", Palette.Strong).Add($" {Printable.Of(host.Version)} on {Printable.Of(host.Host)}", Palette.Faint).To(width - time.Length).Add(time));
        StyledLine state = new StyledLine().Add("mode ", Palette.Faint).Add(host.Mode, Palette.Strong)
            .Add("  pressure ", Palette.Faint).Add(host.Pressure, host.Pressure == "none" ? Style.Plain : Palette.Grows);
        if (host.Alarm != "none") state.Add("  alarm ", Palette.Faint).Add(host.Alarm, Palette.Alarm);
        lines.Add(state);
        StyledLine bar = new StyledLine().Add("[", Palette.Faint);
        HostBar.Draw(bar, host, width - 2, glyphs);
        lines.Add(bar.Add("]", Palette.Faint));
        lines.Add(new StyledLine().Add($"{host.HostTotal}", Palette.Strong).Add($", {host.HostFree} free of which {host.Slack} are always kept", Palette.Faint));
        lines.Add(new StyledLine());
    }

    private void Domain(DomainStatus domain, KiB widest, bool withReason)
    {
        string name = domain.Name.Length == 0 ? "(no name)" : Printable.Of(domain.Name);
        StyledLine line = new StyledLine()
            .Add(Printable.Cut(name, NameWidth), Palette.OfDomain(domain.Domid)).To(NameWidth + 1)
            .Add(domain.Actual.ToString().PadLeft(SizeWidth), Palette.Strong);
        Direction(line, domain);
        line.Add((domain.Target?.ToString() ?? "").PadRight(SizeWidth + 1), Palette.Faint);
        DomainBar.Draw(line, domain, widest, width - line.Length - 1, glyphs);
        lines.Add(line);
        if (!withReason) return;
        StyledLine reason = new StyledLine().To(2);
        if (domain.Health == "stuck") reason.Add("stuck: ", Palette.Alarm);
        lines.Add(reason.Add(Printable.Of(domain.Reason), Palette.Faint));
    }

    private void Direction(StyledLine line, DomainStatus domain)
    {
        // Less than a MiB is what a balloon is off by at rest.
        KiB way = (domain.Target ?? domain.Actual) - domain.Actual;
        if (way > KiB.FromMiB(1)) line.Add($" {glyphs.Grows} ", Palette.Grows);
        else if (way < KiB.FromMiB(-1)) line.Add($" {glyphs.Shrinks} ", Palette.Shrinks);
        else line.Add("   ");
    }

    private void Legend() => lines.Add(new StyledLine()
        .Add(glyphs.InUse.ToString(), Palette.InUse).Add(" in use  ", Palette.Faint)
        .Add(glyphs.RecentPeak.ToString(), Palette.RecentPeak).Add(" recent peak  ", Palette.Faint)
        .Add(glyphs.Idle.ToString(), Palette.Idle).Add(" idle  ", Palette.Faint)
        .Add(glyphs.NotHeld.ToString(), Palette.Faint).Add(" not held  ", Palette.Faint)
        .Add(glyphs.Target.ToString(), Palette.Mark).Add(" target  ", Palette.Faint)
        .Add("q", Palette.Strong).Add(" leaves", Palette.Faint));
}
