using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class PassLineTests
{
    [TestCase("fair-share slowdown.p99 <= 1.05")]
    [TestCase("fair-share oom = 0")]
    [TestCase("qmemman delivered.max < 10")]
    [TestCase("fair-share slowdown.mean <= 0.7 * static")]
    [TestCase("fair-share slowdown.mean@web1 < static")]
    [TestCase("fair-share received@honest >= 0.99")]
    [TestCase("esx memory.end@idle > 170")]
    [TestCase("fair-share oom <= squeezed + interval")]
    [TestCase("fair-share oom <= 1.5 * squeezed + interval")]
    [TestCase("fair-share hoarding.amount <= peers + interval")]
    [TestCase("fair-share oom <= peers")]
    public void Pass_line_is_written_as_read(string text) => Assert.That(Parse(text).ToString(), Is.EqualTo(text));

    [TestCase("oom = 0", "fair-share oom = 0")]
    [TestCase("  oom   =   0 ", "fair-share oom = 0")]
    [TestCase("delivered.max <= 2m", "fair-share delivered.max <= 120")]
    [TestCase("delivered.max <= 500ms", "fair-share delivered.max <= 0.5")]
    [TestCase("delivered.max <= 10 s", "fair-share delivered.max <= 10")]
    [TestCase("memory.end <= 2g", "fair-share memory.end <= 2048")]
    [TestCase("regret <= 10%", "fair-share regret <= 0.1")]
    [TestCase("slowdown.mean <= 1 * static", "fair-share slowdown.mean <= static")]
    public void Policy_and_unit_have_defaults(string text, string meant) =>
        Assert.That(Parse(text).ToString(), Is.EqualTo(meant));

    [TestCase(
        "",
        "invalid pass line '': expected [POLICY] METRIC[@GUEST] COMPARISON BOUND, "
            + "such as 'fair-share slowdown.p99 <= 1.05'")]
    [TestCase("fair-share oom =", "invalid pass line 'fair-share oom =': expected")]
    [TestCase("a b oom = 0", "invalid pass line 'a b oom = 0': expected")]
    [TestCase("fair-share oom == 0", "'fair-share oom == 0' has no comparison: use one of <= < >= > =")]
    [TestCase("fair-share oom@ = 0", "'oom@' has no guest name after the @")]
    [TestCase("fair-share fairness@web = 0", "'fairness' applies only to the whole host: remove @web")]
    [TestCase("fair-share speed = 0", "unknown metric 'speed': expected one of slowdown.mean, slowdown.p99, ")]
    [TestCase("oom = 0s", "invalid amount '0s': expected a number, a policy, or FACTOR * POLICY")]
    [TestCase(
        "delivered.max = 10k", "invalid amount '10k': expected seconds (10, 10s, 2m), a policy, or FACTOR * POLICY")]
    [TestCase(
        "memory.end = 10s",
        "invalid amount '10s': expected MiB or a size (180, 180MiB, 2g), a policy, or FACTOR * POLICY")]
    [TestCase("regret <= NaN%", "invalid amount 'NaN%': expected a factor (1.05, 5%), a policy, or FACTOR * POLICY")]
    [TestCase("regret <= 0.7 *", "invalid amount '0.7*': expected")]
    [TestCase("unknown oom = 0", "unknown policy 'unknown': expected one of fair-share, ")]
    [TestCase("oom <= unknown", "unknown policy 'unknown': expected one of fair-share, ")]
    [TestCase("oom <= 2 * unknown", "unknown policy 'unknown': expected one of fair-share, ")]
    [TestCase("oom <= fair-share", "fair-share is compared with itself: name another policy after the comparison")]
    [TestCase("oom <= 3 + interval", "'+ interval' needs a policy: write POLICY + interval, or remove it")]
    [TestCase("regret <= squeezed + interval", "'regret' has no value for each seed: remove '+ interval'")]
    [TestCase("oom < peers", "'peers' and '+ interval' require <=: use <= or name a policy to compare with")]
    [TestCase("fairness >= squeezed + interval",
        "'peers' and '+ interval' require <=: use <= or name a policy to compare with")]
    public void Invalid_pass_line_is_refused_with_the_expected_form(string text, string expected)
    {
        bool read = PassLine.TryParse(text, out _, out string? error);
        Assert.That(read, Is.False);
        Assert.That(error, Does.StartWith(expected));
    }

    private static PassLine Parse(string text) =>
        PassLine.TryParse(text, out PassLine? line, out string? error)
            ? line
            : throw new AssertionException(error);
}

