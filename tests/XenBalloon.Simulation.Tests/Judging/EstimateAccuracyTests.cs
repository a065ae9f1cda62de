using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;
using XenBalloon.Simulation.Tests.Policies;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class EstimateAccuracyTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Test]
    public void Only_policies_with_estimates_have_estimate_metrics() => Assert.That(
        PolicyCatalog.All.Where(policy => Tracked(policy.Name, PeerRun.Guest("guest"), Minute).Known > TimeSpan.Zero)
            .Select(policy => policy.Name),
        Is.EqualTo(["fair-share", "fair-share-lend", "proportional", "shares", "esx"]));

    [Test]
    public void Policy_without_estimates_has_neither_error_nor_lag()
    {
        RunOutcome run = SimulationRun.Run(
            Hosting(PeerRun.Guest("guest")), new ScriptedPolicy(_ => new PolicyDecision([], Minute)), Minute);
        Assert.That(
            (MetricCatalog.Named("estimate.error").Of(run), MetricCatalog.Named("estimate.lag").Of(run)),
            Is.EqualTo(((double?)null, (double?)null)));
    }

    [Test]
    public void Estimate_holds_until_the_next_pass()
    {
        KiB needed = Needed(PeerRun.Guest("guest"));
        var policy = new FixedEstimate(at => at < TimeSpan.FromSeconds(30) ? needed : needed + needed);
        EstimateAccuracy accuracy =
            SimulationRun.Run(Hosting(PeerRun.Guest("guest")), policy, Minute).Guests[0].EstimateAccuracy;
        Assert.That((accuracy.ErrorSeconds, accuracy.Known.TotalSeconds), Is.EqualTo((30.0, 60.0)).Within(0.2));
    }

    [TestCase("fair-share")]
    [TestCase("esx")]
    public void Estimate_of_a_steady_guest_is_within_a_fifth(string policy)
    {
        EstimateAccuracy accuracy = Tracked(policy, PeerRun.Guest("guest", 256), TimeSpan.FromMinutes(5));
        Assert.That(accuracy.ErrorSeconds / accuracy.Known.TotalSeconds, Is.LessThan(0.2));
    }

    [Test]
    public void Fair_share_has_no_estimate_of_a_silent_guest()
    {
        GuestDescription silent =
            PeerRun.Guest("guest") with { Reporting = new ReportingDescription { Habit = ReportHabit.Silent } };
        Assert.That(Tracked("fair-share", silent, Minute), Is.EqualTo(default(EstimateAccuracy)));
    }

    [Test]
    public void Esx_has_no_estimate_in_the_first_sampling_period() =>
        Assert.That(Tracked("esx", PeerRun.Guest("guest"), Minute).Known.TotalSeconds, Is.EqualTo(30).Within(1));

    [Test]
    public void Paused_guest_has_no_estimate_error()
    {
        GuestDescription paused =
            PeerRun.Guest("guest") with { Events = [new GuestEvent(TimeSpan.FromSeconds(20), GuestEventKind.Pause)] };
        EstimateAccuracy accuracy =
            SimulationRun.Run(
                Hosting(paused), new FixedEstimate(_ => KiB.FromMiB(1)), Minute).Guests[0].EstimateAccuracy;
        Assert.That(accuracy.Known.TotalSeconds, Is.EqualTo(20).Within(0.2));
    }

    private static EstimateAccuracy Tracked(string policy, GuestDescription guest, TimeSpan duration)
    {
        Assert.That(PolicyCatalog.TryGet(policy, out PolicyEntry? entry, out _), Is.True);
        return SimulationRun.Run(Hosting(guest), entry!.Create(Hosting(guest)), duration).Guests[0].EstimateAccuracy;
    }

    private static Scenario Hosting(GuestDescription guest) => VirtualHost.Hosting(guest);

    private static KiB Needed(GuestDescription guest)
    {
        var recorder = new TimelineRecorder(TimeSpan.FromSeconds(1));
        SimulationRun.Run(
            Hosting(guest), new ScriptedPolicy(_ => new PolicyDecision([], Minute)), TimeSpan.FromSeconds(1), recorder);
        return recorder.Moments[^1].Guests[0]!.Needed;
    }

    /// <summary>A policy that moves nothing and has the estimates that a test sets.</summary>
    private sealed class FixedEstimate(Func<TimeSpan, KiB> estimate) : IMemoryPolicy, IWorkingSetEstimator
    {
        private TimeSpan now;

        public PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
        {
            now = snapshot.At;
            return new PolicyDecision([], TimeSpan.FromSeconds(30));
        }

        public KiB? WorkingSet(DomainIdentity domain) => estimate(now);
    }
}

