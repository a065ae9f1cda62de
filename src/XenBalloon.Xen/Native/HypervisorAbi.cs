using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary><c>struct xb_hv_abi</c> of native/hypervisor/xenballoon-hv.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HypervisorAbi
{
    /// <summary>The ABI that this side speaks.</summary>
    public const uint Current = 2;

    public uint Size;
    public uint Abi;
    public uint XenMajor;
    public uint XenMinor;
    public uint HostSize;
    public uint DomainSize;
    public uint PodSize;
}
