using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Checked;

/// <summary>Transactions.</summary>
internal sealed partial class XenStoreConnection
{
    /// <summary>Starts a transaction.</summary>
    public unsafe uint StartTransaction()
    {
        using HandleLease lease = new(handle);
        uint transaction = library.Transactions.Start(lease.Value);
        int errno = Marshal.GetLastSystemError();
        return transaction != 0 ? transaction : throw StoreErrors.Exception("start a transaction", errno);
    }

    /// <summary>Ends a transaction.</summary>
    /// <param name="transaction">Which.</param>
    /// <param name="abort">Whether to forget what was done in it.</param>
    /// <returns>False when it met another one: it has to be done again from the start.</returns>
    public unsafe bool EndTransaction(uint transaction, bool abort)
    {
        using HandleLease lease = new(handle);
        bool ended = library.Transactions.End(lease.Value, transaction, abort ? (byte)1 : (byte)0) != 0;
        int errno = Marshal.GetLastSystemError();
        if (!ended && StoreErrors.Of(errno) != StoreError.Conflict) throw StoreErrors.Exception("end a transaction", errno);
        return ended;
    }
}
