using XenBalloon.Simulation.Commands;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Judging.Statistics;

namespace XenBalloon.Simulation.Report;

/// <summary>Policies by metrics; the best of each metric, and what cannot be told from it, stands out.</summary>
internal static class MetricTable
{
    internal static void Write(Markup page, Judgement judgement)
    {
        Metric[] metrics = [.. AllMetrics.All.Where(metric => judgement.Policies.Any(policy => judgement.Of(policy, metric) is not null))];
        page.Open("div", ("class", "wide")).Open("table");
        page.Open("tr").Element("th", "policy", ("scope", "col"));
        foreach (Metric metric in metrics) page.Element("th", Header(metric), ("scope", "col"), ("title", metric.Summary));
        page.Close();
        double?[] best = [.. metrics.Select(metric => Best(judgement, metric))];
        foreach (PolicyResult policy in judgement.Policies)
        {
            page.Open("tr").Element("th", policy.Name, ("scope", "row"), ("title", policy.Policy.Summary));
            for (int i = 0; i < metrics.Length; i++)
            {
                Estimate? estimate = judgement.Of(policy, metrics[i]);
                page.Element("td", MetricText.Of(metrics[i], estimate), ("class", IsBest(metrics[i], estimate, best[i]) ? "best" : "other"));
            }

            page.Close();
        }

        page.Close().Close();
    }

    private static string Header(Metric metric) => metric.Unit switch
    {
        MetricUnit.MiB => $"{metric.Name}, MiB",
        MetricUnit.GiBMinutes => $"{metric.Name}, GiB·min",
        MetricUnit.PerDomainHour => $"{metric.Name}, per domain-hour",
        MetricUnit.MiBPerDomainHour => $"{metric.Name}, MiB per domain-hour",
        _ => metric.Name,
    };

    // Where all are alike none is best.
    private static double? Best(Judgement judgement, Metric metric)
    {
        double[] means = [.. judgement.Policies.Select(policy => judgement.Of(policy, metric)?.Mean).OfType<double>()];
        if (metric.Preference == Preference.None || means.Length < 2 || means.Max() == means.Min()) return null;
        return metric.Preference == Preference.Low ? means.Min() : means.Max();
    }

    private static bool IsBest(Metric metric, Estimate? estimate, double? best) =>
        estimate is { } known && best is { } value && (metric.Preference == Preference.Low ? known.Low <= value : known.High >= value);
}
