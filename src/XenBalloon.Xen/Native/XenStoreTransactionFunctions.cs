using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary>libxenstore: transactions.</summary>
internal readonly unsafe struct XenStoreTransactionFunctions(nint library)
{
    /// <summary><c>uint32_t xs_transaction_start(struct xs_handle *)</c>; 0 on failure.</summary>
    public readonly delegate* unmanaged<nint, uint> Start =
        (delegate* unmanaged<nint, uint>)NativeLibrary.GetExport(library, "xs_transaction_start");

    /// <summary><c>bool xs_transaction_end(struct xs_handle *, uint32_t transaction, bool abort)</c>; EAGAIN: redo everything.</summary>
    public readonly delegate* unmanaged<nint, uint, byte, byte> End =
        (delegate* unmanaged<nint, uint, byte, byte>)NativeLibrary.GetExport(library, "xs_transaction_end");
}
