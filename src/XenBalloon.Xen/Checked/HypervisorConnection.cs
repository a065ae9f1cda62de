using System.Text;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Posix;
using XenBalloon.Xen.Native;

namespace XenBalloon.Xen.Checked;

/// <summary>The hypervisor through the shim, with errors checked.</summary>
internal sealed unsafe class HypervisorConnection : IHypervisor
{
    private const int Batch = 256;

    private readonly HypervisorLibrary library;
    private readonly HypervisorHandle handle;

    private HypervisorConnection(HypervisorLibrary library, HypervisorHandle handle)
    {
        this.library = library;
        this.handle = handle;
    }

    /// <summary>Connects to the hypervisor.</summary>
    /// <exception cref="XenUnavailableException">It would not talk.</exception>
    public static HypervisorConnection Open(HypervisorLibrary library)
    {
        nint opened;
        int result = library.Open(&opened);
        if (result >= 0) return new HypervisorConnection(library, new HypervisorHandle(library, opened));
        throw new XenUnavailableException(
            XenUnavailableCause.NoHypervisor, $"the hypervisor does not answer: {Errno.Describe(-result)}; load the module xen-privcmd and run as root in dom0");
    }

    /// <inheritdoc/>
    public HypervisorMemory Memory()
    {
        using HandleLease lease = new(this.handle);
        HypervisorHostInfo host = new() { Size = (uint)sizeof(HypervisorHostInfo) };
        int result = this.library.Host(lease.Value, &host);
        if (result < 0) throw Lost("tell its memory", -result);
        return new HypervisorMemory(Size(host.Total), Size(host.Free), Size(host.Outstanding));
    }

    /// <inheritdoc/>
    public IReadOnlyList<HypervisorDomain> Domains()
    {
        using HandleLease lease = new(this.handle);
        List<HypervisorDomain> domains = [];
        HypervisorDomainInfo[] batch = new HypervisorDomainInfo[Batch];
        uint first = 0;
        int count;
        do
        {
            fixed (HypervisorDomainInfo* found = batch) count = this.library.List(lease.Value, first, Batch, found);
            if (count < 0) throw Lost("list its domains", -count);
            for (int i = 0; i < count; i++) domains.Add(Describe(ref batch[i]));
            if (count > 0) first = batch[count - 1].Domid + 1;
        }
        while (count == Batch);
        return domains;
    }

    /// <inheritdoc/>
    public HypervisorDomain? Domain(int domid)
    {
        using HandleLease lease = new(this.handle);
        HypervisorDomainInfo found;
        int result = this.library.Get(lease.Value, (uint)domid, &found);
        return result switch
        {
            >= 0 => Describe(ref found),
            -Errno.NoSuchProcess => null,
            _ => throw Lost($"describe domain {domid}", -result),
        };
    }

    /// <inheritdoc/>
    public int SetMaxMem(int domid, KiB cap)
    {
        using HandleLease lease = new(this.handle);
        return -Math.Min(0, this.library.SetMaxMem(lease.Value, (uint)domid, (ulong)cap.Value));
    }

    /// <inheritdoc/>
    public int SetPodTarget(int domid, KiB target)
    {
        using HandleLease lease = new(this.handle);
        return -Math.Min(0, this.library.SetPodTarget(lease.Value, (uint)domid, (ulong)target.Value));
    }

    /// <inheritdoc/>
    public HypervisorPod? Pod(int domid)
    {
        using HandleLease lease = new(this.handle);
        HypervisorPodInfo pod = new() { Size = (uint)sizeof(HypervisorPodInfo) };
        int result = this.library.GetPod(lease.Value, (uint)domid, &pod);
        return result < 0 ? null : new HypervisorPod(Size(pod.Cache), Size(pod.Entries));
    }

    /// <inheritdoc/>
    public string? CommandLine()
    {
        using HandleLease lease = new(this.handle);
        byte* text = stackalloc byte[1024];
        int length = this.library.CommandLine(lease.Value, text, 1024);
        return length < 0 ? null : Encoding.ASCII.GetString(text, length);
    }

    /// <inheritdoc/>
    public void Dispose() => this.handle.Dispose();

    private static HypervisorDomain Describe(ref HypervisorDomainInfo info)
    {
        fixed (byte* uuid = info.Uuid)
        {
            return new HypervisorDomain
            {
                Identity = new DomainIdentity((int)info.Domid, new Guid(new ReadOnlySpan<byte>(uuid, 16), bigEndian: true)),
                Kind = info.Flags.HasFlag(HypervisorDomainFlags.Hvm) ? DomainKind.Hvm : DomainKind.Pv,
                Dying = info.Flags.HasFlag(HypervisorDomainFlags.Dying),
                Paused = info.Flags.HasFlag(HypervisorDomainFlags.Paused),
                ShutdownReason = info.Flags.HasFlag(HypervisorDomainFlags.Shutdown) ? (int)info.ShutdownReason : null,
                Actual = Size(info.Total),
                Outstanding = Size(info.Outstanding),
                MaxMem = Size(info.Max),
            };
        }
    }

    /// <summary>"No limit" comes as more than any machine has; kept far from overflow so that sums of such caps stay sums.</summary>
    private static KiB Size(ulong kib) => new((long)Math.Min(kib, 1UL << 52));

    private static HostLostException Lost(string what, int errno) => new($"the hypervisor would not {what}: {Errno.Describe(errno)}");
}
