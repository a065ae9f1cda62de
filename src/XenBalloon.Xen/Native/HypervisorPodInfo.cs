using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary><c>struct xb_hv_pod</c> of native/hypervisor/xenballoon-hv.h; KiB.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HypervisorPodInfo
{
    public uint Size;
    public uint Padding;
    public ulong Cache;
    public ulong Entries;
}
