using XenBalloon.CommandLine;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Judging.PassLines;

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
