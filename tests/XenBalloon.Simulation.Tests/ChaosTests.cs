using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;

namespace XenBalloon.Simulation.Tests;

public sealed class ChaosTests
{
    private static readonly Gen<(int Guest, HostCommandKind Kind, int MiB, double Seconds)[]> Commands = Gen.Select(
        Gen.Int[0, 8], Gen.Enum<HostCommandKind>(), Gen.Int[0, 3000], Gen.Double[0, 12]).Array[1, 20];

    [Test]
    public void Whatever_happens_what_the_domains_hold_and_what_is_free_is_always_the_whole_host()
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
                    Assert.That(after.Free.Value + after.Domains.Sum(held => held.Actual.Value + held.Outstanding.Value), Is.EqualTo(after.Total.Value));
                    Assert.That(after.Free, Is.GreaterThanOrEqualTo(KiB.Zero));
                    Assert.That(after.Domains.Select(held => held.Identity.Domid), Is.Ordered.And.Unique);
                    Assert.That(after.Domains.Select(held => held.Name), Is.Unique);
                    Assert.That(after.Domains.All(held => held.Lifecycle != DomainLifecycle.Building || held.Target is null), Is.True);
                });
            }
        }, iter: 300);
    }

    [Test]
    public void The_same_scenario_and_commands_give_the_same_run_again()
    {
        Gen.Select(RandomScenarios.All, Commands).Sample((scenario, commands) =>
        {
            using var one = new VirtualHost(scenario);
            using var other = new VirtualHost(scenario);
            foreach ((int guest, HostCommandKind kind, int mib, double seconds) in commands)
            {
                foreach (VirtualHost host in (VirtualHost[])[one, other])
                {
                    Order(host, guest, kind, mib);
                    host.Run(seconds);
                }

                Assert.That(other.Host.Observe().Domains, Is.EqualTo(one.Host.Observe().Domains));
            }

            Assert.That(other.Host.Report().Guests, Is.EqualTo(one.Host.Report().Guests));
            Assert.That(other.Host.Report().Host.Starts, Is.EqualTo(one.Host.Report().Host.Starts));
        }, iter: 100);
    }

    [Test]
    public void Every_start_is_asked_for_ends_in_one_way_at_most_and_is_counted_when_it_fails()
    {
        RandomScenarios.All.Sample(scenario =>
        {
            using var host = new VirtualHost(scenario);
            host.Run(200);
            HostOutcome outcome = host.Host.Report().Host;
            IEnumerable<string> asked = scenario.Guests.Where(guest => guest.CreatedAt is not null).Select(guest => guest.Name);
            Assert.Multiple(() =>
            {
                Assert.That(outcome.Starts.Count(start => start.GivenUpAt is not null), Is.EqualTo(outcome.FailedStarts));
                Assert.That(outcome.Starts.All(start => start.CreatedAt is null || start.GivenUpAt is null), Is.True);
                Assert.That(outcome.Starts.All(start => !((start.CreatedAt ?? start.GivenUpAt) < start.RequestedAt)), Is.True);
                Assert.That(outcome.Starts.Select(start => start.Name), Is.SupersetOf(asked));
            });
        }, iter: 100);
    }

    private static void Order(VirtualHost host, int guest, HostCommandKind kind, int mib)
    {
        HostSnapshot snapshot = host.Host.Observe();
        host.Host.Execute(new HostCommand(kind, snapshot.Domains[guest % snapshot.Domains.Length].Identity, KiB.FromMiB(mib)));
    }
}
