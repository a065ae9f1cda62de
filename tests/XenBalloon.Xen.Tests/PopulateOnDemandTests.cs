using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

/// <summary>The numbers are those of a PVH guest on Xen 4.17 with memory=256 and maxmem=640.</summary>
internal sealed class PopulateOnDemandTests(string daemon) : XenStoreTest(daemon)
{
    private static readonly HypervisorPod Booting = Pages(cache: 49_664, entries: 147_968);
    private static readonly HypervisorPod Inflated = Pages(cache: 46_659, entries: 46_659);

    [Test]
    public void Guest_populates_until_its_balloon_is_inflated_and_never_again()
    {
        TestDomain domain = CreateHvm();
        Hypervisor.Pods[5] = Booting;
        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.True);
        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.True);

        Hypervisor.Pods[5] = Inflated;
        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.False, "the guest may never touch the rest");

        Hypervisor.Pods[5] = Booting;
        int calls = Hypervisor.PodCalls;
        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.False);
        Assert.That(Hypervisor.PodCalls, Is.EqualTo(calls), "the result is final");
    }

    [Test]
    public void New_domain_with_an_old_domid_is_checked_again()
    {
        TestDomain first = CreateHvm();
        Snapshot(first);

        TestDomain second = CreateHvm();
        Hypervisor.Pods[5] = Booting;

        Assert.That(Snapshot(second).PopulatesOnDemand, Is.True);
    }

    [TestCase(256, false)]
    [TestCase(257, true)]
    public void Balloon_that_stops_short_by_its_rounding_counts_as_inflated(int missing, bool populates)
    {
        TestDomain domain = CreateHvm();
        Hypervisor.Pods[5] = Pages(cache: 1000, entries: 1000 + missing);

        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.EqualTo(populates));
    }

    [Test]
    public void Result_from_before_the_domain_runs_is_not_final()
    {
        TestDomain domain = Describe(5);
        HypervisorDomain built = FakeHypervisor.Describe(domain) with { Kind = DomainKind.Hvm, Paused = true };
        Hypervisor.Add(built);
        Hypervisor.Pods[5] = default;
        Assert.That(Snapshot(domain).Lifecycle, Is.EqualTo(DomainLifecycle.Building));

        Toolstack.WriteDomain(domain);
        Eventually.True(() => Snapshot(domain).Lifecycle == DomainLifecycle.Paused, "the domain is built");
        Hypervisor.Pods[5] = Booting;
        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.True);

        Hypervisor.Add(built with { Paused = false });
        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.True);
    }

    [Test]
    public void PV_domain_is_not_checked()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Hypervisor.Pods[5] = Booting;

        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.False);
        Assert.That(Hypervisor.PodCalls, Is.Zero);
    }

    [Test]
    public void Hypervisor_that_returns_an_error_is_queried_once()
    {
        TestDomain domain = CreateHvm();

        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.False);
        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.False);
        Assert.That(Hypervisor.PodCalls, Is.EqualTo(1));
    }

    private static HypervisorPod Pages(int cache, int entries) => new(new KiB(cache * 4L), new KiB(entries * 4L));

    private TestDomain CreateHvm()
    {
        TestDomain domain = Describe(5);
        Toolstack.WriteDomain(domain);
        Hypervisor.Add(FakeHypervisor.Describe(domain) with { Kind = DomainKind.Hvm });
        return domain;
    }
}
