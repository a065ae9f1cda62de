using Spectre.Console;

namespace XenBalloon.Cli.Top;

/// <summary>The colours of the live view; everything can be told apart without them, too.</summary>
internal static class Palette
{
    internal static Style InUse { get; } = new(Color.Orange1);

    internal static Style RecentPeak { get; } = new(Color.Gold1);

    internal static Style Idle { get; } = new(Color.Green3);

    internal static Style Faint { get; } = new(Color.Grey50);

    internal static Style Mark { get; } = new(Color.White, decoration: Decoration.Bold);

    internal static Style Strong { get; } = new(decoration: Decoration.Bold);

    internal static Style Grows { get; } = new(Color.Orange1, decoration: Decoration.Bold);

    internal static Style Shrinks { get; } = new(Color.DeepSkyBlue1, decoration: Decoration.Bold);

    internal static Style Alarm { get; } = new(Color.Red, decoration: Decoration.Bold);

    private static readonly Color[] Domains =
        [Color.DeepSkyBlue1, Color.Gold1, Color.MediumPurple1, Color.SpringGreen3, Color.Salmon1, Color.Turquoise2, Color.HotPink, Color.Chartreuse3];

    /// <summary>The colour of a domain, the same as long as it lives; dom0 is grey.</summary>
    internal static Style OfDomain(uint domid) => domid == 0 ? Faint : new Style(Domains[(domid - 1) % Domains.Length]);
}
