using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary>The functions of native/hypervisor/xenballoon-hv.h. Each returns 0 or more, or −errno.</summary>
internal readonly unsafe struct HypervisorLibrary(nint library)
{
    public readonly delegate* unmanaged<HypervisorAbi*, int> Abi =
        (delegate* unmanaged<HypervisorAbi*, int>)NativeLibrary.GetExport(library, "xb_hv_abi");

    public readonly delegate* unmanaged<nint*, int> Open =
        (delegate* unmanaged<nint*, int>)NativeLibrary.GetExport(library, "xb_hv_open");

    public readonly delegate* unmanaged<nint, int> Close =
        (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "xb_hv_close");

    public readonly delegate* unmanaged<nint, HypervisorHostInfo*, int> Host =
        (delegate* unmanaged<nint, HypervisorHostInfo*, int>)NativeLibrary.GetExport(library, "xb_hv_host");

    public readonly delegate* unmanaged<nint, uint, uint, HypervisorDomainInfo*, int> List =
        (delegate* unmanaged<nint, uint, uint, HypervisorDomainInfo*, int>)NativeLibrary.GetExport(library, "xb_hv_list");

    public readonly delegate* unmanaged<nint, uint, HypervisorDomainInfo*, int> Get =
        (delegate* unmanaged<nint, uint, HypervisorDomainInfo*, int>)NativeLibrary.GetExport(library, "xb_hv_get");

    public readonly delegate* unmanaged<nint, uint, ulong, int> SetMaxMem =
        (delegate* unmanaged<nint, uint, ulong, int>)NativeLibrary.GetExport(library, "xb_hv_set_maxmem");

    public readonly delegate* unmanaged<nint, uint, ulong, int> SetPodTarget =
        (delegate* unmanaged<nint, uint, ulong, int>)NativeLibrary.GetExport(library, "xb_hv_set_pod_target");

    public readonly delegate* unmanaged<nint, uint, HypervisorPodInfo*, int> GetPod =
        (delegate* unmanaged<nint, uint, HypervisorPodInfo*, int>)NativeLibrary.GetExport(library, "xb_hv_get_pod");

    public readonly delegate* unmanaged<nint, byte*, uint, int> CommandLine =
        (delegate* unmanaged<nint, byte*, uint, int>)NativeLibrary.GetExport(library, "xb_hv_command_line");
}
