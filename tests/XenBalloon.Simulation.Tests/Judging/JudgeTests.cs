using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class JudgeTests
{
    private static readonly Scenario Demo = BuiltInScenarios.All.Single(scenario => scenario.Name == "demo");

    private static readonly ImmutableArray<PolicyEntry> Policies = [.. PolicyCatalog.All.Take(3)];

    [Test]
    public void Results_do_not_depend_on_parallelism() =>
        Assert.That(Numbers(Run(parallelism: 4)), Is.EqualTo(Numbers(Run(parallelism: 1))));

    [Test]
    public void Each_policy_and_seed_has_one_run_with_that_seed()
    {
        var made = new List<(string Policy, ulong Seed)>();
        PolicyEntry Noting(string name) => new(name, "", scenario =>
        {
            lock (made) made.Add((name, scenario.Seed));
            return new ScriptedPolicy(_ => new PolicyDecision([], TimeSpan.FromHours(1)));
        });
        Judgement judgement = Judge.Run(
            Demo,
            new JudgeOptions { Policies = [Noting("a"), Noting("b")], Seeds = 2, Duration = TimeSpan.FromSeconds(1) });
        Assert.That(
            made, Is.EquivalentTo(new (string, ulong)[] { ("a", 1001), ("a", 1002), ("b", 1001), ("b", 1002) }));
        Assert.That(
            judgement.Policies.Select(policy => (policy.Name, policy.Runs.Length)),
            Is.EqualTo(new[] { ("a", 2), ("b", 2) }));
    }

    [Test]
    public void Progress_is_reported_after_each_run()
    {
        var progress = new List<int>();
        Judge.Run(
            Demo, new JudgeOptions
            {
                Policies = Policies,
                Seeds = 3,
                Duration = TimeSpan.FromSeconds(1),
            }, progress.Add);
        Assert.That(progress, Is.EqualTo(Enumerable.Range(1, 9)));
    }

    [Test]
    public void Run_lasts_as_long_as_the_scenario_or_the_option_says()
    {
        Scenario brief = Demo with { Duration = TimeSpan.FromSeconds(7) };
        Judgement asScenarioSays = Judge.Run(brief, new JudgeOptions { Policies = [Policies[2]], Seeds = 1 });
        Judgement asOptionSays = Judge.Run(
            brief, new JudgeOptions { Policies = [Policies[2]], Seeds = 1, Duration = TimeSpan.FromSeconds(3) });
        Assert.That(
            (asScenarioSays.Policies[0].Runs[0].Report.Simulated, asOptionSays.Policies[0].Runs[0].Report.Simulated),
            Is.EqualTo((TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(3))));
    }

    [Test]
    public void Judge_can_be_cancelled()
    {
        using var ended = new CancellationTokenSource();
        Assert.Catch<OperationCanceledException>(() =>
            Judge.Run(
                Demo, new JudgeOptions { Policies = Policies, Duration = TimeSpan.FromHours(1) }, _ => ended.Cancel(),
                ended.Token));
    }

    [Test]
    public void Fair_share_gets_the_settings_of_the_scenario()
    {
        GuestDescription described =
            VirtualHost.Guest() with { Weight = 300, Minimum = new(4096), Maximum = new(8192) };
        Scenario scenario = VirtualHost.Hosting(described) with
        {
            Slack = new(123),
        };
        Core.Settings.BalancerSettings settings = FairSharePolicy.SettingsOf(scenario);
        Core.Settings.DomainSettings guest = settings.For(new DomainIdentity(1, Guid.NewGuid()), "guest");
        Assert.That(
            (settings.Slack, guest.Weight, guest.Minimum, guest.Maximum),
            Is.EqualTo((scenario.Slack, 300, scenario.Guests[0].Minimum, scenario.Guests[0].Maximum)));
    }

    [Test]
    public void Fair_share_makes_more_passes_while_memory_moves()
    {
        IMemoryPolicy policy = PolicyCatalog.All[0].Create(Demo);
        using var host =
            new VirtualHost(VirtualHost.Hosting(VirtualHost.Guest() with { CreatedAt = TimeSpan.FromSeconds(1) }));
        TimeSpan atRest = policy.Decide(host.Host.Observe(), []).NextPassAfter;
        host.Run(1.5);
        Assert.That(
            (atRest, policy.Decide(host.Host.Observe(), []).NextPassAfter),
            Is.EqualTo((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(0.5))));
    }

    [Test]
    public void Every_policy_has_a_unique_name_and_is_found_by_it()
    {
        Assert.That(
            PolicyCatalog.All.Select(entry => entry.Name),
            Is.Unique.And.Contains(PolicyCatalog.Static).And.Contains(PolicyCatalog.Oracle));
        Assert.That(PolicyCatalog.TryGet("unknown", out _, out string? error), Is.False);
        Assert.That(
            error,
            Does.StartWith(
                "unknown policy 'unknown': expected one of fair-share, fair-share-lend, proportional, shares, static"));
    }

    [Test]
    public void Every_configurable_policy_is_in_the_catalog() =>
        Assert.That(EnumText.All<PolicyKind>().Where(policy => !PolicyCatalog.TryGet(policy, out _, out _)), Is.Empty);

    [Test]
    public void Proportional_and_shares_run_only_by_name() =>
        Assert.That(
            PolicyCatalog.All.Except(PolicyCatalog.Default).Select(policy => policy.Name),
            Is.EqualTo(["proportional", "shares"]));

    [Test]
    public void XenBalloon_policies_divide_memory_differently()
    {
        PolicyEntry[] ours =
            [.. PolicyCatalog.All.Where(policy => policy.Name is "fair-share" or "proportional" or "shares")];
        Scenario weighted =
            Demo with { Guests = [.. Demo.Guests.Select((guest, index) => guest with { Weight = 100 * (index + 1) })] };
        Judgement judgement = Judge.Run(
            weighted, new JudgeOptions { Policies = [.. ours], Seeds = 1, Duration = TimeSpan.FromSeconds(40) });
        Assert.That(judgement.Policies.Select(policy => MetricCatalog.Named("moved").Of(policy.Runs[0])), Is.Unique);
    }

    private static Judgement Run(int parallelism) =>
        Judge.Run(
            Demo,
            new JudgeOptions
            {
                Policies = Policies,
                Seeds = 4,
                Duration = TimeSpan.FromSeconds(40),
                Parallelism = parallelism,
            });

    private static IEnumerable<double?> Numbers(Judgement judgement) =>
        from policy in judgement.Policies
        from metric in MetricCatalog.All
        from run in policy.Runs
        select metric.Of(run);
}
