using System.Numerics;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Toolstack;

/// <summary>
/// How much free memory of the host a domain takes when it starts, and for what. The rules are those of libxl in Xen
/// 4.17 (libxl_mem.c, libxl_create.c), with one exception: libxl counts paging memory for PV domains too, and Xen takes
/// none. The numbers are measured on real Xen (docs/architecture.md; a test repeats some of the measurements).
/// Hardware-assisted paging is assumed unless the configuration turns it off: PVH requires it, and no processor of the
/// last fifteen years lacks it.
/// </summary>
/// <param name="Memory">The guest's own memory.</param>
/// <param name="Paging">The pool for its nested or shadow page tables, and the table of its pages.</param>
/// <param name="Iommu">The page tables of passed-through devices.</param>
/// <param name="DeviceModel">The domain of its device model.</param>
/// <param name="Structures">The hypervisor's structures, trace buffers, and the rounding to 2 MiB.</param>
internal sealed record MemoryNeed(KiB Memory, KiB Paging, KiB Iommu, KiB DeviceModel, KiB Structures)
{
    /// <summary>libxl's LIBXL_PV_EXTRA_MEMORY and LIBXL_HVM_EXTRA_MEMORY.</summary>
    private static readonly KiB PvConstant = new(1024), OtherConstant = new(2048);

    /// <summary>
    /// Upper bounds of what Xen 4.17 takes: measured are 64 KiB for a PV domain and 128 KiB for others, and for each
    /// virtual CPU 14 KiB and 36 KiB.
    /// </summary>
    private static readonly KiB Fixed = new(256), PerVcpu = new(48);

    /// <summary>libxl gives 256 pages to each virtual CPU, and a page to each MiB.</summary>
    private const int PagingPagesPerVcpu = 256;

    /// <summary>The entries of an x86 page table, and the levels of page tables.</summary>
    private const long TableEntries = 512, TableLevels = 4;

    private static readonly KiB Rounding = KiB.FromMiB(2);

    /// <summary>The whole need.</summary>
    internal KiB Total => Memory + Paging + Iommu + DeviceModel + Structures;

    /// <summary>Computes the need of a domain.</summary>
    internal static MemoryNeed Of(DomainConfiguration domain)
    {
        bool isPv = domain.Type == DomainKind.Pv;
        KiB paging = isPv ? KiB.Zero : domain.Paging ?? DefaultPaging(domain);
        KiB iommu = domain.Iommu ?? (domain.HasPassthrough ? PageTables(domain.MaxMem) : KiB.Zero);
        KiB measured = Fixed + new KiB(PerVcpu.Value * domain.Vcpus);
        KiB structures = KiB.Max(isPv ? PvConstant : OtherConstant, measured) + Traces(domain);
        KiB exact = domain.Memory + paging + iommu + domain.DeviceModel + structures;
        KiB rounded = new((exact.Value + Rounding.Value - 1) / Rounding.Value * Rounding.Value);
        return new MemoryNeed(domain.Memory, paging, iommu, domain.DeviceModel, structures + (rounded - exact));
    }

    /// <summary>The need in one line: <c>134 MiB: memory 128 MiB, paging 3 MiB, structures 3 MiB</c>.</summary>
    public override string ToString()
    {
        (string Name, KiB Size)[] items =
        [
            ("memory", Memory),
            ("paging", Paging),
            ("iommu", Iommu),
            ("device model", DeviceModel),
            ("structures", Structures),
        ];
        var shown = items.Where(item => item.Size > KiB.Zero).Select(item => $"{item.Name} {item.Size}");
        return $"{Total}: {string.Join(", ", shown)}";
    }

    /// <summary>Shadow page tables take another page for each MiB.</summary>
    private static KiB DefaultPaging(DomainConfiguration domain)
    {
        long perMib = domain.Hap == false ? 2 : 1;
        long pages = (PagingPagesPerVcpu * (long)domain.Vcpus) + (perMib * (domain.MaxMem.Value / 1024));
        return new KiB(KiB.Page.Value * pages);
    }

    /// <summary>One table for each 512 pages, one for each 512 of those tables, and so on.</summary>
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

    /// <summary>Xen allocates the trace buffer of a virtual CPU in one piece, a power of two of pages.</summary>
    private static KiB Traces(DomainConfiguration domain)
    {
        ulong pages = (ulong)(domain.TraceBuffer.CeilingToPage().Value / KiB.Page.Value);
        return new KiB((long)BitOperations.RoundUpToPowerOf2(pages) * KiB.Page.Value * domain.Vcpus);
    }
}
