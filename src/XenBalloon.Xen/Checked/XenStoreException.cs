namespace XenBalloon.Xen.Checked;

/// <summary>xenstored answered a request with an error that the caller did not foresee.</summary>
internal sealed class XenStoreException(StoreError error, string message) : Exception(message)
{
    /// <summary>What it means.</summary>
    public StoreError Error { get; } = error;
}
