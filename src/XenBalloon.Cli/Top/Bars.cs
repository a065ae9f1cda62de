using Spectre.Console;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Top;

/// <summary>
/// The host's memory as a bar: what the hypervisor and each domain hold, what is free, and a mark where the slack
/// begins.
/// </summary>
internal static class HostBar
{
    internal static void Draw(StyledLine line, HostStatus host, int cells, Glyphs glyphs)
    {
        if (cells <= 0 || host.HostTotal <= KiB.Zero) return;
        KiB held = host.Domains.Aggregate(KiB.Zero, (sum, domain) => sum + domain.Actual);
        KiB end = KiB.Max(KiB.Zero, host.HostTotal - host.HostFree - held); // what the hypervisor itself holds
        int slackAt = (int)Position(host.HostTotal - host.Slack);
        int drawn = 0;
        Fill(end, glyphs.Idle, Palette.Faint);
        foreach (DomainStatus domain in host.Domains)
        {
            end += domain.Actual;
            Fill(end, glyphs.InUse, Palette.OfDomain(domain.Domid));
        }

        Fill(host.HostTotal, glyphs.NotHeld, Palette.Faint);

        long Position(KiB size)
        {
            long total = host.HostTotal.Value;
            return Math.Clamp((size.Value * cells) + (total / 2), 0, total * cells) / total;
        }

        void Fill(KiB end, char glyph, Style style)
        {
            for (int until = (int)Position(end); drawn < until; drawn++)
            {
                bool isMark = drawn == slackAt;
                line.Add((isMark ? glyphs.Target : glyph).ToString(), isMark ? Palette.Target : style);
            }
        }
    }
}

/// <summary>
/// A domain's memory as a bar as long as its maximum: in use, the rest of the recent peak, idle, and not held, with a
/// mark at the target. All bars have the same scale.
/// </summary>
internal static class DomainBar
{
    /// <summary>The shortest bar, for a small domain beside a huge one; its scale differs.</summary>
    private const int Shortest = 8;

    /// <summary>The memory that the whole bar stands for.</summary>
    internal static KiB Extent(DomainStatus domain)
    {
        KiB maximum = domain.DynamicMax ?? domain.StaticMax ?? KiB.Zero;
        return KiB.Max(maximum, KiB.Max(domain.Actual, domain.Target ?? KiB.Zero));
    }

    internal static void Draw(StyledLine line, DomainStatus domain, KiB widest, int cells, Glyphs glyphs)
    {
        KiB extent = Extent(domain);
        if (cells <= 0 || extent <= KiB.Zero) return;
        int length = Math.Clamp((int)(extent.Value * cells / widest.Value), Math.Min(Shortest, cells), cells);
        int actual = Position(domain.Actual);
        int inUse = Held(domain.InUse), peak = Held(domain.RecentPeak);
        int target = domain.Target is { } size ? Math.Min(Position(size), length - 1) : -1;
        for (int cell = 0; cell < length; cell++)
        {
            (char glyph, Style style) = cell == target ? (glyphs.Target, Palette.Target)
                : cell < inUse ? (glyphs.InUse, Palette.InUse)
                : cell < peak ? (glyphs.RecentPeak, Palette.RecentPeak)
                : cell < actual ? (glyphs.Idle, Palette.Idle)
                : (glyphs.NotHeld, Palette.Faint);
            line.Add(glyph.ToString(), style);
        }

        int Held(KiB? size) => size is { } known ? Math.Min(Position(known), actual) : 0;

        int Position(KiB size) => (int)(((size.Value * length) + (extent.Value / 2)) / extent.Value);
    }
}
