using System.Text;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Posix;

namespace XenBalloon.Xen.Native;

/// <summary>A connection to the hypervisor: the calls of the shim, with errors checked.</summary>
internal sealed unsafe class HypervisorConnection : IHypervisor
{
    /// <summary>As long as Xen's own limit (<c>xen_commandline_t</c>), with the NUL.</summary>
    private const int LongestCommandLine = 1024;

    /// <summary>
    /// "No limit" is more than any host has. It is cut to this, so that sums of such limits do not overflow.
    /// </summary>
    private const ulong LargestKiB = 1UL << 52;

    private readonly HypervisorShim shim;

    // Not a SafeHandle: function pointers do not marshal one, and with one caller at a time no call can race Dispose.
    private XbHv* hypervisor;

    // Reused, and large enough for all domains after the first list.
    private HypervisorDomainInfo[] found = new HypervisorDomainInfo[64];
    private HypervisorDomain[] domains = [];

    private HypervisorConnection(HypervisorShim shim, XbHv* hypervisor)
    {
        this.shim = shim;
        this.hypervisor = hypervisor;
    }

    /// <summary>Connects to the hypervisor.</summary>
    /// <exception cref="XenUnavailableException">
    /// It refuses the connection, or has an interface that the shim does not know.
    /// </exception>
    public static HypervisorConnection Open(HypervisorShim shim, XenVersion version)
    {
        XbHv* opened;
        HypervisorInterfaceInfo info = new() { Size = (uint)sizeof(HypervisorInterfaceInfo) };
        int result = shim.Open(&opened, &info);
        if (result >= 0) return new HypervisorConnection(shim, opened);
        if (result == -Errno.ProtocolNotSupported)
        {
            throw new XenUnavailableException(
                XenUnavailableCause.UnknownInterface,
                $"this program does not know the interface of Xen {version} (sysctl 0x{info.SysCtl:x}, "
                + $"domctl 0x{info.DomCtl:x}); install a version of xenballoon that supports Xen {version}");
        }

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
    public ReadOnlySpan<HypervisorDomain> Domains()
    {
        int count;
        while ((count = List()) == found.Length) found = new HypervisorDomainInfo[found.Length * 2];
        if (domains.Length < count) domains = new HypervisorDomain[found.Length];
        for (int i = 0; i < count; i++) domains[i] = Describe(ref found[i]);
        return domains.AsSpan(0, count);
    }

    /// <inheritdoc/>
    public HypervisorDomain? Domain(int domid)
    {
        HypervisorDomainInfo domain;
        int result = this.shim.Get(Hypervisor, (uint)domid, &domain);
        return result switch
        {
            >= 0 => Describe(ref domain),
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
    public string? CommandLine
    {
        get
        {
            byte* text = stackalloc byte[LongestCommandLine];
            int length = this.shim.CommandLine(Hypervisor, text, LongestCommandLine);
            return length < 0 ? null : Encoding.UTF8.GetString(text, length);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (this.hypervisor != null) _ = this.shim.Close(this.hypervisor);
        this.hypervisor = null;
    }

    private int List()
    {
        fixed (HypervisorDomainInfo* room = this.found)
        {
            int count = this.shim.List(Hypervisor, 0, (uint)this.found.Length, room);
            return count >= 0 ? count : throw Lost("the list of domains", -count);
        }
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
                HasRun = info.CpuNanoseconds > 0,
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
