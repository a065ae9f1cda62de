using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using XenBalloon.Testing;
using XenBalloon.Xen;
using XenBalloon.Xen.Native;

namespace XenBalloon.Benchmarks;

/// <summary>
/// What the published daemon and the real xenstored use on a host with many domains that need nothing: CPU, memory, and
/// the values that the daemon writes. The hypervisor is made up, so its calls cost nothing.
/// </summary>
internal static partial class ScaleBenchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15), Measurement = TimeSpan.FromSeconds(60);

    private static readonly (string Name, double PerSecond)[] Loads =
        [("silent", 0), ("minute", 1 / 60.0), ("second", 1)];

    private static readonly int[] Sizes = [10, 100, 500, 1000];

    /// <summary>Measures and prints a table.</summary>
    /// <param name="selection">Numbers of domains and names of loads; those that are not named are left out.</param>
    internal static void Run(string[] selection)
    {
        int[] sizes = [.. Sizes.Where(size => selection.Contains($"{size}"))];
        (string Name, double PerSecond)[] loads = [.. Loads.Where(load => selection.Contains(load.Name))];
        Console.WriteLine($"CPU in % of a core over {Measurement.TotalSeconds} s; RSS in MB");
        Console.WriteLine("domains  reports    daemon  xenstored    RSS  switches/s  targets written");
        foreach (int domains in sizes.Length > 0 ? sizes : Sizes)
        {
            foreach ((string name, double perSecond) in loads.Length > 0 ? loads : Loads)
            {
                using var host = new ScaleHost(domains);
                Console.WriteLine(host.Measure(name, perSecond));
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    /// <summary>A bus, a xenstored and a daemon.</summary>
    private sealed class ScaleHost : IDisposable
    {
        private const string OtherValues =
            "free_kib=200000 anon_kib=120000 file_kib=60000 shmem_kib=1304 slab_kib=4856 swap_kib=157820 swapped_kib=0 "
            + "committed_kib=130000 balloon_kib=524288 refaults=0 majfaults=0 swapins=0 oom_kills=0 some_bp=0 "
            + "some_us=0 full_bp=0 full_us=0 io_bp=0";

        private readonly int domains;
        private readonly PrivateBus bus = new();
        private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("xenballoon-scale-");
        private readonly string socket;
        private readonly Process xenstored, daemon;
        private readonly XenStoreConnection store;
        private readonly StoreString[] reports;
        private long sequence;

        internal ScaleHost(int domains)
        {
            this.domains = domains;
            reports = [.. Enumerable.Range(1, domains).Select(domid => Node(domid, "data/xenballoon"))];
            socket = Path.Combine(directory.FullName, "socket");
            xenstored = StartXenstored(directory.FullName);
            SetEnvironment("XENSTORED_PATH", socket, 1);
            WaitUntil(() => File.Exists(socket), "xenstored listens");
            LibXenStore.Load(new XenHostOptions().XenStoreLibraries);
            store = XenStoreConnection.Open();
            for (int domid = 1; domid <= domains; domid++)
            {
                Write(domid, "vm", $"/vm/{new Guid(domid, 0, 0, new byte[8])}");
                Write(domid, "name", $"guest{domid}");
                Write(domid, "memory/static-max", "524288");
                Write(domid, "memory/target", "524288");
                Report(domid);
            }

            daemon = StartDaemon();
            WaitUntil(() => File.Exists(Path.Combine(directory.FullName, "state", "state.json")), "the daemon runs");
        }

        /// <summary>A line of the table.</summary>
        internal string Measure(string load, double reportsPerSecond)
        {
            // The daemon requests reports that it has not seen arrive.
            for (int domid = 1; domid <= domains; domid++) Report(domid);
            Send(reportsPerSecond, WarmUp);
            (TimeSpan Cpu, long Switches) daemonBefore = Usage(daemon.Id), storeBefore = Usage(xenstored.Id);
            TimeSpan lasted = Send(reportsPerSecond, Measurement);
            (TimeSpan Cpu, long Switches) daemonAfter = Usage(daemon.Id), storeAfter = Usage(xenstored.Id);
            int written = Enumerable.Range(1, domains)
                .Count(domid => store.Read(0, Node(domid, "memory/target")) != "524288");
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{domains,7}  {load,-7}  {100 * ((daemonAfter.Cpu - daemonBefore.Cpu) / lasted),7:0.000}  "
                + $"{100 * ((storeAfter.Cpu - storeBefore.Cpu) / lasted),9:0.000}  {ResidentMB(daemon.Id),5:0.0}  "
                + $"{(daemonAfter.Switches - daemonBefore.Switches) / lasted.TotalSeconds,10:0}  {written,15}");
        }

        public void Dispose()
        {
            store.Dispose();
            foreach (Process process in new[] { daemon, xenstored })
            {
                process.Kill();
                process.WaitForExit();
                process.Dispose();
            }

            bus.Dispose();
            directory.Delete(recursive: true);
        }

        /// <summary>Sends the reports of all domains, evenly over the time.</summary>
        /// <returns>The time that it took.</returns>
        private TimeSpan Send(double perSecond, TimeSpan time)
        {
            long began = Stopwatch.GetTimestamp();
            double interval = perSecond == 0 ? double.PositiveInfinity : 1 / (perSecond * domains);
            for (double due = interval; due < time.TotalSeconds; due += interval)
            {
                TimeSpan rest = TimeSpan.FromSeconds(due) - Stopwatch.GetElapsedTime(began);
                if (rest > TimeSpan.Zero) Thread.Sleep(rest);
                Report((int)(sequence % domains) + 1);
            }

            TimeSpan end = time - Stopwatch.GetElapsedTime(began);
            if (end > TimeSpan.Zero) Thread.Sleep(end);
            return Stopwatch.GetElapsedTime(began);
        }

        /// <summary>As the agent of a guest that uses half of its memory.</summary>
        private void Report(int domid)
        {
            long number = ++sequence, available = 250_000 + (number * 7919 % 4096);
            string values = string.Create(
                CultureInfo.InvariantCulture,
                $"v=1 seq={number} uptime_ms={number} time_s={number} total_kib=512000 available_kib={available}");
            store.Write(0, reports[domid - 1], $"{values} {OtherValues}");
        }

        private void Write(int domid, string leaf, string value) => store.Write(0, Node(domid, leaf), value);

        private static StoreString Node(int domid, string leaf) => new($"/local/domain/{domid}/{leaf}");

        private Process StartDaemon()
        {
            string configuration = Path.Combine(directory.FullName, "xenballoon.conf");
            File.WriteAllText(configuration, "[host]\nmode = active\n");
            string program = Path.Combine(Repository.Root, "artifacts", "published", "Scale", "xenballoond-scale");
            string[] arguments = [configuration, Path.Combine(directory.FullName, "state"), $"{domains}"];
            var start = new ProcessStartInfo(program, arguments);
            start.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = bus.Address;
            start.Environment["XENSTORED_PATH"] = socket;
            return Process.Start(start)!;
        }

        private static Process StartXenstored(string home)
        {
            string scripts = Path.Combine(Repository.Root, "tests", "xenstored");
            string stub = Path.Combine(home, "stub.so");
            string packages = Command.Run(Path.Combine(scripts, "fetch"), []).Output.Trim();
            Command.Run(Path.Combine(scripts, "build"), [stub]);
            return Process.Start(Path.Combine(scripts, "start"), ["xenstored", stub, packages, home]);
        }

        /// <summary>The CPU time of a process and how often its threads waited. Exact, unlike /proc/PID/stat.</summary>
        private static (TimeSpan Cpu, long Switches) Usage(int process)
        {
            long nanoseconds = 0, switches = 0;
            foreach (string task in Directory.EnumerateDirectories($"/proc/{process}/task"))
            {
                nanoseconds += long.Parse(
                    File.ReadAllText($"{task}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture);
                switches += File.ReadLines($"{task}/status").Where(line => line.Contains("ctxt_switches", default))
                    .Sum(line => long.Parse(line.Split('\t')[1], CultureInfo.InvariantCulture));
            }

            return (TimeSpan.FromMicroseconds(nanoseconds / 1000.0), switches);
        }

        private static double ResidentMB(int process) =>
            long.Parse(
                File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS", default))
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
                CultureInfo.InvariantCulture) / 1024.0;

        private static void WaitUntil(Func<bool> condition, string what)
        {
            long began = Stopwatch.GetTimestamp();
            while (!condition())
            {
                if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(30)) throw new TimeoutException(what);
                Thread.Sleep(20);
            }
        }
    }
}
