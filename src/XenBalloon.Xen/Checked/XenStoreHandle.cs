using Microsoft.Win32.SafeHandles;
using XenBalloon.Xen.Native;

namespace XenBalloon.Xen.Checked;

/// <summary>A connection of libxenstore's.</summary>
internal sealed class XenStoreHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly XenStoreLibrary library;

    public XenStoreHandle(XenStoreLibrary library, nint connection)
        : base(ownsHandle: true)
    {
        this.library = library;
        SetHandle(connection);
    }

    /// <inheritdoc/>
    protected override unsafe bool ReleaseHandle()
    {
        this.library.Connections.Close(handle);
        return true;
    }
}
