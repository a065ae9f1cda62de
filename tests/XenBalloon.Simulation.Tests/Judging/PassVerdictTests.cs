using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Judging.PassLines;
using XenBalloon.Simulation.Judging.Statistics;
using XenBalloon.Simulation.Outcomes;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class PassVerdictTests
{
    [TestCase("slowdown.mean <= 1.2", PassOutcome.Passed, "it is 1.2")]
    [TestCase("slowdown.mean < 1.2", PassOutcome.Failed, "it is 1.2")]
    [TestCase("slowdown.mean >= 1.2", PassOutcome.Passed, "it is 1.2")]
    [TestCase("slowdown.mean > 1.2", PassOutcome.Failed, "it is 1.2")]
    [TestCase("slowdown.mean = 1.2", PassOutcome.Passed, "it is 1.2")]
    [TestCase("slowdown.mean = 1.3", PassOutcome.Failed, "it is 1.2")]
    [TestCase("static slowdown.mean <= 1.2", PassOutcome.Failed, "it is 2")]
    [TestCase("slowdown.mean <= 0.7 * static", PassOutcome.Passed, "it is 1.2, to be compared with 1.4")]
    [TestCase("slowdown.mean <= 0.5 * static", PassOutcome.Failed, "it is 1.2, to be compared with 1")]
    [TestCase("slowdown.mean@guest <= 1.2", PassOutcome.Passed, "it is 1.2")]
    [TestCase("slowdown.mean@nobody <= 1.2", PassOutcome.Failed, "the scenario has no guest nobody")]
    [TestCase("esx slowdown.mean <= 1.2", PassOutcome.Undecided, "esx was not run")]
    [TestCase("slowdown.mean <= esx", PassOutcome.Undecided, "esx was not run")]
    [TestCase("slowdown.mean <= statik", PassOutcome.Failed, "there is no policy 'statik': choose one of fair-share, ")]
    [TestCase("starts.wait <= 1", PassOutcome.Undecided, "there was nothing to measure")]
    [TestCase("regret <= 0.2", PassOutcome.Passed, "it is 0.2")]
    [TestCase("regret < 0.2", PassOutcome.Failed, "it is 0.2")]
    public void A_line_is_decided(string line, PassOutcome outcome, string reason)
    {
        Judgement judgement = HandMade.Judgement(
            [HandMade.Policy("fair-share", 1.1, 1.3), HandMade.Policy("static", 2, 2), HandMade.Policy("oracle", 1, 1)], line);
        Assert.That(judgement.Verdicts.Single().Outcome, Is.EqualTo(outcome));
        Assert.That(judgement.Verdicts.Single().Reason, Does.StartWith(reason));
        Assert.That(judgement.Passes, Is.EqualTo(outcome != PassOutcome.Failed));
    }

    [Test]
    public void Regret_is_undecided_without_those_it_compares_with()
    {
        Judgement judgement = HandMade.Judgement([HandMade.Policy("fair-share", 1.2), HandMade.Policy("static", 2)], "regret <= 0.1");
        Assert.That(judgement.Verdicts.Single().Reason, Is.EqualTo("regret needs static and oracle to be run too"));
    }

    [Test]
    public void Regret_is_undecided_where_there_was_nothing_to_gain()
    {
        Judgement judgement = HandMade.Judgement([HandMade.Policy("fair-share", 1), HandMade.Policy("static", 1), HandMade.Policy("oracle", 1)], "regret <= 0.1");
        Assert.That(judgement.Verdicts.Single(), Has.Property("Outcome").EqualTo(PassOutcome.Undecided).And.Property("Reason").EqualTo("even the oracle gains nothing"));
    }

    [Test]
    public void One_line_that_fails_fails_the_scenario() =>
        Assert.That(HandMade.Judgement([HandMade.Policy("fair-share", 1.2)], "oom = 0", "slowdown.p99 <= 1").Passes, Is.False);

    [Test]
    public void The_dominant_are_named()
    {
        Judgement judgement = HandMade.Judgement([HandMade.Policy("static", 2, 2, 2), HandMade.Policy("fair-share", 1.1, 1.3, 1.2)]);
        Assert.That(judgement.Dominances, Is.EqualTo([new Dominance("fair-share", "static")]));
    }

    [Test]
    public void Who_is_fast_and_thrifty_because_he_starts_nobody_dominates_no_one()
    {
        PolicyResult fast = HandMade.Policy("fair-share", 1, 1);
        PolicyResult refusing = fast with { Runs = [.. fast.Runs.Select(run => run with { Report = run.Report with { Host = new HostOutcome { FailedStarts = 1 } } })] };
        Assert.That(HandMade.Judgement([HandMade.Policy("static", 2, 2), refusing]).Dominances, Is.Empty);
    }

    [Test]
    public void A_mean_is_taken_over_the_seeds() =>
        Assert.That(HandMade.Policy("any", 1.1, 1.3).Of(Simulation.Judging.Metrics.AllMetrics.Named("slowdown.mean"))!.Value, Has.Property("Mean").EqualTo(1.2).Within(1e-12)
            .And.Property(nameof(Estimate.Count)).EqualTo(2));
}
