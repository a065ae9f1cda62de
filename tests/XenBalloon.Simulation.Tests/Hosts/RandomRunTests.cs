using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Hosts;

public sealed class RandomCommandTests
{
    private static readonly Gen<(int Guest, HostCommandKind Kind, int MiB, int WaitMs)[]> Commands = Gen.Select(
        Gen.Int[0, 8], Gen.Enum<HostCommandKind>(), Gen.Int[0, 3000], Gen.Int[0, 5000]).Array[1, 30];

    [Test]
    public void Memory_of_domains_and_free_memory_add_up_to_the_host_under_random_commands()
    {
        Commands.Sample(commands =>
        {
            using var host = new VirtualHost(Find("misfits"));
            foreach ((int guest, HostCommandKind kind, int mib, int waitMs) in commands)
            {
                HostSnapshot snapshot = host.Host.Observe();
                DomainIdentity domain = snapshot.Domains[guest % snapshot.Domains.Length].Identity;
                host.Host.Execute(new HostCommand(kind, domain, KiB.FromMiB(mib)));
                host.Run(waitMs / 1000.0);
                HostSnapshot after = host.Host.Observe();
                Assert.Multiple(() =>
                {
                    Assert.That(
                        after.Free.Value + after.Domains.Sum(held => held.Actual.Value + held.Outstanding.Value),
                        Is.EqualTo(after.Total.Value));
                    Assert.That(after.Free, Is.GreaterThanOrEqualTo(KiB.Zero));
                    Assert.That(after.Domains.Select(held => held.Identity.Domid), Is.Ordered.And.Unique);
                });
            }
        }, iter: 200);
    }

    [Test]
    public void Same_seed_and_commands_give_the_same_run_however_often_it_is_observed()
    {
        Gen.Select(Commands, Gen.ULong, Gen.Int[1, 20]).Sample((commands, seed, snapshots) =>
        {
            using var once = new VirtualHost(Find("misfits") with { Seed = seed });
            using var often = new VirtualHost(Find("misfits") with { Seed = seed });
            foreach ((int guest, HostCommandKind kind, int mib, int waitMs) in commands)
            {
                HostSnapshot host = once.Host.Observe();
                DomainIdentity domain = host.Domains[guest % host.Domains.Length].Identity;
                var command = new HostCommand(kind, domain, KiB.FromMiB(mib));
                once.Host.Execute(command);
                often.Host.Execute(command);
                TimeSpan wait = TimeSpan.FromMilliseconds(waitMs);
                once.Clock.Advance(wait);
                TimeSpan step = wait / snapshots;
                for (int snapshot = 1; snapshot < snapshots; snapshot++)
                {
                    often.Clock.Advance(step);
                    often.Host.Observe();
                }

                often.Clock.Advance(wait - (step * (snapshots - 1)));
                Assert.That(often.Host.Observe().Domains, Is.EqualTo(once.Host.Observe().Domains));
            }

            Assert.That(often.Host.Report().Guests, Is.EqualTo(once.Host.Report().Guests));
        }, iter: 50);
    }

    [Test]
    public void Different_seeds_give_different_runs()
    {
        using var first = new VirtualHost(Find("demo") with { Seed = 1 });
        using var second = new VirtualHost(Find("demo") with { Seed = 2 });
        first.Run(5);
        second.Run(5);
        Assert.That(Reports(first), Is.Not.EqualTo(Reports(second)));
    }

    private static IEnumerable<GuestReport?> Reports(VirtualHost host) =>
        host.Host.Observe().Domains.Select(domain => domain.Report);

    private static Scenario Find(string name) => BuiltInScenarios.All.Single(scenario => scenario.Name == name);
}

public sealed class RandomScenarioTests
{
    private static readonly Gen<(int Guest, HostCommandKind Kind, int MiB, double Seconds)[]> Commands = Gen.Select(
        Gen.Int[0, 8], Gen.Enum<HostCommandKind>(), Gen.Int[0, 3000], Gen.Double[0, 12]).Array[1, 20];

    [Test]
    public void Memory_of_domains_and_free_memory_add_up_to_the_host_under_random_events()
    {
        Gen.Select(RandomScenarios.All, Commands).Sample((scenario, commands) =>
        {
            using var host = new VirtualHost(scenario);
            foreach ((int guest, HostCommandKind kind, int mib, double seconds) in commands)
            {
                Order(host, guest, kind, mib);
                host.Run(seconds);
                HostSnapshot after = host.Host.Observe();
                Assert.Multiple(() =>
                {
                    Assert.That(
                        after.Free.Value + after.Domains.Sum(held => held.Actual.Value + held.Outstanding.Value),
                        Is.EqualTo(after.Total.Value));
                    Assert.That(after.Free, Is.GreaterThanOrEqualTo(KiB.Zero));
                    Assert.That(after.Domains.Select(held => held.Identity.Domid), Is.Ordered.And.Unique);
                    Assert.That(after.Domains.Select(held => held.Name), Is.Unique);
                    Assert.That(
                        after.Domains.All(held => held.Lifecycle != DomainLifecycle.Building || held.Target is null),
                        Is.True);
                });
            }
        }, iter: 300);
    }

    [Test]
    public void Same_random_scenario_and_commands_give_the_same_run()
    {
        Gen.Select(RandomScenarios.All, Commands).Sample((scenario, commands) =>
        {
            using var first = new VirtualHost(scenario);
            using var second = new VirtualHost(scenario);
            foreach ((int guest, HostCommandKind kind, int mib, double seconds) in commands)
            {
                foreach (VirtualHost host in (VirtualHost[])[first, second])
                {
                    Order(host, guest, kind, mib);
                    host.Run(seconds);
                }

                Assert.That(second.Host.Observe().Domains, Is.EqualTo(first.Host.Observe().Domains));
            }

            Assert.That(second.Host.Report().Guests, Is.EqualTo(first.Host.Report().Guests));
            Assert.That(second.Host.Report().Host.Starts, Is.EqualTo(first.Host.Report().Host.Starts));
        }, iter: 100);
    }

