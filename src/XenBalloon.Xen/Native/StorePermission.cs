using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary><c>struct xs_permissions</c>: of a node's list, the first is its owner and what all others may do.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct StorePermission(int domid, StoreAccess access)
{
    public readonly uint Domid = (uint)domid;

    public readonly StoreAccess Access = access;
}
