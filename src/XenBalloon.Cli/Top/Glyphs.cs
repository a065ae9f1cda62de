namespace XenBalloon.Cli.Top;

/// <summary>The characters that pictures are made of.</summary>
internal sealed record Glyphs(
    char InUse, char RecentPeak, char Idle, char NotHeld, char Target, char Grows, char Shrinks)
{
    internal static Glyphs Unicode { get; } = new('█', '▓', '▒', '·', '┃', '▲', '▼');

    internal static Glyphs Ascii { get; } = new('#', '+', '=', '.', '|', '^', 'v');
}
