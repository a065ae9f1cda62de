using Microsoft.Win32.SafeHandles;
using XenBalloon.Xen.Native;

namespace XenBalloon.Xen.Checked;

/// <summary>The shim's connection to the hypervisor.</summary>
internal sealed class HypervisorHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly HypervisorLibrary library;

    public HypervisorHandle(HypervisorLibrary library, nint opened)
        : base(ownsHandle: true)
    {
        this.library = library;
        SetHandle(opened);
    }

    /// <inheritdoc/>
    protected override unsafe bool ReleaseHandle() => this.library.Close(handle) >= 0;
}
