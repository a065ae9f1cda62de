using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Judging.PassLines;
using XenBalloon.Simulation.Judging.Runs;
using XenBalloon.Simulation.Judging.Statistics;

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
    [TestCase("slowdown.mean <= 0.7 * static", PassOutcome.Passed,
        "it is 1.2, to be compared with 1.4 of 0.7 * static")]
    [TestCase("slowdown.mean <= 0.5 * static", PassOutcome.Failed, "it is 1.2, to be compared with 1 of 0.5 * static")]
    [TestCase("slowdown.mean@guest <= 1.2", PassOutcome.Passed, "it is 1.2")]
    [TestCase("slowdown.mean@nobody <= 1.2", PassOutcome.Failed, "the scenario has no guest nobody")]
    [TestCase("esx slowdown.mean <= 1.2", PassOutcome.Undecided, "esx was not run")]
    [TestCase("slowdown.mean <= esx", PassOutcome.Undecided, "esx was not run")]
    [TestCase("hoarding <= 2%", PassOutcome.Passed, "guests lacked next to nothing")]
    [TestCase("slowdown.mean <= peers", PassOutcome.Undecided, "no peer was run")]
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
    public void The_oracle_neither_dominates_nor_is_dominated()
    {
        PolicyResult[] policies = [HandMade.Policy("static", 2, 2, 2), HandMade.Policy("oracle", 1, 1, 1),
            HandMade.Policy("fair-share", 0.5, 0.5, 0.5)];
        Assert.That(HandMade.Judgement(policies).Dominances, Is.EqualTo([new Dominance("fair-share", "static")]));
    }

    [Test]
    public void Memory_that_is_hoarded_makes_a_policy_worse_and_memory_that_is_held_does_not()
    {
        PolicyResult thrifty = HandMade.Policy("fair-share", 1, 1), holding = HandMade.Policy("static", 1, 1),
            hoarding = HandMade.Policy("squeezed", 1, 1);
        holding = holding with { Runs = [.. holding.Runs.Select(run => run with { Peak = KiB.FromMiB(9999) })] };
        hoarding = hoarding with
        {
            Runs = [.. hoarding.Runs.Select(
            run => run with { Hoarding = new Hoarding(HandMade.KiBSecondsPerGiBMinute,
                HandMade.KiBSecondsPerGiBMinute) })]
        };
        Assert.That(
            HandMade.Judgement([thrifty, holding, hoarding]).Dominances,
            Is.EquivalentTo([new Dominance("fair-share", "squeezed"), new Dominance("static", "squeezed")]));
    }

    [TestCase("slowdown.p99 <= squeezed + interval", PassOutcome.Failed,
        "it is 1.2, to be compared with 1.02 of squeezed ± ")]
    [TestCase("slowdown.p99 <= qmemman + interval", PassOutcome.Passed,
        "it is 1.2, to be compared with 1.1 of qmemman ± ")]
    [TestCase("slowdown.p99 <= 1.2 * squeezed + interval", PassOutcome.Passed,
        "it is 1.2, to be compared with 1.224 of 1.2 * squeezed ± ")]
    [TestCase("slowdown.p99 <= peers + interval", PassOutcome.Failed,
        "it is 1.2, to be compared with 1.02 of squeezed ± ")]
    [TestCase("slowdown.p99 <= 1.2 * peers + interval", PassOutcome.Passed,
        "it is 1.2, to be compared with 1.224 of 1.2 * squeezed ± ")]
    [TestCase("slowdown.p99 <= peers", PassOutcome.Failed, "it is 1.2, to be compared with 1.02 of squeezed")]
    [TestCase("oom <= peers + interval", PassOutcome.Passed, "it is 0, to be compared with 0 of ")]
    public void A_peers_lead_fails_a_line_only_where_it_is_more_than_chance(string line, PassOutcome outcome,
        string reason)
    {
        // Squeezed is better by 0.18 at every seed or nearly so; qmemman here by more and there not at all; static and
        // the oracle are no peers.
        PolicyResult[] policies =
        [
            HandMade.Policy("fair-share", 1.1, 1.2, 1.3), HandMade.Policy("squeezed", 0.92, 1.02, 1.12),
                HandMade.Policy("qmemman", 0.7, 1.2, 1.4),
            HandMade.Policy("static", 0.1, 0.1, 0.1), HandMade.Policy("oracle", 0.1, 0.1, 0.1),
        ];
        PassVerdict verdict = HandMade.Judgement(policies, line).Verdicts.Single();
        Assert.That(verdict, Has.Property("Outcome").EqualTo(outcome).And.Property("Reason").StartsWith(reason));
    }

    [Test]
    public void With_one_seed_no_interval_can_be_added() =>
        Assert.That(
            HandMade.Judgement([HandMade.Policy("fair-share", 1.2), HandMade.Policy("squeezed", 1)],
                "slowdown.p99 <= squeezed + interval").Verdicts.Single(),
            Has.Property("Outcome").EqualTo(PassOutcome.Undecided).And.Property("Reason").EqualTo(
                "one seed gives no interval: run two or more"));

    [Test]
    public void A_peer_that_fails_to_start_more_domains_is_no_measure_of_the_others_speed()
    {
        PolicyResult refusing = HandMade.Policy("squeezed", 1, 1);
        refusing = refusing with
        {
            Runs = [.. refusing.Runs.Select(
            run => run with { Report = run.Report with { Host = new HostOutcome { FailedStarts = 1 } } })]
        };
        PassVerdict verdict = HandMade.Judgement([HandMade.Policy("fair-share", 1.2, 1.2), refusing],
            "slowdown.p99 <= peers + interval").Verdicts.Single();
        Assert.That((verdict.Outcome, verdict.Reason),
            Is.EqualTo((PassOutcome.Passed, "every peer fails to start more domains")));
    }

    [Test]
    public void A_mean_is_taken_over_the_seeds() =>
        Assert.That(HandMade.Policy("any", 1.1, 1.3).Of(Simulation.Judging.Metrics.AllMetrics.Named("slowdown.mean"))!.Value, Has.Property("Mean").EqualTo(1.2).Within(1e-12)
            .And.Property(nameof(Estimate.Count)).EqualTo(2));
}
