using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace XenBalloon.Bus.SdBus.Native;

/// <summary>
/// sd-bus as libsystemd exports it, by its C names; one file for each group of functions. None of its variadic functions: C# cannot call those, and
/// the <c>*_basic</c>, container and <c>*_strv</c> forms do all the same.
/// </summary>
internal static unsafe partial class LibSystemd
{
    internal const string Library = "libsystemd.so.0";

    /// <summary>The address of <c>sd_bus_object_vtable_format</c>, a variable that every vtable's first entry points at.</summary>
    internal static nint VtableFormat() => NativeLibrary.GetExport(NativeLibrary.Load(Library), "sd_bus_object_vtable_format");
}
