using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Toolstack;

/// <summary>The part of a domain's configuration that decides how much memory the domain takes.</summary>
internal sealed record DomainConfiguration
{
    /// <summary>More virtual CPUs than any domain has.</summary>
    internal const int MostVcpus = 1 << 15;

    /// <summary>The domain's name; empty if it has none.</summary>
    public required string Name { get; init; }

    /// <summary>How the domain is virtualized.</summary>
    public required DomainKind Type { get; init; }

    /// <summary>The memory at start, video memory included (libxl's target_memkb, xl's memory).</summary>
    public required KiB Memory { get; init; }

    /// <summary>The most memory that the domain can have (max_memkb, maxmem).</summary>
    public required KiB MaxMem { get; init; }

    /// <summary>The most virtual CPUs that the domain can have.</summary>
    public required int Vcpus { get; init; }

    /// <summary>
    /// The paging memory that the configuration sets (shadow_memkb); null for the toolstack's own rule.
    /// </summary>
    public KiB? Paging { get; init; }

    /// <summary>
    /// The memory for the page tables of its devices that the configuration sets (iommu_memkb); null for the
    /// toolstack's own rule.
    /// </summary>
    public KiB? Iommu { get; init; }

    /// <summary>Whether the processor does the domain's paging; null if the host decides.</summary>
    public bool? Hap { get; init; }

    /// <summary>Whether devices are passed through to the domain.</summary>
    public bool HasPassthrough { get; init; }

    /// <summary>The buffer for processor traces of each virtual CPU (vmtrace_buf_kb).</summary>
    public KiB TraceBuffer { get; init; }

    /// <summary>The memory of a separate domain for the device model; zero if the device model runs in dom0.</summary>
    public KiB DeviceModel { get; init; }
}

/// <summary>A domain's configuration cannot be read; the message says why.</summary>
internal sealed class ToolstackException(string message, Exception? inner = null) : Exception(message, inner);
