using System.Collections.Immutable;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Judging;

/// <summary>
/// Runs every built-in scenario with few seeds, so that it takes no more than a minute in all; <c>make judge</c> runs
/// 30. The durations are not shortened. office-day is not run here, since a single seed of its eight hours takes longer
/// than all others together.
/// </summary>
public sealed class BuiltInVerdictTests
{
    private const int FewSeeds = 3;

    // With so few seeds intervals are wide, and a peer must be far better before it counts.
    private const int MoreSeeds = 5;

    private static readonly ImmutableHashSet<string> Long = ["office-day"];

    private static readonly ImmutableHashSet<string> Costly = ["build-farm", "density", "boot-storm", "swapless",
        "chaos"];

    /// <summary>
    /// The lines that fair-share misses, and the accepted bound. A guest that reports once a minute and changes its
    /// load each minute is reported too late. squeezed ignores reports and gives memory anyway, which happens to be
    /// right here; no policy that uses reports is better.
    /// </summary>
    private static readonly ImmutableDictionary<string, double> NotReached =
        ImmutableDictionary<string, double>.Empty.Add(
        "rotation-minute: fair-share slowdown.p99 <= peers + interval", 6);

    private static IEnumerable<TestCaseData> All =>
        BuiltInScenarios.Names.Where(name => !Long.Contains(name)).Select(
            name => new TestCaseData(name).SetArgDisplayNames(name));

    [TestCaseSource(nameof(All))]
    public void Scenario_passes(string name)
    {
        Scenario scenario = BuiltInScenarios.Read(name);
        Judgement judgement = Judge.Run(scenario,
            new JudgeOptions
            {
                Policies = PassPolicies.For(scenario),
                Seeds = Costly.Contains(name) ? FewSeeds : MoreSeeds
            });
        Assert.That(judgement.Verdicts.Where(verdict => verdict.Outcome != PassOutcome.Passed
            && !(NotReached.TryGetValue($"{name}: {verdict.Line}", out double most) && verdict.Value <= most)).Select(
            verdict => $"{verdict.Outcome}: {verdict.Line}: {verdict.Reason}"), Is.Empty);
    }
}
