using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>Passes on a quiet host.</summary>
public sealed class QuietPassTests
{
    /// <summary>After a second, every domain is read again.</summary>
    [Test]
    public void Quiet_pass_allocates_nothing([Values(0, 1)] int seconds)
    {
        (Balancer balancer, HostSnapshot first) = Settled();
        HostSnapshot[] snapshots =
        [
            .. from pass in Enumerable.Range(1, 50_000)
               select first with { At = first.At + TimeSpan.FromSeconds(pass * seconds) },
        ];
        var settings = new BalancerSettings();
        int next = 0;

        // Code boxes values until the just-in-time compiler has optimized it, which takes some rounds.
        long allocated = long.MaxValue;
        for (int round = 0; round < 500 && allocated > 0; round++)
        {
            Thread.Sleep(1);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++) balancer.Step(snapshots[next++], settings);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.That(allocated, Is.Zero);
    }

    [Test]
    public void Unchanged_decision_is_the_same_object()
    {
        (Balancer balancer, HostSnapshot snapshot) = Settled();
        Plan first = balancer.Step(snapshot, new BalancerSettings());
        HostSnapshot again = snapshot with { Domains = [.. snapshot.Domains.Select(domain => domain with { })] };
        Assert.That(balancer.Step(again, new BalancerSettings()).Domains == first.Domains, Is.True);
    }

    [Test]
    public void Report_that_leaves_the_host_quiet_changes_no_decision_on_another_domain()
    {
        HostBuilder host = Quiet();
        Plan before = host.Decide();

        Plan plan = host.Passes(0.2).Reports(1, 110).Decide();

        Assert.That(HostBuilder.Of(plan, 2), Is.SameAs(HostBuilder.Of(before, 2)));
        DomainDecision reporter = HostBuilder.Of(plan, 1);
        Assert.That(reporter.Demand!.Value.InUse, Is.EqualTo(KiB.FromMiB(110) + HostBuilder.Overhead));
        Assert.That((plan.At, plan.Host.Free), Is.EqualTo((host.Now, host.Free)));
    }

    [Test]
    public void Guest_in_need_is_served_in_the_pass_of_its_report()
    {
        HostBuilder host = Quiet();
        host.Passes(0.2).Reports(1, 110).Decide();

        Plan plan = host.Passes(0.2).Reports(2, 500).Decide();

        Assert.That(HostBuilder.CommandsOf(plan, 2), Is.Not.Empty);
    }

    [Test]
    public void Silence_of_a_domain_is_noticed_while_another_one_reports()
    {
        HostBuilder host = Quiet();
        TimeSpan last = host.Now;
        ReportVerdict verdict;
        do
        {
            Plan plan = host.Passes(0.2).Reports(1, 110).Decide();
            verdict = HostBuilder.Of(plan, 2).Demand!.Value.Verdict;
        }
        while (verdict == ReportVerdict.Fresh && host.Now - last < TimeSpan.FromSeconds(70));

        Assert.That(verdict, Is.EqualTo(ReportVerdict.Stale));
        Assert.That(host.Now - last, Is.LessThan(TimeSpan.FromSeconds(66)), "a minute, and five seconds");
    }

    [Test]
    public void Domain_that_appears_or_changes_ends_the_quiet()
    {
        HostBuilder host = Quiet();
        host.With(3, 100, 1024).Passes(0.2).Reports(1, 110);
        Assert.That(host.Decide().Domains, Has.Length.EqualTo(3));

        host = Quiet();
        host[2] = host[2] with { Target = KiB.FromMiB(300) };
        Plan plan = host.Passes(0.2).Reports(1, 110).Decide();
        Assert.That(HostBuilder.Of(plan, 2).Override, Is.EqualTo(KiB.FromMiB(300)), "xl mem-set");
    }

    [Test]
    public void Reservation_ends_the_quiet()
    {
        HostBuilder host = Quiet();
        host.Reserve(50);
        host.Passes(0.2).Reports(1, 110).Decide();
        Assert.That(host.Reservations.Open.Single().ReadyAt, Is.Not.Null);
    }

    [Test]
    public void Cancelled_reservation_holds_nothing_in_the_next_pass()
    {
        HostBuilder host = Quiet();
        host.Reserve(50);
        Plan before = host.Passes(0.2).Reports(1, 110).Decide();
        host.CancelReservation();

        Plan after = host.Passes(0.2).Reports(1, 112).Decide();

        Assert.That((before.Host.Reserved, after.Host.Reserved), Is.EqualTo((KiB.FromMiB(50), KiB.Zero)));
    }

    private static HostBuilder Quiet()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).With(2, 512, 1024).WithFree(400);
        host.Settings = host.Settings with { Spare = SpareUse.Keep };
        host.Run(30, (1, 100), (2, 100));
        return host;
    }

    private static (Balancer Balancer, HostSnapshot Snapshot) Settled()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 1024).WithFree(100);
        HostSnapshot snapshot = host.Reports(1, 100).Reports(2, 300).Snapshot();
        var balancer = new Balancer();
        for (int i = 0; i < 5; i++) balancer.Step(snapshot, new BalancerSettings());
        return (balancer, snapshot);
    }
}
