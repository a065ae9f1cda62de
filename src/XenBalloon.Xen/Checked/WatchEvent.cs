using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Checked;

/// <summary>One event of a watch, in libxenstore's memory until disposed: floods are thrown away without allocating.</summary>
internal readonly unsafe ref struct WatchEvent(byte** block)
{
    /// <summary>What changed: the watched node or something below it.</summary>
    public ReadOnlySpan<byte> Path => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(block[0]);

    /// <summary>The token that the watch was set with.</summary>
    public ReadOnlySpan<byte> Token => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(block[1]);

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => NativeMemory.Free(block);
}
