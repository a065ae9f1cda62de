using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Posix;

namespace XenBalloon.Xen.Native;

/// <summary>A connection to the hypervisor: the calls of the shim, with errors checked.</summary>
internal sealed unsafe class HypervisorConnection : IHypervisor
{
    private const int BatchSize = 256;

    /// <summary>
    /// "No limit" is more than any host has. It is cut to this, so that sums of such limits do not overflow.
    /// </summary>
    private const ulong LargestKiB = 1UL << 52;

    private readonly HypervisorShim shim;

    // Not a SafeHandle: function pointers do not marshal one, and with one caller at a time no call can race Dispose.
    private XbHv* hypervisor;

    private HypervisorConnection(HypervisorShim shim, XbHv* hypervisor)
    {
        this.shim = shim;
        this.hypervisor = hypervisor;
    }

    /// <summary>Connects to the hypervisor.</summary>
    /// <exception cref="XenUnavailableException">It refuses the connection.</exception>
    public static HypervisorConnection Open(HypervisorShim shim)
    {
        XbHv* opened;
        int result = shim.Open(&opened);
        if (result >= 0) return new HypervisorConnection(shim, opened);
        throw new XenUnavailableException(
            XenUnavailableCause.NoHypervisor,
            $"cannot connect to the hypervisor: {Errno.Describe(-result)}; "
            + "run 'modprobe xen-privcmd', then start xenballoond as root in dom0");
    }

    private XbHv* Hypervisor
    {
        get
        {
            ObjectDisposedException.ThrowIf(this.hypervisor == null, this);
            return this.hypervisor;
        }
    }

    /// <inheritdoc/>
    public HypervisorMemory Memory()
    {
        HypervisorHostInfo host = new() { Size = (uint)sizeof(HypervisorHostInfo) };
        int result = this.shim.Host(Hypervisor, &host);
        if (result < 0) throw Lost("the memory of the host", -result);
        return new HypervisorMemory(Size(host.Total), Size(host.Free), Size(host.Outstanding));
    }

    /// <inheritdoc/>
    public IReadOnlyList<HypervisorDomain> Domains()
    {
        List<HypervisorDomain> domains = [];
        HypervisorDomainInfo[] batch = new HypervisorDomainInfo[BatchSize];
        uint first = 0;
        int count;
        do
        {
            fixed (HypervisorDomainInfo* found = batch) count = this.shim.List(Hypervisor, first, BatchSize, found);
            if (count < 0) throw Lost("the list of domains", -count);
            for (int i = 0; i < count; i++) domains.Add(Describe(ref batch[i]));
            if (count > 0) first = batch[count - 1].Domid + 1;
        }
        while (count == BatchSize);
        return domains;
    }

    /// <inheritdoc/>
    public HypervisorDomain? Domain(int domid)
    {
        HypervisorDomainInfo found;
        int result = this.shim.Get(Hypervisor, (uint)domid, &found);
        return result switch
        {
            >= 0 => Describe(ref found),
            -Errno.NoSuchProcess => null,
            _ => throw Lost($"domain {domid}", -result),
        };
    }

    /// <inheritdoc/>
    public int SetMaxMem(int domid, KiB maximum) =>
        -Math.Min(0, this.shim.SetMaxMem(Hypervisor, (uint)domid, (ulong)maximum.Value));

    /// <inheritdoc/>
    public int SetPodTarget(int domid, KiB target) =>
        -Math.Min(0, this.shim.SetPodTarget(Hypervisor, (uint)domid, (ulong)target.Value));

    /// <inheritdoc/>
    public HypervisorPod? Pod(int domid)
    {
        HypervisorPodInfo pod = new() { Size = (uint)sizeof(HypervisorPodInfo) };
        int result = this.shim.GetPod(Hypervisor, (uint)domid, &pod);
        return result < 0 ? null : new HypervisorPod(Size(pod.Cache), Size(pod.Entries));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (this.hypervisor != null) _ = this.shim.Close(this.hypervisor);
        this.hypervisor = null;
    }

    private static HypervisorDomain Describe(ref HypervisorDomainInfo info)
    {
        fixed (byte* uuid = info.Uuid)
        {
            return new HypervisorDomain
            {
                Identity = new DomainIdentity(
                    (int)info.Domid, new Guid(new ReadOnlySpan<byte>(uuid, 16), bigEndian: true)),
                Kind = info.Flags.HasFlag(HypervisorDomainFlags.Hvm) ? DomainKind.Hvm : DomainKind.Pv,
                Dying = info.Flags.HasFlag(HypervisorDomainFlags.Dying),
                Paused = info.Flags.HasFlag(HypervisorDomainFlags.Paused),
                ShutdownReason =
                    info.Flags.HasFlag(HypervisorDomainFlags.Shutdown) ? (int)info.ShutdownReason : null,
                Actual = Size(info.Total),
                Outstanding = Size(info.Outstanding),
                MaxMem = Size(info.Max),
            };
        }
    }

    private static KiB Size(ulong kib) => new((long)Math.Min(kib, LargestKiB));

    private static HostLostException Lost(string what, int errno) =>
        new($"cannot read {what} from the hypervisor: {Errno.Describe(errno)}");
}
