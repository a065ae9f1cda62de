namespace XenBalloon.Xen.Watches;

/// <summary>What an event meant.</summary>
internal enum WatchEffect
{
    /// <summary>Nothing: a registration, a node below a leaf, or a watch that is no more.</summary>
    None,

    /// <summary>Something changed that the next snapshot will show.</summary>
    Changed,

    /// <summary>The guest went over its budget with this very event: its watches are to be taken away.</summary>
    Flood,
}
