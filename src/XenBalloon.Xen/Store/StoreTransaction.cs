using XenBalloon.Xen.Checked;

namespace XenBalloon.Xen.Store;

/// <summary>A transaction under way: what it reads is of one moment, and what it writes is seen by others at its end or never.</summary>
internal readonly struct StoreTransaction(XenStoreConnection connection, uint id)
{
    /// <summary>A node's value; null when there is no such node.</summary>
    public string? Read(StorePath path) => connection.Read(id, path);

    /// <summary>Writes a node.</summary>
    public void Write(StorePath path, string value) => connection.Write(id, path, value);

    /// <summary>Makes a node dom0's own, which one domain may read and write and others may not see.</summary>
    public void LetWrite(StorePath path, int domid) => connection.LetWrite(id, path, domid);
}
