using Spectre.Console;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Top;

/// <summary>
/// A domain's memory as a bar as long as its maximum: in use, the rest of the recent peak, held but idle, and not held,
/// with a mark at the target. All domains have one scale, so that memory that leaves one bar is as long in another.
/// </summary>
internal static class DomainBar
{
    /// <summary>A small domain beside a huge one still has a bar to look at, on a scale of its own.</summary>
    private const int Least = 8;

    /// <summary>The most that the domain's bar must hold.</summary>
    internal static KiB Extent(DomainStatus domain) =>
        KiB.Max(domain.DynamicMax ?? domain.StaticMax ?? KiB.Zero, KiB.Max(domain.Actual, domain.Target ?? KiB.Zero));

    internal static void Draw(StyledLine line, DomainStatus domain, KiB widest, int cells, Glyphs glyphs)
    {
        KiB extent = Extent(domain);
        if (cells <= 0 || extent <= KiB.Zero) return;
        int own = Math.Clamp((int)(extent.Value * cells / widest.Value), Math.Min(Least, cells), cells);
        int actual = Position(domain.Actual);
        int inUse = Held(domain.InUse), peak = Held(domain.RecentPeak);
        int target = domain.Target is { } wanted ? Math.Min(Position(wanted), own - 1) : -1;
        for (int cell = 0; cell < own; cell++)
        {
            (char glyph, Style style) = cell == target ? (glyphs.Target, Palette.Mark)
                : cell < inUse ? (glyphs.InUse, Palette.InUse)
                : cell < peak ? (glyphs.RecentPeak, Palette.RecentPeak)
                : cell < actual ? (glyphs.Idle, Palette.Idle)
                : (glyphs.NotHeld, Palette.Faint);
            line.Add(glyph.ToString(), style);
        }

        int Held(KiB? size) => size is { } known ? Math.Min(Position(known), actual) : 0;

        int Position(KiB size) => (int)(((size.Value * own) + (extent.Value / 2)) / extent.Value);
    }
}
