namespace XenBalloon.Xen.Native;

/// <summary><c>enum xs_perm_type</c></summary>
internal enum StoreAccess : uint
{
    /// <summary>XS_PERM_NONE</summary>
    None = 0,

    /// <summary>XS_PERM_READ | XS_PERM_WRITE</summary>
    ReadWrite = 3,
}