internal sealed class PassVerdictTests
{
    [TestCase("slowdown.mean <= 1.2", PassOutcome.Passed, "measured 1.2")]
    [TestCase("slowdown.mean < 1.2", PassOutcome.Failed, "measured 1.2")]
    [TestCase("slowdown.mean >= 1.2", PassOutcome.Passed, "measured 1.2")]
    [TestCase("slowdown.mean > 1.2", PassOutcome.Failed, "measured 1.2")]
    [TestCase("slowdown.mean = 1.2", PassOutcome.Passed, "measured 1.2")]
    [TestCase("slowdown.mean = 1.3", PassOutcome.Failed, "measured 1.2")]
    [TestCase("static slowdown.mean <= 1.2", PassOutcome.Failed, "measured 2")]
    [TestCase("slowdown.mean <= 0.7 * static", PassOutcome.Passed,
        "measured 1.2, compared with 1.4 of 0.7 * static")]
    [TestCase("slowdown.mean <= 0.5 * static", PassOutcome.Failed, "measured 1.2, compared with 1 of 0.5 * static")]
    [TestCase("slowdown.mean@guest <= 1.2", PassOutcome.Passed, "measured 1.2")]
    [TestCase("slowdown.mean@unknown <= 1.2", PassOutcome.Failed, "the scenario has no guest unknown")]
    [TestCase("esx slowdown.mean <= 1.2", PassOutcome.Undecided, "esx was not run")]
    [TestCase("slowdown.mean <= esx", PassOutcome.Undecided, "esx was not run")]
    [TestCase("hoarding <= 2%", PassOutcome.Passed, "almost no shortage")]
    [TestCase("slowdown.mean <= peers", PassOutcome.Undecided, "no peer was run")]
    [TestCase("starts.wait <= 1", PassOutcome.Undecided, "nothing was measured")]
    [TestCase("regret <= 0.2", PassOutcome.Passed, "measured 0.2")]
    [TestCase("regret < 0.2", PassOutcome.Failed, "measured 0.2")]
    public void Pass_line_is_decided(string line, PassOutcome outcome, string reason)
    {
        Judgement judgement = HandMade.Judgement(
            [
                HandMade.Policy("fair-share", 1.1, 1.3), HandMade.Policy("static", 2, 2),
                HandMade.Policy("oracle", 1, 1)], line);
        Assert.That(judgement.Verdicts.Single().Outcome, Is.EqualTo(outcome));
        Assert.That(judgement.Verdicts.Single().Reason, Does.StartWith(reason));
        Assert.That(judgement.Passes, Is.EqualTo(outcome != PassOutcome.Failed));
    }

    [Test]
    public void Regret_is_undecided_without_static_and_oracle()
    {
        Judgement judgement =
            HandMade.Judgement([HandMade.Policy("fair-share", 1.2), HandMade.Policy("static", 2)], "regret <= 0.1");
        Assert.That(judgement.Verdicts.Single().Reason, Is.EqualTo("regret requires that static and oracle are run"));
    }

    [Test]
    public void Regret_is_undecided_if_the_oracle_gains_nothing()
    {
        Judgement judgement = HandMade.Judgement(
            [HandMade.Policy("fair-share", 1), HandMade.Policy("static", 1), HandMade.Policy("oracle", 1)],
            "regret <= 0.1");
        Assert.That(
            judgement.Verdicts.Single(),
            Has.Property("Outcome").EqualTo(PassOutcome.Undecided).And.Property("Reason").EqualTo(
                "even the oracle gains nothing"));
    }

