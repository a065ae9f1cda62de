using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

public sealed class ConservationTests
{
    private static readonly Gen<(int Guest, HostCommandKind Kind, int MiB, int WaitMs)[]> Commands = Gen.Select(
        Gen.Int[0, 8], Gen.Enum<HostCommandKind>(), Gen.Int[0, 3000], Gen.Int[0, 5000]).Array[1, 30];

    [Test]
    public void What_the_domains_hold_and_what_is_free_is_always_the_whole_host()
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
                    Assert.That(after.Free.Value + after.Domains.Sum(held => held.Actual.Value + held.Outstanding.Value), Is.EqualTo(after.Total.Value));
                    Assert.That(after.Free, Is.GreaterThanOrEqualTo(KiB.Zero));
                    Assert.That(after.Domains.Select(held => held.Identity.Domid), Is.Ordered.And.Unique);
                });
            }
        }, iter: 200);
    }

    [Test]
    public void The_same_seed_and_commands_give_the_same_run_however_often_it_is_looked_at()
    {
        Gen.Select(Commands, Gen.ULong, Gen.Int[1, 20]).Sample((commands, seed, looks) =>
        {
            using var once = new VirtualHost(Find("misfits") with { Seed = seed });
            using var often = new VirtualHost(Find("misfits") with { Seed = seed });
            foreach ((int guest, HostCommandKind kind, int mib, int waitMs) in commands)
            {
                HostSnapshot snapshot = once.Host.Observe();
                DomainIdentity domain = snapshot.Domains[guest % snapshot.Domains.Length].Identity;
                var command = new HostCommand(kind, domain, KiB.FromMiB(mib));
                once.Host.Execute(command);
                often.Host.Execute(command);
                TimeSpan wait = TimeSpan.FromMilliseconds(waitMs);
                once.Clock.Advance(wait);
                TimeSpan part = wait / looks;
                for (int look = 1; look < looks; look++)
                {
                    often.Clock.Advance(part);
                    often.Host.Observe();
                }

                often.Clock.Advance(wait - (part * (looks - 1)));
                Assert.That(often.Host.Observe().Domains, Is.EqualTo(once.Host.Observe().Domains));
            }

            Assert.That(often.Host.Report().Guests, Is.EqualTo(once.Host.Report().Guests));
        }, iter: 50);
    }

    [Test]
    public void Another_seed_gives_another_run()
    {
        using var one = new VirtualHost(Find("demo") with { Seed = 1 });
        using var other = new VirtualHost(Find("demo") with { Seed = 2 });
        one.Run(5);
        other.Run(5);
        Assert.That(Reports(one), Is.Not.EqualTo(Reports(other)));
    }

    private static IEnumerable<GuestReport?> Reports(VirtualHost host) => host.Host.Observe().Domains.Select(domain => domain.Report);

    private static Scenario Find(string name) => BuiltInScenarios.All.Single(scenario => scenario.Name == name);
}
