using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Report;

/// <summary>The first seed's runs side by side: a column for each policy, and the same axes in each row.</summary>
internal static class PlotGrid
{
    /// <summary>More rows would not be readable.</summary>
    private const int MostGuests = 24;

    internal static void Write(Markup page, Judgement judgement)
    {
        if (judgement.Policies.Any(policy => policy.Timeline.Length < 2)) return;
        var plots = new RunPlots(judgement);
        page.Element("h3", $"Timeline of seed {judgement.FirstSeed}");
        Legend.Write(page, judgement);
        page.Open("div", ("class", "wide")).Open("table", ("class", "plots"));
        page.Open("tr").Element("th", "");
        foreach (PolicyResult policy in judgement.Policies) page.Element("th", policy.Name, ("scope", "col"));
        page.Close();
        Row(page, judgement, "held memory", "MiB, stacked; blank is free", plots.Holdings);
        Row(page, judgement, "memory moved", "MiB per minute: received above, given up below", plots.Flows);
        Row(page, judgement, "slowdown", "1 is none", plots.Slowdowns);
        Row(page, judgement, "free", "MiB; dashed: slack", plots.Free);
        for (int guest = 0; guest < judgement.Scenario.Guests.Length && guest < MostGuests; guest++)
        {
            int number = guest;
            Row(
                page, judgement, judgement.Scenario.Guests[number].Name, "MiB",
                (page, policy) => plots.Guest(page, policy, number));
        }

        page.Close().Close();
        int left = judgement.Scenario.Guests.Length - MostGuests;
        if (left > 0) page.Element("p", $"{left} more domains have no plots of their own.", ("class", "conditions"));
    }

    private static void Row(
        Markup page, Judgement judgement, string name, string unit, Action<Markup, PolicyResult> draw)
    {
        page.Open("tr").Open("th", ("scope", "row")).Element("span", name).Element("small", unit).Close();
        foreach (PolicyResult policy in judgement.Policies)
        {
            page.Open("td");
            draw(page, policy);
            page.Close();
        }

        page.Close();
    }
}

/// <summary>The meaning of colours and lines in the plots.</summary>
internal static class Legend
{
    /// <summary>The number of distinguishable colours; further domains repeat them.</summary>
    private const int Colours = 10;

    private static readonly (string Style, string Meaning)[] Lines =
    [
        ("swatch held", "held"),
        ("stroke target", "target"),
        ("stroke needed", "needed to run without waiting"),
    ];

    /// <summary>The CSS class of a domain's colour.</summary>
    internal static string Colour(int guest) => $"c{guest % Colours}";

    internal static void Write(Markup page, Judgement judgement)
    {
        page.Open("ul", ("class", "legend"));
        for (int guest = 0; guest < judgement.Scenario.Guests.Length; guest++)
            Entry(page, $"swatch {Colour(guest)}", judgement.Scenario.Guests[guest].Name);
        foreach ((string style, string meaning) in Lines) Entry(page, style, meaning);
        page.Close();
    }

    private static void Entry(Markup page, string style, string meaning) =>
        page.Open("li").Element("span", "", ("class", style)).Text(meaning).Close();
}
