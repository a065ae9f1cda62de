namespace XenBalloon.Daemon.Startup;

/// <summary>What the daemon's exit status says: one for each thing that an operator does something else about. Documented in xenballoond(8).</summary>
internal enum ExitStatus
{
    /// <summary>Stopped as asked, or the check found nothing.</summary>
    Ok = 0,

    /// <summary>Something that should not happen; the log says what.</summary>
    Failed = 1,

    /// <summary>Invalid command line.</summary>
    Usage = 2,

    /// <summary>The configuration is missing or cannot be read.</summary>
    ConfigurationUnreadable = 10,

    /// <summary>Invalid configuration.</summary>
    ConfigurationInvalid = 11,

    /// <summary>Not under Xen, or not in its control domain.</summary>
    NotDom0 = 20,

    /// <summary>No hypervisor shim for the running Xen, or one that does not fit.</summary>
    NoShim = 21,

    /// <summary>libxenstore is missing or xenstored does not answer.</summary>
    NoXenStore = 22,

    /// <summary>There is no system bus, or it does not let us in.</summary>
    NoBus = 30,

    /// <summary>The bus name is someone else's.</summary>
    BusNameTaken = 31,

    /// <summary>Another daemon manages this host.</summary>
    AlreadyRunning = 32,

    /// <summary>xenstored died while we ran: the service manager is to start us anew.</summary>
    HostLost = 40,
}
