using System.Collections.Immutable;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class JudgeTests
{
    private static readonly Scenario Demo = BuiltInScenarios.All.Single(scenario => scenario.Name == "demo");

    private static readonly ImmutableArray<PolicyEntry> Policies = [.. PolicyCatalog.All.Take(3)];

    [Test]
    public void The_outcome_does_not_depend_on_how_many_runs_go_on_at_once() =>
        Assert.That(Numbers(Run(parallelism: 4)), Is.EqualTo(Numbers(Run(parallelism: 1))));

    [Test]
    public void Each_policy_and_seed_has_one_run_in_which_the_seed_takes_the_place_of_the_scenarios_own()
    {
        var made = new List<(string Policy, ulong Seed)>();
        PolicyEntry Noting(string name) => new(name, "", scenario =>
        {
            lock (made) made.Add((name, scenario.Seed));
            return new ScriptedPolicy(_ => new Turn([], TimeSpan.FromHours(1)));
        });
        Judgement judgement = Judge.Run(Demo, new JudgeOptions { Policies = [Noting("a"), Noting("b")], Seeds = 2, Duration = TimeSpan.FromSeconds(1) });
        Assert.That(made, Is.EquivalentTo(new (string, ulong)[] { ("a", 1001), ("a", 1002), ("b", 1001), ("b", 1002) }));
        Assert.That(judgement.Policies.Select(policy => (policy.Name, policy.Runs.Length)), Is.EqualTo(new[] { ("a", 2), ("b", 2) }));
    }

    [Test]
    public void Progress_is_told_run_by_run()
    {
        var told = new List<int>();
        Judge.Run(Demo, new JudgeOptions { Policies = Policies, Seeds = 3, Duration = TimeSpan.FromSeconds(1) }, told.Add);
        Assert.That(told, Is.EqualTo(Enumerable.Range(1, 9)));
    }

    [Test]
    public void A_run_lasts_as_long_as_the_scenario_says_or_as_it_is_told_to()
    {
        Scenario brief = Demo with { Duration = TimeSpan.FromSeconds(7) };
        Judgement asItSays = Judge.Run(brief, new JudgeOptions { Policies = [Policies[2]], Seeds = 1 });
        Judgement asTold = Judge.Run(brief, new JudgeOptions { Policies = [Policies[2]], Seeds = 1, Duration = TimeSpan.FromSeconds(3) });
        Assert.That((asItSays.Policies[0].Runs[0].Report.Simulated, asTold.Policies[0].Runs[0].Report.Simulated), Is.EqualTo((TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(3))));
    }

    [Test]
    public void It_can_be_ended_early()
    {
        using var ended = new CancellationTokenSource();
        Assert.Catch<OperationCanceledException>(() =>
            Judge.Run(Demo, new JudgeOptions { Policies = Policies, Duration = TimeSpan.FromHours(1) }, _ => ended.Cancel(), ended.Token));
    }

    [Test]
    public void Ours_is_configured_as_the_scenarios_administrator_would()
    {
        Scenario scenario = VirtualHost.Hosting(VirtualHost.Guest() with { Weight = 300, Minimum = new(4096), Maximum = new(8192) }) with { Slack = new(123) };
        Core.Settings.BalancerSettings settings = FairSharePolicy.SettingsOf(scenario);
        Core.Settings.DomainSettings guest = settings.For(new DomainIdentity(1, Guid.NewGuid()), "guest");
        Assert.That((settings.Slack, guest.Weight, guest.Minimum, guest.Maximum), Is.EqualTo((scenario.Slack, 300, scenario.Guests[0].Minimum, scenario.Guests[0].Maximum)));
    }

    [Test]
    public void Ours_looks_more_often_while_memory_moves()
    {
        IMemoryPolicy policy = PolicyCatalog.All[0].Create(Demo);
        using var host = new VirtualHost(VirtualHost.Hosting(VirtualHost.Guest() with { CreatedAt = TimeSpan.FromSeconds(1) }));
        TimeSpan atRest = policy.Decide(host.Host.Observe(), []).LookAgainAfter;
        host.Run(1.5);
        Assert.That((atRest, policy.Decide(host.Host.Observe(), []).LookAgainAfter), Is.EqualTo((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(0.5))));
    }

    [Test]
    public void Every_policy_is_found_by_its_name_and_has_its_own()
    {
        Assert.That(PolicyCatalog.All.Select(entry => entry.Name), Is.Unique.And.Contains(PolicyCatalog.Static).And.Contains(PolicyCatalog.Oracle));
        Assert.That(PolicyCatalog.TryGet("nobody", out _, out string? error), Is.False);
        Assert.That(error, Does.StartWith("there is no policy 'nobody': choose one of fair-share, fair-share-lend, proportional, shares, static"));
    }

    [Test]
    public void Every_policy_that_can_be_configured_can_be_judged() =>
        Assert.That(Words.All<PolicyKind>().Where(policy => !PolicyCatalog.TryGet(policy, out _, out _)), Is.Empty);

    [Test]
    public void Ours_that_do_as_a_peer_does_are_run_only_by_name() =>
        Assert.That(PolicyCatalog.All.Except(PolicyCatalog.Usual).Select(policy => policy.Name), Is.EqualTo(["proportional", "shares"]));

    [Test]
    public void Each_policy_of_ours_shares_out_in_its_own_way()
    {
        PolicyEntry[] ours = [.. PolicyCatalog.All.Where(policy => policy.Name is "fair-share" or "proportional" or "shares")];
        Scenario weighted = Demo with { Guests = [.. Demo.Guests.Select((guest, index) => guest with { Weight = 100 * (index + 1) })] };
        Judgement judgement = Judge.Run(weighted, new JudgeOptions { Policies = [.. ours], Seeds = 1, Duration = TimeSpan.FromSeconds(40) });
        Assert.That(judgement.Policies.Select(policy => AllMetrics.Named("moved").Of(policy.Runs[0])), Is.Unique);
    }

    private static Judgement Run(int parallelism) =>
        Judge.Run(Demo, new JudgeOptions { Policies = Policies, Seeds = 4, Duration = TimeSpan.FromSeconds(40), Parallelism = parallelism });

    private static IEnumerable<double?> Numbers(Judgement judgement) =>
        from policy in judgement.Policies
        from metric in AllMetrics.All
        from run in policy.Runs
        select metric.Of(run);
}
