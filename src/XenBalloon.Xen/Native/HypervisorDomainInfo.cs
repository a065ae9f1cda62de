using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary><c>struct xb_hv_domain</c> of native/hypervisor/xenballoon-hv.h; KiB.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct HypervisorDomainInfo
{
    public uint Size;
    public uint Domid;
    public HypervisorDomainFlags Flags;
    public uint ShutdownReason;
    public ulong Total;
    public ulong Max;
    public ulong Outstanding;
    public ulong Shared;
    public ulong Paged;
    public ulong CpuNanoseconds;
    public fixed byte Uuid[16];
}
