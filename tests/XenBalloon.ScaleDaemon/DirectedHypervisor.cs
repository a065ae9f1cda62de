using System.Globalization;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Native;

namespace XenBalloon.ScaleDaemon;

/// <summary>
/// The domains that a file lists, one in a line: domid, UUID, size in KiB. The file is replaced when they change.
/// </summary>
internal sealed class DirectedHypervisor(string path) : IHypervisor
{
    private static readonly KiB Total = KiB.FromMiB(32 * 1024), Overhead = KiB.FromMiB(1);

    private (DateTime Written, HypervisorDomain[] Domains) known;

    /// <inheritdoc/>
    public string? CommandLine => null;

    /// <inheritdoc/>
    public HypervisorMemory Memory() =>
        new(Total, Total - new KiB(Read().Sum(domain => domain.Actual.Value)), KiB.Zero);

    /// <inheritdoc/>
    public ReadOnlySpan<HypervisorDomain> Domains() => Read();

    /// <inheritdoc/>
    public HypervisorDomain? Domain(int domid) => Array.Find(Read(), domain => domain.Identity.Domid == domid);

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

    private HypervisorDomain[] Read()
    {
        DateTime written = File.GetLastWriteTimeUtc(path);
        if (written != known.Written) known = (written, [.. File.ReadLines(path).Select(Parse)]);
        return known.Domains;
    }

    private static HypervisorDomain Parse(string line)
    {
        string[] parts = line.Split(' ');
        var size = new KiB(long.Parse(parts[2], CultureInfo.InvariantCulture));
        return new HypervisorDomain
        {
            Identity = new DomainIdentity(int.Parse(parts[0], CultureInfo.InvariantCulture), Guid.Parse(parts[1])),
            Kind = DomainKind.Pv,
            HasRun = true,
            Actual = size,
            MaxMem = KiB.FromMiB(512) + Overhead,
        };
    }
}
