using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

/// <summary>The numbers are those of a PVH guest on Xen 4.17 with memory=256 and maxmem=640.</summary>
internal sealed class PopulateOnDemandTests(string daemon) : XenStoreTest(daemon)
{
    private static readonly HypervisorPod Booting = Pages(cache: 49_664, entries: 147_968);
    private static readonly HypervisorPod Arrived = Pages(cache: 46_659, entries: 46_659);

    [Test]
    public void A_guest_populates_until_its_balloon_has_arrived_and_never_again()
    {
        TestDomain domain = CreateHvm();
        Hypervisor.Pods[5] = Booting;
        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.True);
        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.True);

        Hypervisor.Pods[5] = Arrived;
        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.False, "what is left it never touched, and may never touch");

        Hypervisor.Pods[5] = Booting;
        int asked = Hypervisor.PodCalls;
        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.False);
        Assert.That(Hypervisor.PodCalls, Is.EqualTo(asked), "the answer stands");
    }

    [Test]
    public void The_next_domain_of_a_domid_is_asked_for_anew()
    {
        TestDomain first = CreateHvm();
        Snapshot(first);

        TestDomain second = CreateHvm();
        Hypervisor.Pods[5] = Booting;

        Assert.That(Snapshot(second).PopulatesOnDemand, Is.True);
    }

    [TestCase(256, false)]
    [TestCase(257, true)]
    public void A_balloon_that_stops_short_by_its_rounding_has_arrived(int missing, bool populates)
    {
        TestDomain domain = CreateHvm();
        Hypervisor.Pods[5] = Pages(cache: 1000, entries: 1000 + missing);

        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.EqualTo(populates));
    }

    [Test]
    public void An_answer_from_before_the_domain_ran_does_not_stand()
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
    public void A_PV_domain_is_not_asked_for()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Hypervisor.Pods[5] = Booting;

        Assert.That(Snapshot(domain).PopulatesOnDemand, Is.False);
        Assert.That(Hypervisor.PodCalls, Is.Zero);
    }

    [Test]
    public void A_hypervisor_that_does_not_say_is_asked_once()
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
