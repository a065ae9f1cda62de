using System.Globalization;
using XenBalloon.Daemon.Startup;
using XenBalloon.ScaleDaemon;

// xenballoond-scale CONFIG STATE DOMAINS: runs the daemon, until SIGTERM, on the xenstored that XENSTORED_PATH names
// and on a hypervisor with that many domains.
return await DaemonRun.RunAsync(
    new DaemonOptions(args[0], Check: false, args[1]),
    new ScaleHost(int.Parse(args[2], CultureInfo.InvariantCulture)),
    CancellationToken.None).ConfigureAwait(false);
