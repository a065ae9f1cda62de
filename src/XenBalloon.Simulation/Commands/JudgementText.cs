using XenBalloon.CommandLine;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Report;

namespace XenBalloon.Simulation.Commands;

/// <summary>A judgement, for a person at a terminal.</summary>
internal static class JudgementText
{
    private static readonly (string Metric, string Header, int Expendable)[] Columns =
    [
        ("slowdown.mean", "Slowdown", 0),
        ("slowdown.p99", "p99", 0),
        ("oom", "OOM", 0),
        ("regret", "Regret", 3),
        ("hoarding", "Hoarding", 1),
        ("delivered.p95", "Given p95", 4),
        ("delivered.max", "max", 5),
        ("fairness", "Fair", 2),
        ("faults.major", "Faults", 6),
        ("reversals", "Turns", 7),
        ("writes", "Writes/h", 8),
        ("moved", "MiB/h", 10),
        ("settling.mean", "Settling", 9),
        ("starts.failed", "Unstarted", 11),
        ("starts.wait", "Start", 12),
        ("violations", "Wrong", 13),
    ];

    internal static IEnumerable<string> Lines(Judgement judgement, int? width, bool isFirst)
    {
        if (!isFirst) yield return "";
        yield return Printable.Of($"{judgement.Scenario.Name}: {judgement.Scenario.Summary}");
        yield return JudgementWords.Conditions(judgement);
        yield return "";
        foreach (string line in Table(judgement).Lines(width)) yield return line;
        foreach (string line in After("", JudgementWords.Dominances(judgement))) yield return line;
        foreach (string line in After("", judgement.Verdicts.Select(Verdict))) yield return line;
    }

    private static TextTable Table(Judgement judgement)
    {
        var table = new TextTable([new TextColumn("Policy", IsNumber: false, 0), .. Columns.Select(column => new TextColumn(column.Header, IsNumber: true, column.Expendable))]);
        foreach (PolicyResult policy in judgement.Policies)
        {
            table.Add([policy.Name, .. Columns.Select(column => MetricText.Of(AllMetrics.Named(column.Metric), judgement.Of(policy, AllMetrics.Named(column.Metric))))]);
        }

        return table;
    }

    private static string Verdict(PassVerdict verdict) => Printable.Of($"{JudgementWords.Outcome(verdict.Outcome),-9}  {verdict.Line}: {verdict.Reason}");

    private static IEnumerable<string> After(string before, IEnumerable<string> lines)
    {
        bool any = false;
        foreach (string line in lines)
        {
            if (!any) yield return before;
            any = true;
            yield return line;
        }
    }
}

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
