using System.IO.MemoryMappedFiles;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Daemon.Startup;
using XenBalloon.Xen;
using XenBalloon.Xen.Native;

namespace XenBalloon.ScaleDaemon;

/// <summary>A host whose xenstored is real and whose hypervisor is not.</summary>
internal sealed class ScaleHost(IHypervisor hypervisor) : DaemonHost
{
    /// <inheritdoc/>
    internal override IDisposable? Lock() => null;

    /// <inheritdoc/>
    internal override IXenHost Open(TimeProvider time)
    {
        var options = new XenHostOptions();
        LibXenStore.Load(options.XenStoreLibraries);
        return new XenHost(
            XenStoreConnection.Open(),
            XenStoreConnection.Open(),
            hypervisor,
            "made-up Xen",
            options,
            time);
    }
}

/// <summary>Counts passes in a file that another process can read at any time.</summary>
internal sealed class PassCounter : IDisposable
{
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private long passes;

    internal PassCounter(string path)
    {
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, mapName: null, sizeof(long));
        view = file.CreateViewAccessor();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }

    internal void Increment() => view.Write(0, ++passes);
}

/// <summary>Domains 1 to N, each with 512 MiB and at its maximum. The host has a quarter of its memory free.</summary>
internal sealed class StillHypervisor(int count, PassCounter passes) : IHypervisor
{
    private static readonly KiB Size = KiB.FromMiB(512), Overhead = KiB.FromMiB(1);

    private readonly HypervisorDomain[] domains = [.. Enumerable.Range(1, count).Select(Describe)];

    /// <inheritdoc/>
    public string? CommandLine => null;

    /// <inheritdoc/>
    public HypervisorMemory Memory() => new(KiB.FromMiB(683L * count), KiB.FromMiB(171L * count), KiB.Zero);

    /// <inheritdoc/>
    public ReadOnlySpan<HypervisorDomain> Domains()
    {
        // Each pass lists the domains once.
        passes.Increment();
        return domains;
    }

    /// <inheritdoc/>
    public HypervisorDomain? Domain(int domid) => domid > 0 && domid <= count ? domains[domid - 1] : null;

    /// <inheritdoc/>
    public int SetMaxMem(int domid, KiB maximum) => 0;

    /// <inheritdoc/>
    public int SetPodTarget(int domid, KiB target) => 0;

    /// <inheritdoc/>
    public HypervisorPod? Pod(int domid) => null;

    /// <inheritdoc/>
    public void Dispose()
    {
        // Holds nothing.
    }

    private static HypervisorDomain Describe(int domid) => new()
    {
        Identity = new DomainIdentity(domid, new Guid(domid, 0, 0, new byte[8])),
        Kind = DomainKind.Pv,
        HasRun = true,
        Actual = Size,
        MaxMem = Size + Overhead,
    };
}
