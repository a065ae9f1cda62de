using System.Globalization;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Judging.Statistics;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Judging.PassLines;

/// <summary>Decides on pass lines.</summary>
internal static class PassJudge
{
    /// <summary>Decides on one.</summary>
    public static PassVerdict Decide(PassLine line, Judgement judgement)
    {
        if (judgement.Find(line.Policy) is not { } policy) return NotRun(line, line.Policy);
        if (line.Guest is { } guest && judgement.Scenario.Guests.All(one => one.Name != guest)) return Failed(line, $"the scenario has no guest {guest}");
        if (judgement.Of(policy, line.Metric, line.Guest) is not { } value) return Undecided(line, WhyNothing(line.Metric, judgement));
        double bound = line.Bound;
        if (line.Other is { } name)
        {
            if (judgement.Find(name) is not { } other) return NotRun(line, name);
            if (judgement.Of(other, line.Metric, line.Guest) is not { } theirs) return Undecided(line, WhyNothing(line.Metric, judgement));
            bound *= theirs.Mean;
        }

        bool holds = line.Comparison.Holds(value.Mean, bound);
        return new PassVerdict(line, holds ? PassOutcome.Passed : PassOutcome.Failed, value.Mean, bound, Reason(line, value, bound));
    }

    private static PassVerdict NotRun(PassLine line, string policy) =>
        PolicyCatalog.TryGet(policy, out _, out string? error) ? Undecided(line, $"{policy} was not run") : Failed(line, error);

    private static PassVerdict Undecided(PassLine line, string reason) => new(line, PassOutcome.Undecided, null, null, reason);

    private static PassVerdict Failed(PassLine line, string reason) => new(line, PassOutcome.Failed, null, null, reason);

    private static string WhyNothing(Metric metric, Judgement judgement) =>
        metric != AllMetrics.Regret ? "there was nothing to measure"
        : judgement.Find(PolicyCatalog.Static) is null || judgement.Find(PolicyCatalog.Oracle) is null
            ? "regret needs static and oracle to be run too"
        : "even the oracle gains nothing";

    private static string Reason(PassLine line, Estimate value, double bound) => line.Other is null
        ? string.Create(CultureInfo.InvariantCulture, $"it is {value.Mean:0.####}")
        : string.Create(CultureInfo.InvariantCulture, $"it is {value.Mean:0.####}, to be compared with {bound:0.####}");
}
