using System.Collections.Immutable;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Judging.PassLines;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Judging;

/// <summary>
/// Every built-in scenario at as few seeds as take no more than a minute in all; <c>make judge</c> runs 30. Nothing is
/// shortened but the number of seeds, and office-day is not run here, since a single seed of its eight hours takes
/// longer than all the others together.
/// </summary>
public sealed class BuiltInVerdictTests
{
    private const int FewSeeds = 3;

    // With so few intervals are wide, and a peer must be far better before it counts.
    private const int MoreSeeds = 5;

    private static readonly ImmutableHashSet<string> Long = ["office-day"];

    private static readonly ImmutableHashSet<string> Costly = ["build-farm", "density", "boot-storm", "swapless",
        "chaos"];

    /// <summary>
    /// What our policy does not reach, and how far it may be from it. Who reports once a minute and takes turns by the
    /// minute is heard when its turn is over. Squeezed listens to nobody and gives all the same, which is right there;
    /// of those that listen none is better.
    /// </summary>
    private static readonly ImmutableDictionary<string, double> NotReached = ImmutableDictionary<string, double>.Empty.Add(
        "rotation-minute: fair-share slowdown.p99 <= peers + interval", 6);

    private static IEnumerable<TestCaseData> All =>
        BuiltInScenarios.Names.Where(name => !Long.Contains(name)).Select(
            name => new TestCaseData(name).SetArgDisplayNames(name));

    [TestCaseSource(nameof(All))]
    public void Each_gets_what_it_asks_for(string name)
    {
        Scenario scenario = BuiltInScenarios.Read(name);
        Judgement judgement = Judge.Run(scenario,
            new JudgeOptions
            {
                Policies = PassPolicies.Of(scenario),
                Seeds = Costly.Contains(name) ? FewSeeds : MoreSeeds
            });
        Assert.That(judgement.Verdicts.Where(verdict => verdict.Outcome != PassOutcome.Passed
            && !(NotReached.TryGetValue($"{name}: {verdict.Line}", out double most) && verdict.Value <= most)).Select(
            verdict => $"{verdict.Outcome}: {verdict.Line}: {verdict.Reason}"), Is.Empty);
    }
}
