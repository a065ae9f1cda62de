using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary><c>struct xb_hv_host</c> of native/hypervisor/xenballoon-hv.h; KiB.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HypervisorHostInfo
{
    public uint Size;
    public uint Padding;
    public ulong Total;
    public ulong Free;
    public ulong Scrub;
    public ulong Outstanding;
}
