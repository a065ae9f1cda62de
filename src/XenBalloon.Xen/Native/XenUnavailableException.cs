namespace XenBalloon.Xen.Native;

/// <summary>
/// The Xen of this machine cannot be managed. The message is one line: what is wrong, then how to fix it.
/// </summary>
public sealed class XenUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="cause">What is missing.</param>
    /// <param name="message">What is wrong and how to fix it, in one line.</param>
    /// <param name="innerException">The underlying error.</param>
    public XenUnavailableException(XenUnavailableCause cause, string message, Exception? innerException = null)
        : base(message, innerException) => Cause = cause;

    /// <summary>What is missing.</summary>
    public XenUnavailableCause Cause { get; }
}

/// <summary>What is missing to manage the Xen of this machine.</summary>
public enum XenUnavailableCause
{
    /// <summary>The machine does not run under Xen, or /sys does not show it.</summary>
    NotXen,

    /// <summary>The machine runs under Xen, but this is not the control domain.</summary>
    NotDom0,

    /// <summary>The hypervisor shim is not installed, or does not load.</summary>
    NoShim,

    /// <summary>The hypervisor shim was built from another version of this program.</summary>
    ShimMismatch,

    /// <summary>The running Xen is newer than the hypervisor shim, and has another interface.</summary>
    UnknownInterface,

    /// <summary>The hypervisor refuses the connection.</summary>
    NoHypervisor,

    /// <summary>libxenstore is not installed.</summary>
    NoXenStoreLibrary,

    /// <summary>xenstored does not answer.</summary>
    NoXenStore,
}
