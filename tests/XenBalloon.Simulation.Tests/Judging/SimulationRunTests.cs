using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class SimulationRunTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // Its reports come 0.1 s into every other second.
    private static readonly GuestDescription Reporting = VirtualHost.Guest() with
    {
        Reporting = new ReportingDescription { Interval = TimeSpan.FromSeconds(2), Delay = TimeSpan.FromSeconds(0.1) },
    };

    [Test]
    public void Passes_come_at_the_start_and_when_the_policy_requested()
    {
        var policy = new ScriptedPolicy(_ => new PolicyDecision([], TimeSpan.FromSeconds(1.5)));
        Run(VirtualHost.Guest(), policy, 5);
        Assert.That(policy.SecondsSeen, Is.EqualTo([0, 1.5, 3, 4.5]));
    }

    [Test]
    public void Pass_between_ticks_is_made_at_the_next_tick()
    {
        var policy = new ScriptedPolicy(_ => new PolicyDecision([], TimeSpan.FromSeconds(0.33)));
        Run(VirtualHost.Guest(), policy, 1);
        Assert.That(policy.SecondsSeen, Is.EqualTo([0, 0.4, 0.8]).Within(1e-9));
    }

    [Test]
    public void Report_triggers_a_pass_if_the_policy_requested_it()
    {
        var sleeper = new ScriptedPolicy(_ => new PolicyDecision([], TimeSpan.FromHours(1)));
        var waker = new ScriptedPolicy(_ => new PolicyDecision([], TimeSpan.FromHours(1), WakeOnChange: true));
        Run(Reporting, sleeper, 6);
        Run(Reporting, waker, 6);
        double[] received =
            [.. waker.Seen.Skip(1).Select(snapshot => snapshot.Domains[1].Report!.ReceivedAt.TotalSeconds)];
        Assert.That(sleeper.SecondsSeen, Is.EqualTo([0]));
        Assert.That(received, Has.Length.GreaterThanOrEqualTo(2));

        // A report within a tick is seen at its end and handled at the end of the next.
        Assert.That(waker.SecondsSeen.Skip(1).Zip(received, (seen, came) => seen - came), Is.All.InRange(0.15, 0.21));
    }

    [Test]
    public void Passes_are_at_least_a_fifth_of_a_second_apart()
    {
        GuestDescription chatty =
            VirtualHost.Guest() with { Reporting = new ReportingDescription { Interval = TimeSpan.FromSeconds(0.1) } };
        var policy = new ScriptedPolicy(_ => new PolicyDecision([], TimeSpan.FromHours(1), WakeOnChange: true));
        Run(chatty, policy, 3);
        Assert.That(
            policy.SecondsSeen.Zip(policy.SecondsSeen.Skip(1), (earlier, later) => later - earlier).Skip(1),
            Is.All.EqualTo(0.2).Within(1e-9));
    }

    [Test]
    public void Pass_interval_of_zero_is_refused() =>
        Assert.Throws<InvalidOperationException>(
            () => Run(VirtualHost.Guest(), new ScriptedPolicy(_ => new PolicyDecision([], TimeSpan.Zero)), 1));

    [Test]
    public void Failed_command_skips_the_domains_other_commands()
    {
        KiB other = KiB.FromMiB(1);
        RunOutcome run = Run(VirtualHost.Guest(), new ScriptedPolicy(snapshot => new PolicyDecision(
            [
                ScriptedPolicy.Target(snapshot, "guest", 256) with { ExpectedTarget = other },
                ScriptedPolicy.Target(snapshot, "guest", 384)], TimeSpan.FromHours(1))), 5);
        Assert.That(run.Guests[0].Outcome.TargetsWritten, Is.Zero);
    }

    [Test]
    public void Target_outside_the_configured_range_is_a_violation()
    {
        GuestDescription guest = VirtualHost.Guest() with { Minimum = KiB.FromMiB(384), Maximum = KiB.FromMiB(1024) };
        int[] targets = [512, 384, 383, 1024, 1025];
        Assert.That(targets.Select(target => Run(guest, Ordering(target), 1).Violations), Is.EqualTo([0, 0, 1, 0, 1]));
    }

    [Test]
    public void Promise_of_unavailable_memory_is_a_violation()
    {
        GuestDescription[] guests =
        [
            .. Enumerable
                .Range(0, 4)
                .Select(number => VirtualHost.Guest($"guest{number}") with { StaticMax = KiB.FromMiB(8192) }),
        ];
        Scenario scenario = VirtualHost.Hosting(guests);
        var policy = new ScriptedPolicy(snapshot => new PolicyDecision(
            [
                ScriptedPolicy.MaxMem(snapshot, "guest0", 9000),
                ScriptedPolicy.Target(snapshot, "guest0", 8000)], TimeSpan.FromHours(1)));
        Assert.That(SimulationRun.Run(scenario, policy, Second).Violations, Is.EqualTo(1));
    }

    [Test]
    public void Claimed_memory_is_neither_lost_nor_moved()
    {
        GuestDescription newcomer =
            VirtualHost.Guest() with { CreatedAt = Second, BuildTime = TimeSpan.FromSeconds(20) };
        RunOutcome run = Run(newcomer, new ScriptedPolicy(_ => new PolicyDecision([], Second)), 30);
        Assert.Multiple(() =>
        {
            Assert.That(run.Violations, Is.Zero);
            Assert.That(run.Settlings, Is.Empty);
            Assert.That(run.Peak, Is.EqualTo(KiB.FromMiB(512)));
        });
    }

    [Test]
    public void Run_can_be_cancelled()
    {
        using var ended = new CancellationTokenSource();
        ended.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            SimulationRun.Run(
                VirtualHost.Hosting(VirtualHost.Guest()), Ordering(512), Second, cancellation: ended.Token));
    }

    [Test]
    public void Timeline_is_evenly_spaced_and_limited()
    {
        var recorder = new TimelineRecorder(TimeSpan.FromMinutes(1), 11);
        SimulationRun.Run(VirtualHost.Hosting(VirtualHost.Guest()), Ordering(256), TimeSpan.FromMinutes(1), recorder);
        Assert.That(recorder.Moments, Has.Length.InRange(9, 11));
        Assert.That(recorder.Moments[^1].Guests[0]!.Actual, Is.EqualTo(KiB.FromMiB(256)));
        Assert.That(recorder.Moments[^1].Free, Is.EqualTo(KiB.FromMiB(8192 - 512 - 256)));
    }

    [Test]
    public void Delivery_ends_when_the_guest_has_its_entitlement()
    {
        GuestDescription guest = VirtualHost.Guest() with
        {
            Anonymous = new StepLoad(
            [
                new LoadPoint(TimeSpan.Zero, KiB.FromMiB(128)),
                new LoadPoint(TimeSpan.FromSeconds(10), KiB.FromMiB(700)),
            ]),
            Swap = new SwapDescription { Size = KiB.FromMiB(2048) },
        };
        var policy = new ScriptedPolicy(snapshot => new PolicyDecision(
            snapshot.At < TimeSpan.FromSeconds(30)
                ? []
                : [
                    ScriptedPolicy.MaxMem(snapshot, "guest", 2000),
                    ScriptedPolicy.Target(snapshot, "guest", 1200)], Second));
        RunOutcome run = Run(guest, policy, 60);
        Assert.That(run.Guests[0].Deliveries.Single().TotalSeconds, Is.EqualTo(20).Within(1));
        Assert.That(run.Guests[0].ReceivedKiBSeconds, Is.LessThan(run.Guests[0].EntitledKiBSeconds));
        Assert.That(run.Settlings.Single().TotalSeconds, Is.LessThan(2));
        Assert.That(run.Peak, Is.EqualTo(KiB.FromMiB(1200)));
    }

    [Test]
    public void Waiting_start_triggers_a_pass_and_is_passed_to_the_policy()
    {
        GuestDescription large = VirtualHost.Guest("large") with
        {
            BootMemory = KiB.FromMiB(2000),
            CreatedAt = TimeSpan.FromSeconds(2),
            Patience = TimeSpan.FromSeconds(3),
        };
        var policy = new ScriptedPolicy(_ => new PolicyDecision([], TimeSpan.FromHours(1), WakeOnChange: true));
        Scenario full = VirtualHost.Hosting(VirtualHost.Guest(), large) with { HostTotal = KiB.FromMiB(2048) };
        RunOutcome run = SimulationRun.Run(full, policy, TimeSpan.FromSeconds(10));
        Assert.That(
            policy.Waiting.Zip(policy.SecondsSeen).First(seen => !seen.First.IsEmpty).Second, Is.InRange(2, 2.3));
        Assert.That(policy.Waiting.SelectMany(waiting => waiting).Select(start => start.Name), Is.All.EqualTo("large"));
        Assert.That((run.Report.Host.FailedStarts, run.StartWaits.Single().TotalSeconds), Is.EqualTo((1, 8.0)));
    }

    private static ScriptedPolicy Ordering(int mib) =>
        new(snapshot => new PolicyDecision([ScriptedPolicy.Target(snapshot, "guest", mib)], TimeSpan.FromHours(1)));

    private static RunOutcome Run(GuestDescription guest, IMemoryPolicy policy, double seconds) =>
        SimulationRun.Run(VirtualHost.Hosting(guest), policy, TimeSpan.FromSeconds(seconds));
}
