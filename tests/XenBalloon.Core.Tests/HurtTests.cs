using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>Guests that wait for memory, as their kernels tell.</summary>
public sealed class HurtTests
{
    [Test]
    public void A_guest_that_waits_for_memory_asks_for_more_although_it_seems_to_have_some_available()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(1000);
        Plan plan = host.Reports(1, 200, new GuestVitals { MemorySome = 0.2 }).Decide();
        Assert.That(Of(plan, 1).Demand!.Value.Starved, Is.True);
        Assert.That(Of(plan, 1).Target, Is.GreaterThan(KiB.FromMiB(560)));
    }

    [Test]
    public void Waiting_is_measured_between_two_reports_where_the_kernel_counts_it()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(1000);
        host.Reports(1, 200, new GuestVitals { MemorySome = 0, MemorySomeTotal = TimeSpan.FromSeconds(10) }).Decide();
        Plan plan = host.Passes(2).Reports(1, 200, new GuestVitals { MemorySome = 0, MemorySomeTotal = TimeSpan.FromSeconds(10.5) }).Decide();
        Assert.That(Of(plan, 1).Demand!.Value.StallFraction, Is.EqualTo(0.25).Within(1e-9));
    }

    [Test]
    public void Pages_read_back_from_swap_are_waiting_too()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(1000);
        host.Reports(1, 200, new GuestVitals { SwapIns = 1000, SwapUsed = KiB.FromMiB(300) }).Decide();
        Plan plan = host.Passes(1).Reports(1, 200, new GuestVitals { SwapIns = 3000, SwapUsed = KiB.FromMiB(300) }).Decide();
        Assert.That(Of(plan, 1).Demand!.Value.StallFraction, Is.EqualTo(0.2).Within(1e-9));
        Assert.That(Of(plan, 1).Demand!.Value.Want, Is.EqualTo(KiB.FromMiB(812)), "what is in swap is asked for at once");
    }

    [TestCase(258, false)]
    [TestCase(265, true)]
    public void Who_waits_for_what_is_in_swap_with_room_for_it_asks_for_no_more(int inSwap, bool asks)
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(1000);
        host.Reports(1, 200, new GuestVitals { SwapIns = 1000, SwapUsed = KiB.FromMiB(inSwap) }).Decide();
        host.Passes(1).Reports(1, 200, new GuestVitals { SwapIns = 3000, SwapUsed = KiB.FromMiB(inSwap) });
        DomainDemand demand = Of(host.Decide(), 1).Demand!.Value;
        Assert.That((demand.IsStalled, demand.Starved), Is.EqualTo((true, asks)), "272 MiB are available, 12 are a margin");
    }

    [Test]
    public void What_sleeps_in_swap_is_not_asked_for()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(40);
        for (int i = 0; i < 5; i++) host.Passes(1).Reports(1, 200, new GuestVitals { SwapIns = 1000, SwapUsed = KiB.FromMiB(300) }).Decide();
        Assert.That(Of(host.Decide(), 1).Demand!.Value.Want, Is.LessThan(KiB.FromMiB(350)));
    }

    [Test]
    public void A_guest_that_lately_waited_for_memory_is_left_what_it_has_for_a_while()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(400) };
        host.Reports(1, 100, new GuestVitals { MemorySome = 0.5 }).Reports(2, 100).Decide();
        Assert.That(Later(host, 29, neighbourUses: 100), Is.EqualTo(ReasonKind.Recovering));
        Assert.That(Later(host, 1, neighbourUses: 100), Is.EqualTo(ReasonKind.Shrinking));
    }

    [Test]
    public void Where_another_lacks_memory_that_is_a_short_while()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Reports(1, 100, new GuestVitals { MemorySome = 0.5 }).Reports(2, 216).Decide();
        Assert.That(Later(host, 3, neighbourUses: 216), Is.EqualTo(ReasonKind.Recovering));
        Assert.That(Later(host, 1, neighbourUses: 216), Is.EqualTo(ReasonKind.Shrinking));
    }

    private static ReasonKind Later(HostBuilder host, int seconds, long neighbourUses)
    {
        host.Passes(seconds).Reports(1, 100, new GuestVitals { MemorySome = 0 }).Reports(2, neighbourUses);
        return Of(host.Decide(), 1).Reason.Kind;
    }

    [Test]
    public void What_made_a_guest_well_is_not_asked_back_at_once()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).With(2, 512, 1024).WithFree(400);
        host.Reports(1, 200, new GuestVitals { MemorySome = 0.2 }).Reports(2, 100).Act();
        host.Passes(2).Reports(1, 200, new GuestVitals { MemorySome = 0 }).Reports(2, 100);
        Assert.That(Of(host.Decide(), 1).Demand!.Value.Kept, Is.GreaterThan(KiB.FromMiB(550)));
        for (int i = 0; i < 1800; i++) host.Passes(1).Reports(1, 200, new GuestVitals { MemorySome = 0 }).Reports(2, 100).Decide();
        Assert.That(Of(host.Decide(), 1).Demand!.Value.Kept, Is.LessThan(KiB.FromMiB(320)), "but it is forgotten in the end");
    }

    [Test]
    public void What_a_guest_has_beyond_use_is_not_kept_for_it_because_it_reads_back_from_swap()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 2048).WithFree(1000);
        for (int i = 0; i < 5; i++)
        {
            var reading = new GuestVitals { MemorySome = 0.1, SwapTotal = KiB.FromMiB(512), SwapUsed = KiB.FromMiB(100 - (10 * i)) };
            host.Passes(1).Reports(1, 300 + (10 * i), reading).Decide();
        }

        DomainDemand demand = Of(host.Decide(), 1).Demand!.Value;
        Assert.That((demand.IsStalled, demand.Starved), Is.EqualTo((true, false)));
        Assert.That(demand.Kept, Is.LessThan(KiB.FromMiB(600)));
    }

    [Test]
    public void A_growth_that_two_reports_show_is_expected_to_go_on()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 4096).WithFree(2000);
        foreach (int used in (int[])[300, 350, 400]) host.Passes(1).Reports(1, used).Decide();
        DomainDemand demand = Of(host.Decide(), 1).Demand!.Value;
        Assert.That(demand.Want - demand.Floor, Is.EqualTo(KiB.FromMiB(50 * (1 + 3))), "until the next report and for 3 s");
    }

    [Test]
    public void One_jump_is_no_growth()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 4096).WithFree(2000);
        foreach (int used in (int[])[300, 300, 500]) host.Passes(1).Reports(1, used).Decide();
        DomainDemand demand = Of(host.Decide(), 1).Demand!.Value;
        Assert.That(demand.Want - demand.InUse, Is.EqualTo(demand.InUse.Times(0.2)));
    }
}
