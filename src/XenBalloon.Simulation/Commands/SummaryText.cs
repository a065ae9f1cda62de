using XenBalloon.CommandLine;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Judging.PassLines;

namespace XenBalloon.Simulation.Commands;

/// <summary>Many judgements in one table, and what did not pass.</summary>
internal static class SummaryText
{
    private static readonly (string Metric, string Header)[] Columns =
    [
        ("slowdown.p99", "Slowdown p99"),
        ("oom", "OOM"),
        ("oom.caused", "Caused"),
        ("hoarding", "Hoarding"),
        ("starts.wait", "Start"),
        ("regret", "Regret"),
    ];

    internal static IEnumerable<string> Lines(IReadOnlyList<Judgement> judgements, int? width)
    {
        foreach (string line in Table(judgements).Lines(width)) yield return line;
        yield return "";
        int passed = 0, count = 0;
        foreach (Judgement judgement in judgements)
        {
            foreach (PassVerdict verdict in judgement.Verdicts)
            {
                count++;
                if (verdict.Outcome == PassOutcome.Passed) passed++;
                else yield return Printable.Of(
                    $"{JudgementWords.Outcome(verdict.Outcome),-9}  {judgement.Scenario.Name}: {verdict.Line}: {verdict.Reason}");
            }
        }

        yield return $"{passed} of {count} pass lines hold.";
    }

    private static TextTable Table(IReadOnlyList<Judgement> judgements)
    {
        var table = new TextTable(
        [
            new TextColumn("Scenario", IsNumber: false, 0),
            new TextColumn("Policy", IsNumber: false, 0),
            .. Columns.Select(column => new TextColumn(column.Header, IsNumber: true, 0)),
        ]);
        foreach (Judgement judgement in judgements)
        {
            foreach (PolicyResult policy in judgement.Policies)
            {
                string scenario = policy == judgement.Policies[0] ? judgement.Scenario.Name : "";
                table.Add([scenario, policy.Name,
                    .. Columns.Select(column => Cell(judgement, policy, AllMetrics.Named(column.Metric)))]);
            }
        }

        return table;
    }

    private static string Cell(Judgement judgement, PolicyResult policy, Metric metric) =>
        MetricText.Of(metric, judgement.Of(policy, metric));
}
