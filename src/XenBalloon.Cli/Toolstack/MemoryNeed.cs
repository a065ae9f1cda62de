using System.Numerics;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Toolstack;

/// <summary>
/// How much of the host's free memory a domain takes when it starts, and for what. The rules are libxl's of Xen 4.17 (libxl_mem.c and libxl_create.c), but for
/// one thing: libxl counts paging memory for PV domains too, and none was ever taken for one. What is taken was measured on real Xen (docs/architecture.md,
/// and a test that repeats it). That the processor does the paging is taken for granted where the configuration does not say otherwise: PVH
/// needs it, and no processor of the last fifteen years lacks it.
/// </summary>
/// <param name="Memory">The guest's own.</param>
/// <param name="Paging">The pool for its nested or shadow page tables, and the table of its pages.</param>
/// <param name="Iommu">The page tables of devices that are passed through.</param>
/// <param name="DeviceModel">A domain for its device model.</param>
/// <param name="Structures">The hypervisor's own structures, buffers for traces, and what rounding to 2 MiB adds.</param>
internal sealed record MemoryNeed(KiB Memory, KiB Paging, KiB Iommu, KiB DeviceModel, KiB Structures)
{
    /// <summary>Libxl's constants: LIBXL_PV_EXTRA_MEMORY and LIBXL_HVM_EXTRA_MEMORY.</summary>
    private static readonly KiB PvConstant = new(1024), OtherConstant = new(2048);

    /// <summary>Measured on Xen 4.17: 14 KiB for each virtual CPU of a PV domain and 36 KiB of others, besides 64 and 128 KiB for the domain.</summary>
    private static readonly KiB Fixed = new(256), PerVcpu = new(48);

    /// <summary>Libxl gives 256 pages to each virtual CPU and one to each MiB.</summary>
    private const int PagingPagesPerVcpu = 256;

    /// <summary>An x86 page table has so many entries, and there are so many levels of them.</summary>
    private const long TableEntries = 512, TableLevels = 4;

    private static readonly KiB Rounding = KiB.FromMiB(2);

    /// <summary>All of it.</summary>
    internal KiB Total => Memory + Paging + Iommu + DeviceModel + Structures;

    /// <summary>Works it out.</summary>
    internal static MemoryNeed Of(DomainConfiguration domain)
    {
        bool isPv = domain.Type == DomainKind.Pv;
        KiB paging = isPv ? KiB.Zero : domain.Paging ?? DefaultPaging(domain);
        KiB iommu = domain.Iommu ?? (domain.HasPassthrough ? PageTables(domain.MaxMem) : KiB.Zero);
        KiB structures = KiB.Max(isPv ? PvConstant : OtherConstant, Fixed + new KiB(PerVcpu.Value * domain.Vcpus)) + Traces(domain);
        KiB exact = domain.Memory + paging + iommu + domain.DeviceModel + structures;
        KiB rounded = new((exact.Value + Rounding.Value - 1) / Rounding.Value * Rounding.Value);
        return new MemoryNeed(domain.Memory, paging, iommu, domain.DeviceModel, structures + (rounded - exact));
    }

    /// <summary>What it is made of, in one line: <c>134 MiB: memory 128 MiB, paging 3 MiB, structures 3 MiB</c>.</summary>
    public override string ToString()
    {
        (string Name, KiB Size)[] parts = [("memory", Memory), ("paging", Paging), ("iommu", Iommu), ("device model", DeviceModel), ("structures", Structures)];
        return $"{Total}: {string.Join(", ", parts.Where(part => part.Size > KiB.Zero).Select(part => $"{part.Name} {part.Size}"))}";
    }

    /// <summary>Shadow page tables take a page more for each MiB.</summary>
    private static KiB DefaultPaging(DomainConfiguration domain)
    {
        long perMib = domain.Hap == false ? 2 : 1;
        return new KiB(KiB.Page.Value * ((PagingPagesPerVcpu * (long)domain.Vcpus) + (perMib * (domain.MaxMem.Value / 1024))));
    }

    /// <summary>Tables for every page, tables for those tables, and so on.</summary>
    private static KiB PageTables(KiB mapped)
    {
        long entries = mapped.Value / KiB.Page.Value, tables = 0;
        for (int level = 0; level < TableLevels; level++)
        {
            entries = (entries + TableEntries - 1) / TableEntries;
            tables += entries;
        }

        return new KiB(tables * KiB.Page.Value);
    }

    /// <summary>Xen allocates each CPU's trace buffer in one piece, a power of two of pages.</summary>
    private static KiB Traces(DomainConfiguration domain)
    {
        ulong pages = (ulong)(domain.TraceBuffer.CeilingToPage().Value / KiB.Page.Value);
        return new KiB((long)BitOperations.RoundUpToPowerOf2(pages) * KiB.Page.Value * domain.Vcpus);
    }
}
