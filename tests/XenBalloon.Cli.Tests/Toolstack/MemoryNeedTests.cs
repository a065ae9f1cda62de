using XenBalloon.Cli.Toolstack;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Tests.Toolstack;

/// <summary>
/// Compares the need with what paused domains took on Xen 4.17 in the rig. The rig's tests repeat some of these
/// measurements.
/// </summary>
internal sealed class MemoryNeedTests
{
    [TestCase(DomainKind.Pv, 128, 128, 4, 132)]
    [TestCase(DomainKind.Pv, 128, 512, 1, 80)]
    [TestCase(DomainKind.Pv, 256, 1024, 8, 176)]
    [TestCase(DomainKind.Pv, 1024, 1024, 2, 88)]
    [TestCase(DomainKind.Hvm, 128, 128, 4, 4900)]
    [TestCase(DomainKind.Hvm, 128, 512, 1, 3236)]
    [TestCase(DomainKind.Hvm, 128, 1024, 8, 12720)]
    [TestCase(DomainKind.Hvm, 128, 128, 16, 17624)]
    [TestCase(DomainKind.Hvm, 1024, 1024, 2, 6336)]
    public void Need_is_at_least_what_a_domain_takes_and_at_most_4_MiB_more(
        DomainKind type, int memoryMib, int maxMib, int vcpus, int takenBeyondKib)
    {
        MemoryNeed need = MemoryNeed.Of(Domain(type, memoryMib, maxMib, vcpus));

        KiB taken = KiB.FromMiB(memoryMib) + new KiB(takenBeyondKib);
        Assert.That(need.Total, Is.InRange(taken, taken + KiB.FromMiB(4)));
        Assert.That(need.Total.Value % 2048, Is.Zero, "libxl rounds to 2 MiB");
    }

    [Test]
    public void Need_lists_what_it_is_for()
    {
        DomainConfiguration domain =
            Domain(DomainKind.Hvm, 512, 1024, 4) with { HasPassthrough = true, DeviceModel = KiB.FromMiB(128) };

        Assert.That(MemoryNeed.Of(domain).ToString(), Is.EqualTo(
            "654 MiB: memory 512 MiB, paging 8 MiB, iommu 2 MiB, device model 128 MiB, structures 4 MiB"));
    }

    [Test]
    public void Configured_paging_memory_is_used()
    {
        DomainConfiguration domain = Domain(DomainKind.Hvm, 128, 128, 1) with { Paging = KiB.FromMiB(32) };

        Assert.That(MemoryNeed.Of(domain).Paging, Is.EqualTo(KiB.FromMiB(32)));
    }

    [Test]
    public void Shadow_paging_takes_a_page_more_for_each_MiB()
    {
        DomainConfiguration domain = Domain(DomainKind.Hvm, 512, 1024, 1);

        KiB shadow = MemoryNeed.Of(domain with { Hap = false }).Paging;
        Assert.That(shadow - MemoryNeed.Of(domain).Paging, Is.EqualTo(new KiB(4096)));
    }

    [Test]
    public void Trace_buffers_count_for_each_cpu_in_powers_of_two()
    {
        DomainConfiguration domain = Domain(DomainKind.Hvm, 512, 512, 4);

        KiB traced = MemoryNeed.Of(domain with { TraceBuffer = new KiB(20_000) }).Total;
        Assert.That(traced - MemoryNeed.Of(domain).Total, Is.EqualTo(new KiB(4 * 32_768)));
    }

    [Test]
    public void Many_cpus_exceed_the_constant_of_libxl()
    {
        MemoryNeed need = MemoryNeed.Of(Domain(DomainKind.Pv, 128, 128, 512));

        Assert.That(need.Structures, Is.GreaterThan(new KiB(64 + (14 * 512))));
    }

    private static DomainConfiguration Domain(DomainKind type, int memoryMib, int maxMib, int vcpus) => new()
    {
        Name = "new",
        Type = type,
        Memory = KiB.FromMiB(memoryMib),
        MaxMem = KiB.FromMiB(maxMib),
        Vcpus = vcpus,
    };
}