    [Test]
    public void Every_start_is_recorded_and_has_at_most_one_result()
    {
        RandomScenarios.All.Sample(scenario =>
        {
            using var host = new VirtualHost(scenario);
            host.Run(200);
            HostOutcome outcome = host.Host.Report().Host;
            IEnumerable<string> requested =
                scenario.Guests.Where(guest => guest.CreatedAt is not null).Select(guest => guest.Name);
            Assert.Multiple(() =>
            {
                Assert.That(
                    outcome.Starts.Count(start => start.GivenUpAt is not null), Is.EqualTo(outcome.FailedStarts));
                Assert.That(outcome.Starts.All(start => start.CreatedAt is null || start.GivenUpAt is null), Is.True);
                Assert.That(
                    outcome.Starts.All(start => !((start.CreatedAt ?? start.GivenUpAt) < start.RequestedAt)), Is.True);
                Assert.That(outcome.Starts.Select(start => start.Name), Is.SupersetOf(requested));
            });
        }, iter: 100);
    }

    private static void Order(VirtualHost host, int guest, HostCommandKind kind, int mib)
    {
        HostSnapshot snapshot = host.Host.Observe();
        host.Host.Execute(
            new HostCommand(kind, snapshot.Domains[guest % snapshot.Domains.Length].Identity, KiB.FromMiB(mib)));
    }
}

/// <summary>Hosts with too little memory, guests of all kinds and random events.</summary>
internal static class RandomScenarios
{
    private static readonly Gen<BalloonDescription> Balloon = Gen.OneOf(
        Gen.Const(BalloonDescription.Normal),
        Gen.Const(BalloonDescription.Slow),
        Gen.Const(BalloonDescription.Stuck),
        Gen.Int[300, 900].Select(mib => new BalloonDescription { HiddenFloor = KiB.FromMiB(mib) }),
        Gen.Int[600, 900].Select(mib => new BalloonDescription { Ceiling = KiB.FromMiB(mib) }),
        Gen.Select(Seconds(1, 20), Gen.Double[0, 1]).Select(
            (every, part) => new BalloonDescription { StuckEvery = every, StuckFor = every * part }));

    private static readonly Gen<GuestEvent> Event =
        Gen.Select(Seconds(1, 100), Gen.Enum<GuestEventKind>(), Gen.Int[1, 3000])
        .Select((at, kind, mib) => new GuestEvent(at, kind, KiB.FromMiB(mib)));

    private static readonly Gen<GuestDescription> Guest =
        from balloon in Balloon
        from createdAt in Gen.Nullable(Seconds(0, 50))
        from patience in Gen.Nullable(Seconds(0, 50))
        from populates in Gen.Bool
        from offset in Gen.Int[0, 512]
        from anonymous in Gen.Int[16, 900]
        from bootTime in Seconds(0, 20)
        from events in Event.Array[0, 8]
        select VirtualHost.Guest() with
        {
            Kind = DomainKind.Hvm,
            Balloon = balloon,
            CreatedAt = createdAt,
            Patience = patience,
            PopulatesOnDemand = populates,
            Offset = new KiB(4 * offset),
            Anonymous = new ConstantLoad(KiB.FromMiB(anonymous)),
            BootTime = bootTime,
            Events = [.. events.OrderBy(action => action.At)],
        };

    /// <summary>All scenarios. Two guests of each can run at the beginning.</summary>
    public static Gen<Scenario> All { get; } =
        Gen.Select(Guest.Array[2, 6], Gen.ULong, Gen.Int[1100, 3000]).Select((guests, seed, mib) =>
            VirtualHost.Hosting([.. guests.Select(Fitting)]) with
            {
                HostTotal = KiB.FromMiB(512 + mib),
                Seed = seed,
            });

    private static GuestDescription Fitting(GuestDescription guest, int number)
    {
        TimeSpan? createdAt = number < 2 ? guest.CreatedAt : guest.CreatedAt ?? TimeSpan.FromSeconds(number);
        return guest with
        {
            Name = $"guest{number}",
            CreatedAt = createdAt,
            Events = [.. ValidEvents.Of(guest.Events, createdAt ?? TimeSpan.Zero)],
        };
    }

    private static Gen<TimeSpan> Seconds(int least, int most) =>
        Gen.Int[least * 10, most * 10].Select(tenths => TimeSpan.FromSeconds(tenths / 10.0));
}

/// <summary>Removes the events from a random sequence that a scenario check refuses.</summary>
internal static class ValidEvents
{
    /// <summary>The events after the guest's creation that follow their prerequisite.</summary>
    public static IEnumerable<GuestEvent> Of(IEnumerable<GuestEvent> events, TimeSpan createdAt)
    {
        GuestEventKind? open = null;
        foreach (GuestEvent action in events.Where(action => action.At >= createdAt))
        {
            if (action.Kind == GuestEventKind.Restore && open != GuestEventKind.Save) continue;
            if (action.Kind == GuestEventKind.Resume && open != GuestEventKind.Suspend) continue;
            if (action.Kind is GuestEventKind.Save or GuestEventKind.Suspend) open = action.Kind;
            else if (action.Kind is GuestEventKind.Restore or GuestEventKind.Resume) open = null;
            yield return action;
        }
    }
}
