namespace XenBalloon.Xen.Checked;

/// <summary>What an error of xenstore means to us. The two xenstoreds differ in everything beyond this, so nothing else may be told apart.</summary>
internal enum StoreError
{
    /// <summary>No such node (ENOENT).</summary>
    Missing,

    /// <summary>Not allowed (EACCES).</summary>
    Denied,

    /// <summary>A transaction met another one (EAGAIN): do it all again.</summary>
    Conflict,

    /// <summary>xenstored is gone.</summary>
    ConnectionLost,

    /// <summary>Anything else.</summary>
    Other,
}
