using System.Collections.Immutable;
using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Report;

/// <summary>The report: one self-contained page without scripts or network access.</summary>
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
        page.Element("p", ResultText.Conditions(judgement), ("class", "conditions"));
        PassLineList.Write(page, judgement.Verdicts);
        MetricTable.Write(page, judgement);
        ImmutableArray<string> dominances = [.. ResultText.Dominances(judgement)];
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

/// <summary>
/// The table of policies and metrics. It highlights the best value of each metric and those that do not differ
/// significantly.
/// </summary>
internal static class MetricTable
{
    internal static void Write(Markup page, Judgement judgement)
    {
        Metric[] metrics = [.. MetricCatalog.All.Where(IsMeasured)];
        page.Open("div", ("class", "wide")).Open("table");
        page.Open("tr").Element("th", "policy", ("scope", "col"));
        foreach (Metric metric in metrics)
            page.Element("th", Header(metric), ("scope", "col"), ("title", metric.Summary));
        page.Close();
        double?[] best = [.. metrics.Select(metric => Best(judgement, metric))];
        foreach (PolicyResult policy in judgement.Policies)
        {
            page.Open("tr").Element("th", policy.Name, ("scope", "row"), ("title", policy.Policy.Summary));
            for (int i = 0; i < metrics.Length; i++)
            {
                Estimate? estimate = judgement.Of(policy, metrics[i]);
                page.Element(
                    "td", MetricText.Of(metrics[i], estimate),
                    ("class", IsBest(metrics[i], estimate, best[i]) ? "best" : "other"));
            }

            page.Close();
        }

        page.Close().Close();

        bool IsMeasured(Metric metric) => judgement.Policies.Any(policy => judgement.Of(policy, metric) is not null);
    }

    private static string Header(Metric metric) => metric.Unit switch
    {
        MetricUnit.MiB => $"{metric.Name}, MiB",
        MetricUnit.GiBMinutes => $"{metric.Name}, GiB·min",
        MetricUnit.PerDomainHour => $"{metric.Name}, per domain-hour",
        MetricUnit.MiBPerDomainHour => $"{metric.Name}, MiB per domain-hour",
        _ => metric.Name,
    };

    // If all are equal, none is the best.
    private static double? Best(Judgement judgement, Metric metric)
    {
        double[] means = [.. judgement.Policies.Select(policy => judgement.Of(policy, metric)?.Mean).OfType<double>()];
        if (metric.Preference == Preference.None || means.Length < 2 || means.Max() == means.Min()) return null;
        return metric.Preference == Preference.Low ? means.Min() : means.Max();
    }

    private static bool IsBest(Metric metric, Estimate? estimate, double? best) =>
        estimate is { } known && best is { } value
            && (metric.Preference == Preference.Low ? known.Low <= value : known.High >= value);
}

/// <summary>The pass lines with their outcome.</summary>
internal static class PassLineList
{
    internal static void Write(Markup page, ImmutableArray<PassVerdict> verdicts)
    {
        if (verdicts.IsEmpty) return;
        page.Open("ul", ("class", "plain"));
        foreach (PassVerdict verdict in verdicts)
        {
            page.Open("li");
            page.Element("span", ResultText.Outcome(verdict.Outcome), ("class", $"verdict {Style(verdict.Outcome)}"));
            page.Element("code", verdict.Line.ToString());
            page.Element("span", $" {verdict.Reason}", ("class", "reason"));
            page.Close();
        }

        page.Close();
    }

    private static string Style(PassOutcome outcome) => outcome switch
    {
        PassOutcome.Passed => "passed",
        PassOutcome.Failed => "failed",
        _ => "undecided",
    };
}
