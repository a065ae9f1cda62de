using XenBalloon.Core.Hosts;
using XenBalloon.Xen.Checked;

namespace XenBalloon.Xen.Store;

/// <summary>xenstore, by fixed leaves only: nothing is ever listed, because a guest can make the listing of its own directory kill our connection.</summary>
internal sealed class XenStore(XenStoreConnection connection)
{
    /// <summary>How often a transaction is tried. Conflicts are rare; a toolstack that is at it this often in a few ms has its reasons.</summary>
    internal const int Attempts = 8;

    private static readonly StorePath AnyNode = new("/local/domain/0/domid");

    /// <summary>A node's value; null when there is no such node.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    public string? Read(StorePath path) => connection.Read(0, path);

    /// <summary>Whether there is such a node.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    public bool Exists(StorePath path) => Read(path) is not null;

    /// <summary>Writes a node, and makes it and its parents where there are none.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    public void Write(StorePath path, string value) => connection.Write(0, path, value);

    /// <summary>Removes a node and all below it.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="HostLostException">xenstored died.</exception>
    public bool Remove(StorePath path) => connection.Remove(0, path);

    /// <summary>Sees whether xenstored still lives, at the price of one read.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    public void Probe()
    {
        try
        {
            connection.Read(0, AnyNode);
        }
        catch (XenStoreException)
        {
            // An error is an answer, and only the living answer.
        }
    }

    /// <summary>Does something in one transaction, and all of it again when another one was in the way. Takes milliseconds: an open one holds up xenstored's live update.</summary>
    /// <param name="body">What to do; false to do nothing after all. May run several times.</param>
    /// <exception cref="HostLostException">xenstored died.</exception>
    /// <exception cref="XenStoreException">xenstored said no; nothing was written.</exception>
    public TransactionEnd Transact(Func<StoreTransaction, bool> body)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            // Another's transaction was in the way twice: a moment, longer each time, lets it end.
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

            if (connection.EndTransaction(transaction, abort: !commit)) return commit ? TransactionEnd.Committed : TransactionEnd.Abandoned;
        }

        return TransactionEnd.Busy;
    }
}
