using XenBalloon.Xen.Native;

namespace XenBalloon.Daemon.Loop;

/// <summary>
/// The exit status of the daemon, as the loop or a failed start sets it: one for each remedy. Listed in xenballoond(8).
/// </summary>
internal enum ExitStatus
{
    /// <summary>Stopped by a signal, or --check found no error.</summary>
    Ok = 0,

    /// <summary>Internal error; see the log.</summary>
    Failed = 1,

    /// <summary>Invalid command line.</summary>
    Usage = 2,

    /// <summary>--check found an error that has no status of its own.</summary>
    CheckFailed = 3,

    /// <summary>The configuration file is missing or cannot be read.</summary>
    ConfigurationUnreadable = 10,

    /// <summary>The configuration is invalid.</summary>
    ConfigurationInvalid = 11,

    /// <summary>Not on Xen, or not in dom0 as root.</summary>
    NotDom0 = 20,

    /// <summary>No hypervisor shim, one that does not match the daemon, or a Xen that it does not know.</summary>
    NoShim = 21,

    /// <summary>libxenstore is missing, or xenstored does not answer.</summary>
    NoXenStore = 22,

    /// <summary>There is no system bus, or it refuses the connection.</summary>
    NoBus = 30,

    /// <summary>Another program owns the bus name.</summary>
    BusNameTaken = 31,

    /// <summary>Another daemon manages this host.</summary>
    AlreadyRunning = 32,

    /// <summary>xenstored died: the service manager restarts the daemon.</summary>
    HostLost = 40,
}

/// <summary>The exit statuses of errors that other projects report.</summary>
internal static class ExitStatuses
{
    /// <summary>The status if Xen cannot be managed.</summary>
    internal static ExitStatus ToExitStatus(this XenUnavailableCause cause) => cause switch
    {
        XenUnavailableCause.NoShim or XenUnavailableCause.ShimMismatch or XenUnavailableCause.UnknownInterface =>
            ExitStatus.NoShim,
        XenUnavailableCause.NoXenStoreLibrary or XenUnavailableCause.NoXenStore => ExitStatus.NoXenStore,
        _ => ExitStatus.NotDom0,
    };
}
