namespace XenBalloon.Xen.Store;

/// <summary>How a transaction ended.</summary>
internal enum TransactionEnd
{
    /// <summary>What was written in it stands.</summary>
    Committed,

    /// <summary>Its body decided against it: nothing was written.</summary>
    Abandoned,

    /// <summary>Others were in the way each time we tried: nothing was written.</summary>
    Busy,
}
