using System.Runtime.InteropServices;

namespace XenBalloon.Bus.SdBus.Native;

/// <summary><c>sd_bus_error</c>; all zero is "no error".</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeError
{
    internal byte* Name;
    internal byte* Message;
    internal int NeedsFree;

    /// <summary>The D-Bus name of the error, or null when there is none.</summary>
    internal readonly string? NameText => Marshal.PtrToStringUTF8((nint)Name);

    /// <summary>What it says, or null when it says nothing.</summary>
    internal readonly string? MessageText => Marshal.PtrToStringUTF8((nint)Message);
}
