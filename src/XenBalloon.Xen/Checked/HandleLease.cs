using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Checked;

/// <summary>Keeps a handle open for the length of one native call.</summary>
internal readonly ref struct HandleLease
{
    private readonly SafeHandle handle;

    public HandleLease(SafeHandle handle)
    {
        bool added = false;
        handle.DangerousAddRef(ref added);
        this.handle = handle;
    }

    public nint Value => this.handle.DangerousGetHandle();

    public void Dispose() => this.handle.DangerousRelease();
}
