using System.Runtime.InteropServices;

namespace XenBalloon.Bus.SdBus.Native;

/// <summary>
/// <c>sd_bus_vtable</c>: the low byte of the first word is the kind, the upper 56 bits are flags, and six words follow whose meaning depends on the kind.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 56)]
internal readonly unsafe struct VtableEntry
{
    /// <summary>Anyone may call the method, as far as sd-bus is concerned.</summary>
    internal const ulong Unprivileged = 1ul << 2;

    /// <summary>The property never changes while its object exists.</summary>
    internal const ulong Constant = 1ul << 4;

    /// <summary>PropertiesChanged tells the property's new value.</summary>
    internal const ulong EmitsChange = 1ul << 5;

    /// <summary>The feature word of a start entry: methods carry the names of their arguments.</summary>
    private const nint ArgumentNames = 1;

    private readonly ulong kindAndFlags;
    private readonly nint word0;
    private readonly nint word1;
    private readonly nint word2;
    private readonly nint word3;
    private readonly nint word4;
    private readonly nint word5;

    private VtableEntry(char kind, ulong flags, nint word0 = 0, nint word1 = 0, nint word2 = 0, nint word3 = 0, nint word5 = 0)
    {
        kindAndFlags = kind | (flags << 8);
        this.word0 = word0;
        this.word1 = word1;
        this.word2 = word2;
        this.word3 = word3;
        word4 = 0; // an offset into the user data, of which we make no use
        this.word5 = word5;
    }

    internal static VtableEntry Start(nint format) => new('<', 0, sizeof(VtableEntry), ArgumentNames, format);

    internal static VtableEntry End() => new('>', 0);

    /// <summary>A method; <paramref name="argumentNames"/> are zero-terminated strings one after the other, those that go in first.</summary>
    internal static VtableEntry Method(
        nint member, nint inputs, nint outputs, nint argumentNames, delegate* unmanaged[Cdecl]<nint, nint, NativeError*, int> handler, ulong flags) =>
        new('M', flags, member, inputs, outputs, (nint)handler, argumentNames);

    /// <summary>A signal; its words: member, signature, names of the arguments.</summary>
    internal static VtableEntry Signal(nint member, nint signature, nint argumentNames) => new('S', 0, member, signature, argumentNames);

    internal static VtableEntry Property(
        nint member, nint signature, delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, nint, nint, NativeError*, int> getter, ulong flags) =>
        new('P', flags, member, signature, (nint)getter);
}
