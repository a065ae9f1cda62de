using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary>
/// The functions of a hypervisor shim (<c>native/hypervisor/xenballoon-hv.h</c>). Each returns 0 or more, or -errno.
/// </summary>
/// <remarks>
/// Function pointers, not imports: an import binds to one file for the whole process, while the file is searched for in
/// several directories, and the tests load several shims.
/// </remarks>
internal sealed unsafe class HypervisorShim
{
    /// <summary>XB_HV_ABI: the ABI of this program.</summary>
    private const uint Abi = 3;

    private const string FileName = "libxenballoon-hv.so";

    public readonly delegate* unmanaged<XbHv**, HypervisorInterfaceInfo*, int> Open;
    public readonly delegate* unmanaged<XbHv*, int> Close;
    public readonly delegate* unmanaged<XbHv*, HypervisorHostInfo*, int> Host;
    public readonly delegate* unmanaged<XbHv*, uint, uint, HypervisorDomainInfo*, int> List;
    public readonly delegate* unmanaged<XbHv*, uint, HypervisorDomainInfo*, int> Get;
    public readonly delegate* unmanaged<XbHv*, uint, ulong, int> SetMaxMem;
    public readonly delegate* unmanaged<XbHv*, uint, ulong, int> SetPodTarget;
    public readonly delegate* unmanaged<XbHv*, uint, HypervisorPodInfo*, int> GetPod;
    public readonly delegate* unmanaged<XbHv*, byte*, uint, int> CommandLine;

    private readonly delegate* unmanaged<HypervisorAbiInfo*, int> getAbi;

    private HypervisorShim(nint library)
    {
        this.getAbi = (delegate* unmanaged<HypervisorAbiInfo*, int>)NativeLibrary.GetExport(library, "xb_hv_abi");
        Open = (delegate* unmanaged<XbHv**, HypervisorInterfaceInfo*, int>)
            NativeLibrary.GetExport(library, "xb_hv_open");
        Close = (delegate* unmanaged<XbHv*, int>)NativeLibrary.GetExport(library, "xb_hv_close");
        Host = (delegate* unmanaged<XbHv*, HypervisorHostInfo*, int>)NativeLibrary.GetExport(library, "xb_hv_host");
        List = (delegate* unmanaged<XbHv*, uint, uint, HypervisorDomainInfo*, int>)
            NativeLibrary.GetExport(library, "xb_hv_list");
        Get = (delegate* unmanaged<XbHv*, uint, HypervisorDomainInfo*, int>)
            NativeLibrary.GetExport(library, "xb_hv_get");
        SetMaxMem = (delegate* unmanaged<XbHv*, uint, ulong, int>)
            NativeLibrary.GetExport(library, "xb_hv_set_maxmem");
        SetPodTarget = (delegate* unmanaged<XbHv*, uint, ulong, int>)
            NativeLibrary.GetExport(library, "xb_hv_set_pod_target");
        GetPod = (delegate* unmanaged<XbHv*, uint, HypervisorPodInfo*, int>)
            NativeLibrary.GetExport(library, "xb_hv_get_pod");
        CommandLine = (delegate* unmanaged<XbHv*, byte*, uint, int>)
            NativeLibrary.GetExport(library, "xb_hv_command_line");
    }

    /// <summary>Loads the shim from the first directory that has it, and checks its ABI.</summary>
    /// <exception cref="XenUnavailableException">It is not installed, does not load or does not match.</exception>
    public static HypervisorShim Load(IReadOnlyList<string> directories)
    {
        string[] candidates = [.. directories.Select(directory => Path.Combine(directory, FileName))];
        string file = candidates.FirstOrDefault(File.Exists) ?? throw new XenUnavailableException(
            XenUnavailableCause.NoShim,
            $"no hypervisor shim (tried {string.Join(", ", candidates)}); "
            + "run 'make publish install' in the source tree");
        try
        {
            HypervisorShim shim = new(NativeLibrary.Load(file));
            shim.Check(file);
            return shim;
        }
        catch (EntryPointNotFoundException missing)
        {
            throw Mismatch(file, missing.Message, missing);
        }
        catch (Exception unloadable) when (unloadable is DllNotFoundException or BadImageFormatException)
        {
            // .NET's own advice comes first, the error of dlopen(3) last.
            string reason = unloadable.Message.Trim().Split('\n')[^1].Trim();
            throw new XenUnavailableException(
                XenUnavailableCause.NoShim,
                $"cannot load {file}: {reason}; run 'apt-get install libxencall1'",
                unloadable);
        }
    }

    private void Check(string file)
    {
        HypervisorAbiInfo info = new() { Size = (uint)sizeof(HypervisorAbiInfo) };
        int abi = this.getAbi(&info);
        if (abi != Abi) throw Mismatch(file, $"it has ABI {abi}, this program has ABI {Abi}");
        bool sameSizes = info.Size == sizeof(HypervisorAbiInfo)
            && info.InterfaceSize == sizeof(HypervisorInterfaceInfo) && info.HostSize == sizeof(HypervisorHostInfo)
            && info.DomainSize == sizeof(HypervisorDomainInfo) && info.PodSize == sizeof(HypervisorPodInfo);
        if (sameSizes) return;
        string sizes = $"{info.Size}, {info.InterfaceSize}, {info.HostSize}, {info.DomainSize} and {info.PodSize}";
        throw Mismatch(file, $"its structures have {sizes} bytes");
    }

    private static XenUnavailableException Mismatch(string file, string reason, Exception? inner = null) => new(
        XenUnavailableCause.ShimMismatch,
        $"{file} does not match this program: {reason}; "
        + "run 'make publish install' in the source tree to build and install both",
        inner);
}

/// <summary><c>struct xb_hv</c>: an open connection to the hypervisor.</summary>
internal struct XbHv;

/// <summary><c>struct xb_hv_abi</c></summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HypervisorAbiInfo
{
    public uint Size;
    public uint Abi;
    public uint InterfaceSize;
    public uint HostSize;
    public uint DomainSize;
    public uint PodSize;
}

/// <summary><c>struct xb_hv_interface</c></summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HypervisorInterfaceInfo
{
    public uint Size;
    public uint SysCtl;
    public uint DomCtl;
}

/// <summary><c>struct xb_hv_host</c>; KiB.</summary>
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

/// <summary><c>struct xb_hv_domain</c>; KiB.</summary>
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

/// <summary><c>struct xb_hv_pod</c>; KiB.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HypervisorPodInfo
{
    public uint Size;
    public uint Padding;
    public ulong Cache;
    public ulong Entries;
}

/// <summary>The <c>XB_HV_DOMAIN_</c> bits that are read here.</summary>
[Flags]
internal enum HypervisorDomainFlags : uint
{
    None = 0,
    Dying = 1 << 0,
    Hvm = 1 << 1,
    Shutdown = 1 << 2,
    Paused = 1 << 3,
}
