using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Report;

/// <summary>What the colours and lines of the plots mean.</summary>
internal static class Legend
{
    /// <summary>Colours that can be told apart; with more domains they come again.</summary>
    private const int Colours = 10;

    private static readonly (string Style, string Meaning)[] Lines =
    [
        ("swatch held", "held"),
        ("stroke target", "target"),
        ("stroke needed", "needed so as not to wait"),
    ];

    /// <summary>The CSS class of a domain's colour.</summary>
    internal static string Colour(int guest) => $"c{guest % Colours}";

    internal static void Write(Markup page, Judgement judgement)
    {
        page.Open("ul", ("class", "legend"));
        for (int guest = 0; guest < judgement.Scenario.Guests.Length; guest++) Entry(page, $"swatch {Colour(guest)}", judgement.Scenario.Guests[guest].Name);
        foreach ((string style, string meaning) in Lines) Entry(page, style, meaning);
        page.Close();
    }

    private static void Entry(Markup page, string style, string meaning) => page.Open("li").Element("span", "", ("class", style)).Text(meaning).Close();
}
