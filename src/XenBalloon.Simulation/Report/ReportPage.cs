using System.Collections.Immutable;
using XenBalloon.Simulation.Commands;
using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Report;

/// <summary>The report: one page that needs nothing else, no script and no network.</summary>
internal static class ReportPage
{
    internal static string Of(IReadOnlyList<Judgement> judgements)
    {
        var page = new Markup();
        string title = $"xenballoon: {string.Join(", ", judgements.Select(judgement => judgement.Scenario.Name))}";
        page.Open("html", ("lang", "en"));
        page.Open("head");
        page.Empty("meta", ("charset", "utf-8"));
        page.Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
        page.Element("title", title);
        page.Element("style", ReportStyle.Sheet);
        page.Close();
        page.Open("body");
        page.Element("h1", "Memory policies compared");
        foreach (Judgement judgement in judgements) Section(page, judgement);
        page.Close();
        page.Close();
        return $"<!DOCTYPE html>\n{page}";
    }

    private static void Section(Markup page, Judgement judgement)
    {
        page.Open("section");
        page.Element("h2", judgement.Scenario.Name);
        page.Element("p", judgement.Scenario.Summary, ("class", "summary"));
        page.Element("p", JudgementWords.Conditions(judgement), ("class", "conditions"));
        PassLineList.Write(page, judgement.Verdicts);
        MetricTable.Write(page, judgement);
        ImmutableArray<string> dominances = [.. JudgementWords.Dominances(judgement)];
        if (!dominances.IsEmpty)
        {
            page.Open("ul", ("class", "plain"));
            foreach (string dominance in dominances) page.Element("li", dominance);
            page.Close();
        }

        PlotGrid.Write(page, judgement);
        page.Close();
    }
}
