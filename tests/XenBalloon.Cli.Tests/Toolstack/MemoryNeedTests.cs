using XenBalloon.Cli.Toolstack;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Tests.Toolstack;

/// <summary>Held against what paused domains took on Xen 4.17 in the rig, in KiB beyond their memory; the rig's tests measure some of it anew each time.</summary>
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
    public void It_is_what_a_domain_takes_and_less_than_4_MiB_more(DomainKind type, int memoryMib, int maxMib, int vcpus, int takenBeyondKib)
    {
        MemoryNeed need = MemoryNeed.Of(Domain(type, memoryMib, maxMib, vcpus));

        KiB taken = KiB.FromMiB(memoryMib) + new KiB(takenBeyondKib);
        Assert.That(need.Total, Is.InRange(taken, taken + KiB.FromMiB(4)));
        Assert.That(need.Total.Value % 2048, Is.Zero, "libxl rounds to 2 MiB");
    }

    [Test]
    public void It_says_what_for() => Assert.That(
        MemoryNeed.Of(Domain(DomainKind.Hvm, 512, 1024, 4) with { HasPassthrough = true, DeviceModel = KiB.FromMiB(128) }).ToString(),
        Is.EqualTo("654 MiB: memory 512 MiB, paging 8 MiB, iommu 2 MiB, device model 128 MiB, structures 4 MiB"));

    [Test]
    public void What_the_configuration_says_of_paging_counts() =>
        Assert.That(MemoryNeed.Of(Domain(DomainKind.Hvm, 128, 128, 1) with { Paging = KiB.FromMiB(32) }).Paging, Is.EqualTo(KiB.FromMiB(32)));

    [Test]
    public void Without_the_processors_help_paging_takes_a_page_more_for_each_MiB() => Assert.That(
        MemoryNeed.Of(Domain(DomainKind.Hvm, 512, 1024, 1) with { Hap = false }).Paging - MemoryNeed.Of(Domain(DomainKind.Hvm, 512, 1024, 1)).Paging,
        Is.EqualTo(new KiB(4096)));

    [Test]
    public void Buffers_for_traces_count_for_each_cpu_in_powers_of_two() => Assert.That(
        MemoryNeed.Of(Domain(DomainKind.Hvm, 512, 512, 4) with { TraceBuffer = new KiB(20_000) }).Total - MemoryNeed.Of(Domain(DomainKind.Hvm, 512, 512, 4)).Total,
        Is.EqualTo(new KiB(4 * 32_768)));

    [Test]
    public void Very_many_cpus_outgrow_libxls_constant() =>
        Assert.That(MemoryNeed.Of(Domain(DomainKind.Pv, 128, 128, 512)).Structures, Is.GreaterThan(new KiB(64 + (14 * 512))));

    private static DomainConfiguration Domain(DomainKind type, int memoryMib, int maxMib, int vcpus) =>
        new() { Name = "new", Type = type, Memory = KiB.FromMiB(memoryMib), MaxMem = KiB.FromMiB(maxMib), Vcpus = vcpus };
}