public sealed class EstimateProbeTests
{
    [Test]
    public void Error_counts_the_same_above_and_below_the_need()
    {
        Assert.That(
            (Error(Seen(1, (100, 120))), Error(Seen(1, (100, 80))), Error(Seen(1, (100, 100)))),
            Is.EqualTo((0.2, 0.2, 0.0)));
    }

    [Test]
    public void Error_is_weighted_by_its_duration() =>
        Assert.That(Error([.. Seen(3, (100, 100)), .. Seen(1, (200, 100))]), Is.EqualTo(0.125).Within(1e-12));

    [TestCase(110, 0)]
    [TestCase(111, 4)]
    [TestCase(50, 0)]
    public void Estimate_lags_only_while_the_need_exceeds_it_by_over_a_tenth(int needed, double seconds) =>
        Assert.That(Sum(Seen(4, (needed, 100))).Behind.TotalSeconds, Is.EqualTo(seconds));

    [TestCase("100 100 100", 0, TestName = "Constant_need_has_no_rise")]
    [TestCase("100 110 100 110", 0, TestName = "Ten_percent_is_not_a_rise")]
    [TestCase("100 111", 1, TestName = "More_than_ten_percent_is_a_rise")]
    [TestCase("100 150 200 300", 1, TestName = "Continued_rise_counts_once")]
    [TestCase("100 105 110 115", 1, TestName = "Slow_rise_counts")]
    [TestCase("100 150 140 200", 1, TestName = "Rise_with_a_small_fall_counts_once")]
    [TestCase("100 150 100 150", 2, TestName = "Rise_after_a_fall_counts_again")]
    [TestCase("200 150 100", 0, TestName = "Fall_is_not_a_rise")]
    [TestCase("200 100 111", 1, TestName = "Rise_is_measured_from_the_lowest_need")]
    public void Rises_are_counted(string needs, int rises) =>
        Assert.That(
            Sum([.. needs.Split(' ').Select(int.Parse).Select(needed => (needed, needed))]).Rises, Is.EqualTo(rises));

    [Test]
    public void Estimate_that_follows_after_30_s_lags_30_s_at_each_rise()
    {
        int[] needs = [.. Enumerable.Range(0, 600).Select(second => second / 100 % 2 == 0 ? 90 : 290)];
        EstimateAccuracy accuracy = Sum(
        [
            .. needs
                .Select((needed, second) => (needed, needs[Math.Max(0, second - 30)]))
                .SelectMany(moment => Seen(1, moment)),
        ]);
        Assert.That(
            (accuracy.Behind.TotalSeconds, accuracy.Rises, accuracy.Known.TotalSeconds), Is.EqualTo((90.0, 3, 600.0)));
    }

    private static double Error(IEnumerable<(int Needed, int Estimate)> ticks)
    {
        EstimateAccuracy accuracy = Sum(ticks);
        return Math.Round(accuracy.ErrorSeconds / accuracy.Known.TotalSeconds, 12);
    }

    private static (int Needed, int Estimate)[] Seen(int seconds, (int Needed, int Estimate) moment) =>
        [.. Enumerable.Repeat(moment, seconds * Tick.PerSecond)];

    private static EstimateAccuracy Sum(IEnumerable<(int Needed, int Estimate)> ticks)
    {
        var probe = new EstimateProbe();
        foreach ((int needed, int estimate) in ticks) probe.OnTick(KiB.FromMiB(estimate), KiB.FromMiB(needed));
        return probe.Sum();
    }
}
