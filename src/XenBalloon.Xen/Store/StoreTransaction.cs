using XenBalloon.Xen.Checked;

namespace XenBalloon.Xen.Store;

/// <summary>A transaction under way: what it reads is of one moment, and what it writes is seen by others at its end or never.</summary>
internal readonly struct StoreTransaction(XenStoreConnection connection, uint id)
{
    /// <summary>A node's value; null when there is no such node.</summary>
    public string? Read(StorePath path) => connection.Read(id, path);

    /// <summary>Writes a node.</summary>
    public void Write(StorePath path, string value) => connection.Write(id, path, value);
}