    [Test]
    public void One_failed_line_fails_the_scenario() =>
        Assert.That(
            HandMade.Judgement([HandMade.Policy("fair-share", 1.2)], "oom = 0", "slowdown.p99 <= 1").Passes, Is.False);

    [Test]
    public void Dominating_policy_is_named()
    {
        Judgement judgement =
            HandMade.Judgement([HandMade.Policy("static", 2, 2, 2), HandMade.Policy("fair-share", 1.1, 1.3, 1.2)]);
        Assert.That(judgement.Dominances, Is.EqualTo([new Dominance("fair-share", "static")]));
    }

    [Test]
    public void Policy_that_refuses_starts_dominates_none()
    {
        PolicyResult fast = HandMade.Policy("fair-share", 1, 1);
        PolicyResult refusing = fast with
        {
            Runs =
            [
                .. fast.Runs
                    .Select(
                        run => run with { Report = run.Report with { Host = new HostOutcome { FailedStarts = 1 } } }),
            ],
        };
        Assert.That(HandMade.Judgement([HandMade.Policy("static", 2, 2), refusing]).Dominances, Is.Empty);
    }

    [Test]
    public void Oracle_neither_dominates_nor_is_dominated()
    {
        PolicyResult[] policies = [HandMade.Policy("static", 2, 2, 2), HandMade.Policy("oracle", 1, 1, 1),
            HandMade.Policy("fair-share", 0.5, 0.5, 0.5)];
        Assert.That(HandMade.Judgement(policies).Dominances, Is.EqualTo([new Dominance("fair-share", "static")]));
    }

    [Test]
    public void Hoarded_memory_counts_against_a_policy_and_held_memory_does_not()
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
        "measured 1.2, compared with 1.02 of squeezed ± ")]
    [TestCase("slowdown.p99 <= qmemman + interval", PassOutcome.Passed,
        "measured 1.2, compared with 1.1 of qmemman ± ")]
    [TestCase("slowdown.p99 <= 1.2 * squeezed + interval", PassOutcome.Passed,
        "measured 1.2, compared with 1.224 of 1.2 * squeezed ± ")]
    [TestCase("slowdown.p99 <= peers + interval", PassOutcome.Failed,
        "measured 1.2, compared with 1.02 of squeezed ± ")]
    [TestCase("slowdown.p99 <= 1.2 * peers + interval", PassOutcome.Passed,
        "measured 1.2, compared with 1.224 of 1.2 * squeezed ± ")]
    [TestCase("slowdown.p99 <= peers", PassOutcome.Failed, "measured 1.2, compared with 1.02 of squeezed")]
    [TestCase("oom <= peers + interval", PassOutcome.Passed, "measured 0, compared with 0 of ")]
    public void Line_with_interval_fails_only_on_a_significant_difference(string line, PassOutcome outcome,
        string reason)
    {
        // squeezed is better by 0.18 with about every seed; qmemman is better with one seed and not with another;
        // static and the oracle are not peers.
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
    public void Interval_is_undecided_with_one_seed() =>
        Assert.That(
            HandMade.Judgement([HandMade.Policy("fair-share", 1.2), HandMade.Policy("squeezed", 1)],
                "slowdown.p99 <= squeezed + interval").Verdicts.Single(),
            Has.Property("Outcome").EqualTo(PassOutcome.Undecided).And.Property("Reason").EqualTo(
                "one seed gives no interval: run two or more"));

    [Test]
    public void Peer_that_fails_more_starts_is_not_compared()
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
            Is.EqualTo((PassOutcome.Passed, "every peer failed to start more domains than the policy")));
    }

    [Test]
    public void Metric_is_averaged_over_seeds() =>
        Assert.That(
            HandMade.Policy("any", 1.1, 1.3).Of(MetricCatalog.Named("slowdown.mean"))!.Value,
            Has.Property("Mean").EqualTo(1.2).Within(1e-12).And.Property(nameof(Estimate.Count)).EqualTo(2));
}
