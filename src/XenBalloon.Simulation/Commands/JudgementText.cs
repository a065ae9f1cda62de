using XenBalloon.CommandLine;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Report;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Commands;

/// <summary>The results of one scenario as a table.</summary>
internal static class JudgementText
{
    private static readonly (string Metric, string Header, int Expendable)[] Columns =
    [
        ("slowdown.mean", "Slowdown", 0),
        ("slowdown.p99", "p99", 0),
        ("oom", "OOM", 0),
        ("regret", "Regret", 3),
        ("hoarding", "Hoarding", 1),
        ("delivered.p95", "Delivery p95", 4),
        ("delivered.max", "max", 5),
        ("fairness", "Fairness", 2),
        ("faults.major", "Faults", 6),
        ("reversals", "Reversals", 7),
        ("writes", "Writes/h", 8),
        ("moved", "MiB/h", 10),
        ("settling.mean", "Settling", 9),
        ("starts.failed", "Failed starts", 11),
        ("starts.wait", "Start wait", 12),
        ("violations", "Violations", 13),
    ];

    internal static IEnumerable<string> Lines(Judgement judgement, int? width, bool isFirst)
    {
        if (!isFirst) yield return "";
        yield return Printable.Of($"{judgement.Scenario.Name}: {judgement.Scenario.Summary}");
        yield return ResultText.Conditions(judgement);
        yield return "";
        foreach (string line in Table(judgement).Lines(width)) yield return line;
        foreach (string line in Paragraph(ResultText.Dominances(judgement))) yield return line;
        foreach (string line in Paragraph(judgement.Verdicts.Select(Verdict))) yield return line;
    }

    private static TextTable Table(Judgement judgement)
    {
        var table = new TextTable(
        [
            new TextColumn("Policy", IsNumber: false, 0),
            .. Columns.Select(column => new TextColumn(column.Header, IsNumber: true, column.Expendable)),
        ]);
        foreach (PolicyResult policy in judgement.Policies)
            table.Add([policy.Name, .. Columns.Select(column => MetricText.Of(judgement, policy, column.Metric))]);

        return table;
    }

    private static string Verdict(PassVerdict verdict) =>
        Printable.Of($"{ResultText.Outcome(verdict.Outcome),-9}  {verdict.Line}: {verdict.Reason}");

    /// <summary>The lines after an empty one; nothing if there are none.</summary>
    private static IEnumerable<string> Paragraph(IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        return all.Length == 0 ? [] : ["", .. all];
    }
}

/// <summary>The results of many scenarios in one table, and the pass lines that do not hold.</summary>
internal static class SummaryText
{
    private static readonly (string Metric, string Header)[] Columns =
    [
        ("slowdown.p99", "Slowdown p99"),
        ("oom", "OOM"),
        ("oom.caused", "OOM caused"),
        ("hoarding", "Hoarding"),
        ("starts.wait", "Start wait"),
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
                else yield return Verdict(judgement.Scenario, verdict);
            }
        }

        yield return $"{passed} of {count} pass lines passed.";
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
                IEnumerable<string> cells = Columns.Select(column => MetricText.Of(judgement, policy, column.Metric));
                table.Add([scenario, policy.Name, .. cells]);
            }
        }

        return table;
    }

    private static string Verdict(Scenario scenario, PassVerdict verdict) => Printable.Of(
        $"{ResultText.Outcome(verdict.Outcome),-9}  {scenario.Name}: {verdict.Line}: {verdict.Reason}");
}
