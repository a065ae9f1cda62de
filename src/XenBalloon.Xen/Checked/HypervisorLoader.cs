using System.Runtime.InteropServices;
using XenBalloon.Xen.Native;

namespace XenBalloon.Xen.Checked;

/// <summary>Finds the shim for the running Xen and makes sure that it and this program mean the same by its structures.</summary>
internal static class HypervisorLoader
{
    /// <summary>Loads the shim.</summary>
    /// <exception cref="XenUnavailableException">There is none for this Xen, or it is of another build.</exception>
    public static HypervisorLibrary Load(XenVersion version, IReadOnlyList<string> directories)
    {
        string[] candidates = [.. directories.Select(directory => Path.Combine(directory, $"libxenballoon-hv-{version}.so"))];
        string? file = candidates.FirstOrDefault(File.Exists);
        if (file is null)
        {
            throw new XenUnavailableException(
                XenUnavailableCause.NoShim,
                $"no hypervisor shim for Xen {version} (looked for {string.Join(", ", candidates)}): build native/hypervisor against this Xen's libxen-dev and put it there");
        }

        nint library;
        try
        {
            library = NativeLibrary.Load(file);
        }
        catch (Exception unloadable) when (unloadable is DllNotFoundException or BadImageFormatException)
        {
            string reason = unloadable.Message.ReplaceLineEndings(" ").Trim();
            throw new XenUnavailableException(
                XenUnavailableCause.NoShim, $"{file} cannot be loaded ({reason}): install libxenmisc{version} (libxenctrl.so.{version})", unloadable);
        }

        return Checked(file, library, version);
    }

    private static unsafe HypervisorLibrary Checked(string file, nint library, XenVersion version)
    {
        HypervisorLibrary functions;
        try
        {
            functions = new HypervisorLibrary(library);
        }
        catch (EntryPointNotFoundException missing)
        {
            throw Mismatch(file, missing.Message, missing);
        }

        HypervisorAbi abi = new() { Size = (uint)sizeof(HypervisorAbi) };
        int spoken = functions.Abi(&abi);
        if (spoken != HypervisorAbi.Current) throw Mismatch(file, $"it speaks ABI {spoken}, this program {HypervisorAbi.Current}");
        bool alike = abi.Size == sizeof(HypervisorAbi) && abi.HostSize == sizeof(HypervisorHostInfo)
            && abi.DomainSize == sizeof(HypervisorDomainInfo) && abi.PodSize == sizeof(HypervisorPodInfo);
        if (!alike) throw Mismatch(file, $"its structures have {abi.Size}, {abi.HostSize}, {abi.DomainSize} and {abi.PodSize} bytes");
        if (abi.XenMajor != version.Major || abi.XenMinor != version.Minor)
            throw Mismatch(file, $"it was built for Xen {abi.XenMajor}.{abi.XenMinor}");
        return functions;
    }

    private static XenUnavailableException Mismatch(string file, string how, Exception? inner = null) =>
        new(XenUnavailableCause.ShimMismatch, $"{file} does not fit this program ({how}): build and install both from the same source", inner);
}
