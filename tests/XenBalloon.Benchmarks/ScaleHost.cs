using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using XenBalloon.Testing;
using XenBalloon.Xen;
using XenBalloon.Xen.Native;

namespace XenBalloon.Benchmarks;

/// <summary>A bus, a real xenstored, and the published daemon on a made-up hypervisor.</summary>
internal sealed partial class ScaleHost : IDisposable
{
    private const string OtherValues =
        "free_kib=200000 anon_kib=120000 file_kib=60000 shmem_kib=1304 slab_kib=4856 swap_kib=157820 swapped_kib=0 "
        + "committed_kib=130000 balloon_kib=524288 refaults=0 majfaults=0 swapins=0 oom_kills=0 some_bp=0 "
        + "some_us=0 full_bp=0 full_us=0 io_bp=0";

    private readonly PrivateBus bus = new();
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("xenballoon-scale-");
    private readonly string socket;
    private readonly Process xenstored, daemon;
    private readonly XenStoreConnection store;
    private readonly nint toolstack;
    private readonly Dictionary<int, StoreString> reports = [];

    /// <summary>Starts a host.</summary>
    /// <param name="domains">The number of domains that keep their size; 0 for those of <see cref="Direct"/>.</param>
    internal ScaleHost(int domains)
    {
        Domains = domains;
        socket = Path.Combine(directory.FullName, "socket");
        xenstored = StartXenstored(directory.FullName);
        SetEnvironment("XENSTORED_PATH", socket, 1);
        WaitUntil(() => File.Exists(socket), "xenstored listens");
        LibXenStore.Load(new XenHostOptions().XenStoreLibraries);
        store = XenStoreConnection.Open();
        toolstack = OpenStore(default);
        for (int domid = 1; domid <= domains; domid++)
        {
            Create(domid, new Guid(domid, 0, 0, new byte[8]), $"guest{domid}");
            Report(domid);
        }

        if (domains == 0) Direct([]);
        daemon = StartDaemon();
        WaitUntil(() => File.Exists(Path.Combine(StateDirectory, "state.json")), "the daemon runs");
    }

    /// <summary>The number of domains.</summary>
    internal int Domains { get; }

    /// <summary>The number of reports so far.</summary>
    internal long Reports { get; private set; }

    /// <summary>The process of the daemon.</summary>
    internal ProcessUsage Daemon => new(daemon.Id);

    /// <summary>The process of xenstored.</summary>
    internal ProcessUsage Xenstored => new(xenstored.Id);

    /// <summary>The bus.</summary>
    internal string BusAddress => bus.Address;

    private string Configuration => Path.Combine(directory.FullName, "xenballoon.conf");

    /// <summary>The GC heap of the daemon, in MB, at its last collection; it writes that every second.</summary>
    internal double HeapMB => double.TryParse(
        File.Exists(DirectionsFile + ".heap") ? File.ReadAllText(DirectionsFile + ".heap") : "0",
        CultureInfo.InvariantCulture,
        out double heap) ? heap : 0;

    /// <summary>The number of passes of the daemon; null if it does not count them.</summary>
    internal long? Passes => File.Exists(StateDirectory + ".passes")
        ? BitConverter.ToInt64(File.ReadAllBytes(StateDirectory + ".passes"))
        : null;

    private string StateDirectory => Path.Combine(directory.FullName, "state");

    private string DirectionsFile => Path.Combine(directory.FullName, "domains");

    /// <summary>Writes the daemon's configuration file.</summary>
    /// <param name="lines">More lines of the section [host].</param>
    internal void Configure(string lines) =>
        File.WriteAllText(Configuration, $"[host]\nmode = active\nlog-level = error\n{lines}\n");

    /// <summary>Creates the nodes of a domain, as a toolstack does.</summary>
    internal void Create(int domid, Guid uuid, string name)
    {
        Write(domid, "vm", $"/vm/{uuid}");
        Write(domid, "name", name);
        Write(domid, "memory/static-max", "524288");
        Write(domid, "memory/target", "524288");
    }

    /// <summary>Removes the nodes of a domain.</summary>
    internal void Remove(int domid)
    {
        reports.Remove(domid);
        if (!RemoveNode(toolstack, 0, $"/local/domain/{domid}")) throw new IOException($"cannot remove domain {domid}");
    }

    /// <summary>Has the hypervisor show these domains from now on.</summary>
    internal void Direct(IEnumerable<(int Domid, Guid Uuid, long Kib)> domains)
    {
        string next = DirectionsFile + ".new";
        File.WriteAllLines(next, domains.Select(domain => $"{domain.Domid} {domain.Uuid} {domain.Kib}"));
        File.Move(next, DirectionsFile, overwrite: true);
    }

    public void Dispose()
    {
        store.Dispose();
        CloseStore(toolstack);
        foreach (Process process in new[] { daemon, xenstored })
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        bus.Dispose();
        directory.Delete(recursive: true);
    }

    /// <summary>As the agent of a guest that uses half of its memory.</summary>
    internal void Report(int domid)
    {
        long number = ++Reports, available = 250_000 + (number * 7919 % 4096);
        string values = string.Create(
            CultureInfo.InvariantCulture,
            $"v=1 seq={number} uptime_ms={number} time_s={number} total_kib=512000 available_kib={available}");
        if (!reports.TryGetValue(domid, out StoreString? node)) node = reports[domid] = Node(domid, "data/xenballoon");
        store.Write(0, node, $"{values} {OtherValues}");
    }

    /// <summary>Reads a node of a domain; null if it does not exist.</summary>
    internal string? Read(int domid, string leaf) => store.Read(0, Node(domid, leaf));

    private void Write(int domid, string leaf, string value) => store.Write(0, Node(domid, leaf), value);

    private static StoreString Node(int domid, string leaf) => new($"/local/domain/{domid}/{leaf}");

    private Process StartDaemon()
    {
        Configure("");
        string program = Path.Combine(Repository.Root, "artifacts", "published", "Scale", "xenballoond-scale");
        string domains = Domains == 0 ? DirectionsFile : $"{Domains}";
        string[] arguments = [Configuration, StateDirectory, domains];
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

    private static void WaitUntil(Func<bool> condition, string what)
    {
        long began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(30)) throw new TimeoutException(what);
            Thread.Sleep(20);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    // The daemon's bindings have no function that removes a node: it never does.
    [LibraryImport("libxenstore.so.4", EntryPoint = "xs_open")]
    private static partial nint OpenStore(CULong flags);

    [LibraryImport("libxenstore.so.4", EntryPoint = "xs_close")]
    private static partial void CloseStore(nint handle);

    [LibraryImport("libxenstore.so.4", EntryPoint = "xs_rm", StringMarshalling = StringMarshalling.Utf8)]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool RemoveNode(nint handle, uint transaction, string path);
}
