using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Toolstack;

/// <summary>What of a domain's configuration bears on how much memory it takes.</summary>
internal sealed record DomainConfiguration
{
    /// <summary>More CPUs than any domain has.</summary>
    internal const int MostVcpus = 1 << 15;

    /// <summary>Its name; empty where it has none.</summary>
    public required string Name { get; init; }

    /// <summary>How it is virtualized.</summary>
    public required DomainKind Type { get; init; }

    /// <summary>What it starts with (libxl's target_memkb, xl's memory), video memory included.</summary>
    public required KiB Memory { get; init; }

    /// <summary>The most it can ever have (max_memkb, maxmem).</summary>
    public required KiB MaxMem { get; init; }

    /// <summary>How many CPUs it can have.</summary>
    public required int Vcpus { get; init; }

    /// <summary>Memory for its paging (shadow_memkb), where the configuration says how much; null for the toolstack's own rule.</summary>
    public KiB? Paging { get; init; }

    /// <summary>Likewise for the page tables of its devices (iommu_memkb).</summary>
    public KiB? Iommu { get; init; }

    /// <summary>Whether the processor does its paging; null where the configuration leaves that to the host.</summary>
    public bool? Hap { get; init; }

    /// <summary>Whether devices are passed through to it.</summary>
    public bool HasPassthrough { get; init; }

    /// <summary>What each virtual CPU has for traces of the processor (vmtrace_buf_kb).</summary>
    public KiB TraceBuffer { get; init; }

    /// <summary>Memory for a domain that holds its device model; zero where dom0 does.</summary>
    public KiB DeviceModel { get; init; }
}
