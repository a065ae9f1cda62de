namespace XenBalloon.Xen;

/// <summary>Why this machine's Xen cannot be managed.</summary>
public enum XenUnavailableCause
{
    /// <summary>The machine does not run under Xen, or its /sys does not show it.</summary>
    NotXen,

    /// <summary>It runs under Xen, but not as the control domain.</summary>
    NotDom0,

    /// <summary>No hypervisor shim for the running version of Xen was found, or it could not be loaded.</summary>
    NoShim,

    /// <summary>A shim was found, but it is of another build than this program.</summary>
    ShimMismatch,

    /// <summary>The shim was loaded, but the hypervisor would not talk.</summary>
    NoHypervisor,

    /// <summary>libxenstore is not installed.</summary>
    NoXenStoreLibrary,

    /// <summary>xenstored does not answer.</summary>
    NoXenStore,
}
