using XenBalloon.Core.Hosts;
using XenBalloon.Xen.Native;

namespace XenBalloon.Xen.Store;

/// <summary>
/// xenstore, through single nodes with fixed paths. Nothing is ever listed: a guest can create so many nodes in its own
/// directory that oxenstored closes the connection that lists it.
/// </summary>
internal sealed class XenStore(XenStoreConnection connection)
{
    /// <summary>
    /// How often a transaction is tried. Conflicts are rare; a toolstack that causes this many within a few ms is
    /// changing the same nodes all the time.
    /// </summary>
    internal const int Attempts = 8;

    private static readonly StoreString ProbedNode = new("/local/domain/0/domid");

    /// <summary>Reads a node; null when it does not exist.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    public string? Read(StoreString path) => connection.Read(0, path);

    /// <inheritdoc cref="XenStoreConnection.Read(uint, StoreString, Span{byte})"/>
    public int? Read(StoreString path, Span<byte> buffer) => connection.Read(0, path, buffer);

    /// <summary>Whether a node exists.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    public bool Exists(StoreString path) => Read(path) is not null;

    /// <summary>Checks that xenstored still runs, by reading one node.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    public void Probe()
    {
        try
        {
            connection.Read(0, ProbedNode);
        }
        catch (XenStoreException)
        {
            // An error is an answer too.
        }
    }

    /// <summary>
    /// Runs a body in a transaction, and again from the start when another transaction conflicts. The body must return
    /// within milliseconds: an open transaction delays a live update of xenstored.
    /// </summary>
    /// <param name="body">Reads and writes; false to discard its writes. May run several times.</param>
    /// <exception cref="HostLostException">xenstored died.</exception>
    /// <exception cref="XenStoreException">xenstored refused a request; nothing was written.</exception>
    public TransactionResult Transact(Func<StoreTransaction, bool> body)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            // Two conflicts: give the other transaction time to end, longer after each one.
            if (attempt > 1) Thread.Sleep(attempt);
            uint transaction = connection.StartTransaction();
            bool commit;
            try
            {
                commit = body(new StoreTransaction(connection, transaction));
            }
            catch (XenStoreException)
            {
                connection.EndTransaction(transaction, abort: true);
                throw;
            }

            if (connection.EndTransaction(transaction, abort: !commit))
                return commit ? TransactionResult.Committed : TransactionResult.Abandoned;
        }

        return TransactionResult.Busy;
    }
}

/// <summary>
/// An open transaction: its reads show one moment, and others see its writes all at once when it ends, or not at all.
/// </summary>
internal readonly struct StoreTransaction(XenStoreConnection connection, uint id)
{
    /// <summary>Reads a node; null when it does not exist.</summary>
    public string? Read(StoreString path) => connection.Read(id, path);

    /// <summary>Writes a node. Creates it and its parents if they do not exist.</summary>
    public void Write(StoreString path, string value) => connection.Write(id, path, value);

    /// <summary>
    /// Makes dom0 the owner of a node that one domain may read and write and all others may not access.
    /// </summary>
    public void GrantAccess(StoreString path, int domid) => connection.GrantAccess(id, path, domid);
}

/// <summary>The result of a transaction.</summary>
internal enum TransactionResult
{
    /// <summary>Its writes took effect.</summary>
    Committed,

    /// <summary>Its body discarded its writes.</summary>
    Abandoned,

    /// <summary>Other transactions conflicted with every attempt: nothing was written.</summary>
    Busy,
}
