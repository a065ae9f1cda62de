using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Judging.Runs;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;
using XenBalloon.Simulation.Tests.Peers;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class TrackingTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Test]
    public void Only_those_that_estimate_what_guests_use_are_asked_for_it() => Assert.That(
        PolicyCatalog.All.Where(policy => Tracked(policy.Name, PeerRun.Guest("guest"), Minute).Known > TimeSpan.Zero).Select(policy => policy.Name),
        Is.EqualTo(["fair-share", "fair-share-lend", "proportional", "shares", "esx"]));

    [Test]
    public void A_policy_that_estimates_nothing_has_neither_error_nor_lag()
    {
        RunOutcome run = SimulationRun.Run(Hosting(PeerRun.Guest("guest")), new ScriptedPolicy(_ => new Turn([], Minute)), Minute);
        Assert.That((AllMetrics.Named("estimate.error").Of(run), AllMetrics.Named("estimate.lag").Of(run)), Is.EqualTo(((double?)null, (double?)null)));
    }

    [Test]
    public void What_a_policy_believed_holds_until_it_decides_again()
    {
        KiB needed = Needed(PeerRun.Guest("guest"));
        var policy = new Believer(at => at < TimeSpan.FromSeconds(30) ? needed : needed + needed);
        Tracking tracking = SimulationRun.Run(Hosting(PeerRun.Guest("guest")), policy, Minute).Guests[0].Tracking;
        Assert.That((tracking.ErrorSeconds, tracking.Known.TotalSeconds), Is.EqualTo((30.0, 60.0)).Within(0.2));
    }

    [TestCase("fair-share")]
    [TestCase("esx")]
    public void Of_a_guest_at_rest_it_is_known_what_it_uses_to_a_fifth(string policy)
    {
        Tracking tracking = Tracked(policy, PeerRun.Guest("guest", 256), TimeSpan.FromMinutes(5));
        Assert.That(tracking.ErrorSeconds / tracking.Known.TotalSeconds, Is.LessThan(0.2));
    }

    [Test]
    public void Ours_estimates_nothing_of_a_guest_that_says_nothing()
    {
        GuestDescription silent = PeerRun.Guest("guest") with { Reporting = new ReportingDescription { Habit = ReportHabit.Silent } };
        Assert.That(Tracked("fair-share", silent, Minute), Is.EqualTo(default(Tracking)));
    }

    [Test]
    public void Esx_estimates_nothing_until_it_has_sampled_for_half_a_minute() =>
        Assert.That(Tracked("esx", PeerRun.Guest("guest"), Minute).Known.TotalSeconds, Is.EqualTo(30).Within(1));

    [Test]
    public void While_a_guest_is_paused_nothing_is_held_against_anyone()
    {
        GuestDescription paused = PeerRun.Guest("guest") with { Events = [new GuestEvent(TimeSpan.FromSeconds(20), GuestEventKind.Pause)] };
        Tracking tracking = SimulationRun.Run(Hosting(paused), new Believer(_ => KiB.FromMiB(1)), Minute).Guests[0].Tracking;
        Assert.That(tracking.Known.TotalSeconds, Is.EqualTo(20).Within(0.2));
    }

    private static Tracking Tracked(string policy, GuestDescription guest, TimeSpan duration)
    {
        Assert.That(PolicyCatalog.TryGet(policy, out PolicyEntry? entry, out _), Is.True);
        return SimulationRun.Run(Hosting(guest), entry!.Create(Hosting(guest)), duration).Guests[0].Tracking;
    }

    private static Scenario Hosting(GuestDescription guest) => VirtualHost.Hosting(guest);

    private static KiB Needed(GuestDescription guest)
    {
        var recorder = new TimelineRecorder(TimeSpan.FromSeconds(1));
        SimulationRun.Run(Hosting(guest), new ScriptedPolicy(_ => new Turn([], Minute)), TimeSpan.FromSeconds(1), recorder);
        return recorder.Moments[^1].Guests[0]!.Needed;
    }

    /// <summary>A policy that moves nothing and believes of everyone what a test says.</summary>
    private sealed class Believer(Func<TimeSpan, KiB> belief) : IMemoryPolicy, IEstimatesWorkingSets
    {
        private TimeSpan now;

        public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
        {
            now = snapshot.At;
            return new Turn([], TimeSpan.FromSeconds(30));
        }

        public KiB? Estimate(DomainIdentity domain) => belief(now);
    }
}
