using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Demand;

/// <summary>A guest whose kernel kills programs for lack of memory gets its boot memory back.</summary>
public sealed class KilledProgramsTests
{
    private static readonly GuestVitals NoKill = new()
    {
        MemorySome = 0,
        SwapTotal = KiB.FromMiB(512),
        SwapUsed = KiB.FromMiB(512),
        OomKills = 3,
    };

    private static readonly GuestVitals Kill = NoKill with { OomKills = 4 };

    [Test]
    public void Kill_is_a_need_of_boot_memory_though_the_guest_then_looks_idle() =>
        Assert.That(Demanded(Shrunk(), Kill).Need, Is.EqualTo(KiB.FromMiB(1024)));

    [Test]
    public void Kills_before_the_first_report_count_for_nothing() =>
        Assert.That(Demanded(Shrunk(first: Kill), Kill).KilledPrograms, Is.False);

    [Test]
    public void Kernel_without_the_count_kills_nothing_that_counts() =>
        Assert.That(Demanded(Shrunk(), NoKill with { OomKills = null }).KilledPrograms, Is.False);

    [TestCase(299, true)]
    [TestCase(300, false)]
    public void Need_of_boot_memory_lasts_for_five_minutes(int seconds, bool lasts)
    {
        HostBuilder host = Shrunk();
        Demanded(host, Kill);
        Assert.That(Demanded(host.Passes(seconds - 1), Kill).KilledPrograms, Is.EqualTo(lasts));
    }

    [Test]
    public void Restarted_kernel_counts_from_zero_without_a_kill()
    {
        HostBuilder host = Shrunk(first: NoKill with { Uptime = TimeSpan.FromHours(1), OomKills = 0 });
        Demanded(host, NoKill with { Uptime = TimeSpan.FromSeconds(9), OomKills = 1 });
        Assert.That(Demanded(host, NoKill with { Uptime = TimeSpan.FromSeconds(10) }).KilledPrograms, Is.True);
        host = Shrunk(first: NoKill with { Uptime = TimeSpan.FromHours(1), OomKills = 0 });
        Assert.That(
            Demanded(host, NoKill with { Uptime = TimeSpan.FromSeconds(9), OomKills = 1 }).KilledPrograms, Is.False);
    }

    [Test]
    public void Free_memory_goes_at_once_to_a_guest_that_killed_programs()
    {
        HostBuilder host = Shrunk();
        Plan plan = host.Passes(1).Reports(1, 60, Kill).Reports(2, 300, NoKill).Decide();
        Assert.That(Of(plan, 1).Target, Is.EqualTo(KiB.FromMiB(1024)));
        Assert.That(
            Of(plan, 1).Reason.ToString(),
            Does.StartWith("growing 256 MiB to 1024 MiB: it killed programs for lack of memory;"));
    }

    [Test]
    public void Boot_memory_of_a_guest_that_killed_programs_goes_before_need_of_others_beyond_their_share()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 2048).With(2, 700, 2048).With(3, 700, 2048).WithFree(32);
        host[1] = host[1] with { BootMemory = KiB.FromMiB(600) };
        host.Passes(1).Reports(1, 60, NoKill).Reports(2, 655, NoKill).Reports(3, 655, NoKill).Decide();
        Plan plan = host.Passes(1).Reports(1, 60, Kill).Reports(2, 655, NoKill).Reports(3, 655, NoKill).Decide();
        Assert.That(Of(plan, 1).Entitlement, Is.GreaterThan(KiB.FromMiB(550)), "its share of 1656 MiB");
        Assert.That(Of(plan, 1).Reason.ToString(), Does.Contain("; it killed programs for lack of memory"));
    }

    private static HostBuilder Shrunk(GuestVitals? first = null)
    {
        HostBuilder host = new HostBuilder().With(1, 256, 2048).With(2, 512, 1024).WithFree(1200);
        host.Settings = host.Settings with { Spare = SpareUse.Keep };
        host[1] = host[1] with { BootMemory = KiB.FromMiB(1024) };
        host.Passes(1).Reports(1, 60, first ?? NoKill).Decide();
        return host;
    }

    private static DomainDemand Demanded(HostBuilder host, GuestVitals vitals) =>
        Of(host.Passes(1).Reports(1, 60, vitals).Decide(), 1).Demand!.Value;
}
