using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>Caps that an operator sets with <c>xl mem-max</c>.</summary>
public sealed class CapWatchTests
{
    [Test]
    public void Growth_does_not_exceed_a_cap_that_another_tool_set()
    {
        HostBuilder host = Bounded();
        host.Run(60, (1, 2000));
        DomainDecision decision = Of(host.Decide(), 1);
        Assert.Multiple(() =>
        {
            Assert.That((host[1].Target, host[1].MaxMem), Is.EqualTo(((KiB?)KiB.FromMiB(800), KiB.FromMiB(801))));
            Assert.That(decision.Maximum, Is.EqualTo(KiB.FromMiB(800)));
            Assert.That(decision.Reason.ToString(), Does.Contain("xl mem-max set its cap to 800 MiB"));
        });
    }

    [Test]
    public void Video_memory_and_offset_are_within_the_cap()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048, DomainKind.Hvm).WithFree(2000);
        host[1] = host[1] with { VideoRam = KiB.FromMiB(16), Actual = KiB.FromMiB(528), MaxMem = KiB.FromMiB(529) };
        host.Decide();
        host[1] = host[1] with { MaxMem = KiB.FromMiB(801) };
        Assert.That(Of(host.Passes(1).Decide(), 1).Maximum, Is.EqualTo(KiB.FromMiB(800 - 16)));
    }

    [TestCase(512, 800 * 1024)]
    [TestCase(50 * 1024, 751 * 1024)]
    public void Offset_counts_if_it_exceeds_the_allowance_of_libxl(long offsetKiB, long mostKiB)
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(2000);
        KiB holds = KiB.FromMiB(512) + new KiB(offsetKiB);
        host[1] = host[1] with { Actual = holds, MaxMem = holds };
        for (int i = 0; i < 12; i++) host.Passes(1).Decide();
        host[1] = host[1] with { MaxMem = KiB.FromMiB(801) };
        Assert.That(Of(host.Passes(1).Decide(), 1).Maximum, Is.EqualTo(new KiB(mostKiB)));
    }

    [Test]
    public void Cap_that_is_raised_again_is_the_new_bound()
    {
        HostBuilder host = Bounded();
        host.Run(30, (1, 2000));
        host[1] = host[1] with { MaxMem = KiB.FromMiB(1001) };
        host.Run(60, (1, 2000));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1000)));
    }

    [Test]
    public void Cap_from_before_the_start_is_no_bound()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(2000);
        host.Run(60, (1, 2000));
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(1500)));
    }

    [Test]
    public void Known_bound_from_before_the_start_holds()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(2000);
        var known = new Dictionary<DomainIdentity, KiB> { [host[1].Identity] = KiB.FromMiB(801) };
        DomainDecision decision = Of(new Balancer { KnownCapBounds = known }.Step(host.Snapshot(), host.Settings), 1);
        Assert.That(
            (decision.Maximum, decision.CapBound), Is.EqualTo((KiB.FromMiB(800), (KiB?)KiB.FromMiB(801))));
    }

    [Test]
    public void Known_bound_ends_if_the_cap_was_raised_meanwhile()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(2000);
        var known = new Dictionary<DomainIdentity, KiB> { [host[1].Identity] = KiB.FromMiB(801) };
        host[1] = host[1] with { MaxMem = KiB.FromMiB(2049) };
        DomainDecision decision = Of(new Balancer { KnownCapBounds = known }.Step(host.Snapshot(), host.Settings), 1);
        Assert.That(decision.Maximum, Is.EqualTo(KiB.FromMiB(2048)));
    }

    [Test]
    public void Xl_mem_set_bounds_nothing_in_whatever_order_its_changes_are_seen([Values] bool capFirst)
    {
        HostBuilder host = Bounded();
        host.Settings = host.Settings with { Override = OverrideHandling.Ignore };
        KiB cap = KiB.FromMiB(701), target = KiB.FromMiB(700);
        host[1] = capFirst ? host[1] with { MaxMem = cap } : host[1] with { Target = target, Actual = target };
        host.Passes(1).Decide();
        host[1] = host[1] with { MaxMem = cap, Target = target, Actual = target };
        Assert.That(Of(host.Passes(1).Decide(), 1).CapBound, Is.Null);
        Assert.That(Of(host.Passes(1).Decide(), 1).CapBound, Is.Null);
    }

    [Test]
    public void Cap_below_the_target_takes_nothing()
    {
        HostBuilder host = Bounded();
        host[1] = host[1] with { MaxMem = KiB.FromMiB(401) };
        host.Run(30, (1, 2000));
        Assert.That((host[1].Target, host[1].MaxMem), Is.EqualTo(((KiB?)KiB.FromMiB(512), KiB.FromMiB(401))));
    }

    [Test]
    public void Cap_that_was_withheld_during_a_pause_is_restored_up_to_the_bound()
    {
        HostBuilder host = Bounded();
        host[1] = host[1] with { Target = KiB.FromMiB(790), Lifecycle = DomainLifecycle.Paused };
        host.Settings = host.Settings with { Observes = true };
        host.Decide();
        host.Settings = host.Settings with { Observes = false };
        host[1] = host[1] with { MaxMem = KiB.FromMiB(701) };
        for (int i = 0; i < 10; i++) host.Passes(1).Act();
        Assert.That(host[1].MaxMem, Is.EqualTo(KiB.FromMiB(513)), "paused");
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Running };
        for (int i = 0; i < 10; i++) host.Passes(1).Act();
        Assert.That(host[1].MaxMem, Is.EqualTo(KiB.FromMiB(701)));
    }

    [Test]
    public void Cap_set_in_observe_mode_is_no_bound_later()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(2000);
        host.Settings = host.Settings with { Observes = true };
        host.Decide();
        host[1] = host[1] with { MaxMem = KiB.FromMiB(801) };
        host.Passes(1).Decide();
        host.Settings = host.Settings with { Observes = false };
        Assert.That(Of(host.Passes(1).Decide(), 1).CapBound, Is.Null);
    }

    [Test]
    public void Cap_of_a_domain_under_construction_is_no_bound()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(2000);
        host[1] = host[1] with
        {
            MaxMem = KiB.Zero,
            Target = null,
            HasRun = false,
            Lifecycle = DomainLifecycle.Building,
        };
        host.Decide();
        host[1] = host[1] with { MaxMem = KiB.FromMiB(513), Target = KiB.FromMiB(512) };
        host.Passes(1).Decide();
        host[1] = host[1] with { HasRun = true, Lifecycle = DomainLifecycle.Running };
        Assert.That(Of(host.Passes(1).Decide(), 1).CapBound, Is.Null);
    }

    /// <summary>A guest of 512 MiB whose cap another tool has just set to 801 MiB.</summary>
    private static HostBuilder Bounded()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).WithFree(2000);
        host.Decide();
        host[1] = host[1] with { MaxMem = KiB.FromMiB(801) };
        host.Passes(1).Decide();
        return host;
    }
}
