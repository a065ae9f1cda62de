using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Demand;

/// <summary>
/// Guests whose total does not move with the balloon: Windows with XenServer's agent. Its maximum is 8 GiB.
/// </summary>
public sealed class FixedTotalTests
{
    private static readonly KiB Total = KiB.FromMiB(8190);

    [Test]
    public void Balloon_is_not_in_use_where_the_total_exceeds_what_the_domain_holds() =>
        Assert.That(Demanded(Resting(4096), free: 2048).InUse, Is.EqualTo(KiB.FromMiB(2048)));

    [Test]
    public void Guest_with_most_of_its_memory_free_does_not_grow_to_its_maximum()
    {
        HostBuilder host = Resting(4096);
        host.Settings = host.Settings with { Spare = SpareUse.Keep };
        for (int i = 0; i < 20; i++)
        {
            Report(host.Passes(60), KiB.FromMiB(3072) + host[1].Actual - KiB.FromMiB(4096));
            host.Act();
        }

        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(4096)));
    }

    [Test]
    public void Total_slightly_above_what_the_domain_holds_is_believed() =>
        Assert.That(Demanded(Resting(8180), free: 2048).InUse, Is.EqualTo(Total - KiB.FromMiB(2048)));

    [Test]
    public void Report_of_before_a_step_down_does_not_make_a_total_fixed()
    {
        HostBuilder host = Resting(8192);
        Assert.That(Demanded(host, free: 2048).InUse, Is.EqualTo(KiB.FromMiB(8192 - 2048)));
        Resize(host, 7000);
        host.Decide();
        DomainDemand demand = Demanded(host, free: 2048, after: 9);
        Assert.That(demand.InUse, Is.EqualTo(KiB.FromMiB(8190 - 2048 + 2)), "as Linux counts");
        Assert.That(Demanded(host, free: 856, after: 10).InUse, Is.EqualTo(KiB.FromMiB(7000 - 856)));
    }

    [Test]
    public void Report_while_the_balloon_shrinks_is_compared_with_the_size_before()
    {
        HostBuilder host = Resting(6000);
        Demanded(host, free: 2048);
        host[1] = host[1] with { Target = KiB.FromMiB(4500) };
        host.Decide();
        host[1] = host[1] with { Actual = KiB.FromMiB(5000) };
        Assert.That(Demanded(host, free: 2048, after: 1).InUse, Is.EqualTo(KiB.FromMiB(6000 - 2048)));
    }

    [Test]
    public void Shrinking_balloon_does_not_look_like_growth()
    {
        HostBuilder host = Resting(6000);
        Demanded(host, free: 2048);
        Resize(host, 5000);
        host.Passes(30).Decide();
        DomainDemand demand = Demanded(host, free: 1048);
        Assert.That((demand.InUse, demand.Need), Is.EqualTo((KiB.FromMiB(3952), demand.Floor)));
        Assert.That(demand.RecentPeak, Is.EqualTo(demand.InUse));
    }

    [Test]
    public void Total_that_moves_again_is_used_again()
    {
        HostBuilder host = Resting(4096);
        Demanded(host, free: 2048);
        host.Passes(60).Reports(1, 1000);
        Assert.That(Of(host.Decide(), 1).Demand!.Value.InUse, Is.EqualTo(KiB.FromMiB(1040)));
    }

    private static HostBuilder Resting(long mib)
    {
        HostBuilder host = new HostBuilder().With(1, mib, 8192, DomainKind.Hvm).WithFree(8000);
        host.Decide();
        return host;
    }

    private static void Resize(HostBuilder host, long mib) =>
        host[1] = host[1] with { Target = KiB.FromMiB(mib), Actual = KiB.FromMiB(mib) };

    private static DomainDemand Demanded(HostBuilder host, long free, double after = 30)
    {
        Report(host.Passes(after), KiB.FromMiB(free));
        return Of(host.Decide(), 1).Demand!.Value;
    }

    private static void Report(HostBuilder host, KiB free) =>
        host[1] = host[1] with { Report = new GuestReport(ReportSource.XenServer, Total - free, Total, host.Now) };
}

/// <summary>
/// Guests that report almost nothing available however much they get: kernels without MemAvailable count all page cache
/// as used.
/// </summary>
public sealed class FullGuestTests
{
    private static readonly GuestVitals Agent = new()
    {
        MemorySome = 0,
        SwapTotal = KiB.FromMiB(512),
        SwapUsed = KiB.Zero,
    };

    [Test]
    public void Guest_that_grew_by_half_and_is_still_full_stays_full()
    {
        HostBuilder host = Full(until: 1400, from: 1000);
        Assert.That(Demand(host).StaysFull, Is.False);
        Assert.That(Demand(Full(until: 1500, from: 1000)).StaysFull, Is.True);
    }

    [Test]
    public void Guest_that_reports_swap_or_stalls_is_believed()
    {
        HostBuilder host = Full(until: 2000, from: 1000, Agent);
        Assert.That(Demand(host).StaysFull, Is.False);
    }

    [TestCase(299, true)]
    [TestCase(300, false)]
    public void Guest_with_memory_available_for_five_minutes_is_believed_again(int seconds, bool staysFull)
    {
        HostBuilder host = Full(until: 1500, from: 1000);
        Demand(host);
        host.Passes(seconds).Reports(1, 700);
        Assert.That(Demand(host).StaysFull, Is.EqualTo(staysFull));
    }

    [Test]
    public void Guest_that_stays_full_does_not_compete_for_memory_beyond_its_guaranteed_share()
    {
        HostBuilder host = new HostBuilder().With(1, 600, 4096).With(2, 1300, 4096).With(3, 300, 4096).WithFree(600);
        Plan plan = host.Decide();
        for (int i = 0; i < 6; i++)
        {
            plan = host.Passes(60).Reports(1, 4000).Reports(2, 1255, Agent).Reports(3, 100, Agent).Act();
        }

        DomainDecision full = Of(plan, 1), needy = Of(plan, 2);
        Assert.That(full.Entitlement, Is.GreaterThanOrEqualTo(full.GuaranteedShare!.Value));
        Assert.That(needy.Demand!.Value.Need, Is.GreaterThan(needy.GuaranteedShare!.Value));
        Assert.That(needy.Entitlement, Is.GreaterThanOrEqualTo(needy.Demand.Value.Need.FloorToPage()));
    }

    [Test]
    public void Guest_that_stays_full_gets_its_guaranteed_share_and_what_no_other_domain_needs()
    {
        HostBuilder host = new HostBuilder().With(1, 1000, 4096).With(2, 512, 4096).WithFree(2000);
        for (int i = 0; i < 20; i++)
        {
            host.Passes(60).Reports(1, 4000).Reports(2, 300, Agent).Act();
        }

        Assert.That(Demand(host).StaysFull, Is.True);
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(2500)));
    }

    private static HostBuilder Full(long until, long from, GuestVitals? vitals = null)
    {
        HostBuilder host = new HostBuilder().With(1, from, 4096).WithFree(3000);
        Fill(host, 1, from, until, vitals);
        return host;
    }

    private static void Fill(HostBuilder host, int domid, long from, long until, GuestVitals? vitals = null)
    {
        foreach (long mib in (long[])[from, until])
        {
            KiB size = KiB.FromMiB(mib);
            host[domid] = host[domid] with { Target = size, Actual = size, MaxMem = size + KiB.FromMiB(1) };
            host.Passes(60).Reports(domid, mib, vitals).Decide();
        }
    }

    private static DomainDemand Demand(HostBuilder host) => Of(host.Decide(), 1).Demand!.Value;
}
