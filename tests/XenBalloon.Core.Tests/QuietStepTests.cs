using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>A step in which nothing is new costs nothing.</summary>
public sealed class QuietStepTests
{
    [Test]
    public void A_step_in_which_nothing_is_new_allocates_nothing()
    {
        (Balancer balancer, HostSnapshot snapshot) = Settled();
        var settings = new BalancerSettings();

        // Code that the just-in-time compiler has not optimized yet boxes values: after some rounds it has.
        long allocated = long.MaxValue;
        for (int round = 0; round < 500 && allocated > 0; round++)
        {
            Thread.Sleep(1);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++) balancer.Step(snapshot, settings);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.That(allocated, Is.Zero);
    }

    [Test]
    public void What_is_decided_anew_without_news_is_the_same_decision()
    {
        (Balancer balancer, HostSnapshot snapshot) = Settled();
        Plan first = balancer.Step(snapshot, new BalancerSettings());
        HostSnapshot again = snapshot with { Domains = [.. snapshot.Domains.Select(domain => domain with { })] };
        Assert.That(balancer.Step(again, new BalancerSettings()).Domains == first.Domains, Is.True);
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
