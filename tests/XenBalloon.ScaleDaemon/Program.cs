using System.Globalization;
using XenBalloon.Daemon.Startup;
using XenBalloon.ScaleDaemon;

// xenballoond-scale CONFIG STATE DOMAINS: runs the daemon, until SIGTERM, on the xenstored that XENSTORED_PATH names.
// DOMAINS is a number of domains that keep their size, or a file that says which domains there are and how large they
// are. Beside that, the size of the GC heap is written every second; beside STATE, the number of passes.
bool isStill = int.TryParse(args[2], CultureInfo.InvariantCulture, out int domains);
using Timer? heap = isStill ? null : new Timer(_ => WriteHeap(args[2] + ".heap"), null, 1000, 1000);
using PassCounter passes = new(args[1] + ".passes");
return await DaemonRun.RunAsync(
    new DaemonOptions(args[0], Check: false, args[1]),
    new ScaleHost(isStill ? new StillHypervisor(domains, passes) : new DirectedHypervisor(args[2])),
    CancellationToken.None).ConfigureAwait(false);

static void WriteHeap(string path) => File.WriteAllText(
    path, (GC.GetGCMemoryInfo().HeapSizeBytes / 1048576.0).ToString("0.000", CultureInfo.InvariantCulture));
