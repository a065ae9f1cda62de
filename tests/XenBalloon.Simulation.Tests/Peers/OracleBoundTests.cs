using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Peers;

/// <summary>The oracle is what regret is measured against, so that nobody may be better.</summary>
public sealed class OracleBoundTests
{
    // Mean slowdowns nearer to each other than this are alike.
    private const double Noise = 0.001;

    [Test]
    public void Nobody_is_better([Values("idle-tax", "consolidation", "limit-cycle", "starvation")] string name)
    {
        Scenario scenario = BuiltInScenarios.All.Single(scenario => scenario.Name == name);
        var options = new JudgeOptions { Policies = PolicyCatalog.All, FirstSeed = 1, Seeds = 3, Duration = TimeSpan.FromMinutes(4) };
        Judgement judgement = Judge.Run(scenario, options);
        PolicyResult oracle = judgement.Find(PolicyCatalog.Oracle)!;
        Assert.Multiple(() =>
        {
            double bound = Mean(oracle, "slowdown.mean") - Noise;
            foreach (PolicyResult policy in judgement.Policies) Assert.That(Mean(policy, "slowdown.mean"), Is.GreaterThan(bound), policy.Name);
            foreach (string harm in new[] { "oom", "starts.failed", "violations" }) Assert.That(Mean(oracle, harm), Is.Zero, harm);
        });
    }

    private static double Mean(PolicyResult policy, string metric) => policy.Of(AllMetrics.Named(metric))!.Value.Mean;
}
