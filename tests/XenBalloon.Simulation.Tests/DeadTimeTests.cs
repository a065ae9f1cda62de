using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Judging.Runs;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;
using XenBalloon.Simulation.Tests.Judging;

namespace XenBalloon.Simulation.Tests;

/// <summary>Who is dead does no work, and does not do it fast.</summary>
public sealed class DeadTimeTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(0.1);

    // 10 s after the beginning it needs more than it has, for a moment.
    private static readonly GuestDescription Killed = VirtualHost.Guest() with
    {
        Anonymous = new StepLoad(
        [
            new LoadPoint(TimeSpan.Zero, KiB.FromMiB(100)), new LoadPoint(TimeSpan.FromSeconds(10), KiB.FromMiB(600)), new LoadPoint(TimeSpan.FromSeconds(20), KiB.FromMiB(100)),
        ]),
        Swap = SwapDescription.None,
    };

    private static readonly GuestDescription Busy = VirtualHost.Guest() with { Anonymous = new ConstantLoad(KiB.FromMiB(400)), Swap = SwapDescription.None };

    [Test]
    public void Until_killed_programs_have_been_started_again_their_guest_stalls()
    {
        using var host = new VirtualHost(Killed);
        host.Run(60);
        GuestOutcome outcome = host.Outcome();
        Assert.Multiple(() =>
        {
            Assert.That(outcome.OomKills, Is.EqualTo(1));
            Assert.That(outcome.Worked, Is.EqualTo(TimeSpan.FromSeconds(60)));
            Assert.That(outcome.Stalled, Is.EqualTo(TimeSpan.FromSeconds(30)).Within(Tick));
        });
    }

    [Test]
    public void A_guest_whose_kernel_has_panicked_stalls_from_then_on()
    {
        using var host = Squeezed(Busy);
        host.Run(2);
        bool gone = host.Find("guest") is null;
        TimeSpan before = host.Outcome().Stalled;
        host.Run(58);
        GuestOutcome outcome = host.Outcome();
        Assert.Multiple(() =>
        {
            Assert.That(gone, Is.True);
            Assert.That(outcome.Panics, Is.EqualTo(1));
            Assert.That(outcome.Worked, Is.EqualTo(host.Host.Report().Simulated));
            Assert.That(outcome.Stalled - before, Is.EqualTo(TimeSpan.FromSeconds(58)).Within(Tick));
        });
    }

    [TestCase(GuestEventKind.Destroy)]
    [TestCase(GuestEventKind.MigrateAway)]
    [TestCase(GuestEventKind.Save)]
    [TestCase(GuestEventKind.Crash)]
    public void It_is_missed_only_until_it_would_have_gone_anyway(GuestEventKind end)
    {
        using var host = Squeezed(Busy with { Events = [new GuestEvent(TimeSpan.FromSeconds(30), end)] });
        host.Run(50);
        Assert.That(host.Outcome().Worked, Is.EqualTo(TimeSpan.FromSeconds(30)).Within(Tick));
    }

    [Test]
    public void Windows_in_which_a_guest_was_dead_count_as_slow_whether_the_guest_is_still_there_or_not()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Slowdowns(Killed, 512).Count(slowdown => slowdown > 30), Is.EqualTo(3));

            // It dies in the first window, when its balloon has tried twice.
            Assert.That(Slowdowns(Busy, 60), Has.Length.EqualTo(6));
            Assert.That(Slowdowns(Busy, 60).Skip(1), Is.All.EqualTo(SlowdownWindows.Worst));
        });
    }

    // As far as a guest that panics at once.
    private static VirtualHost Squeezed(GuestDescription guest)
    {
        var host = new VirtualHost(guest);
        host.Resize(60);
        host.Run(10);
        return host;
    }

    private static ImmutableArray<double> Slowdowns(GuestDescription guest, int target)
    {
        var policy = new ScriptedPolicy(snapshot => new Turn(
            snapshot.Domains.Length == 1 ? [] : [ScriptedPolicy.Target(snapshot, "guest", target)], TimeSpan.FromSeconds(1)));
        return SimulationRun.Run(VirtualHost.Hosting(guest), policy, TimeSpan.FromMinutes(1)).Guests[0].Slowdowns;
    }
}
