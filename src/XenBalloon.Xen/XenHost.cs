using System.Collections.Immutable;
using System.Text;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Domains;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen;

/// <summary>The Xen host that this process manages as dom0.</summary>
public sealed class XenHost : IXenHost
{
    private static readonly StoreString HostToken = new(Encoding.ASCII.GetString(ChangedNodes.HostToken));

    private readonly XenStoreConnection requests, watches;
    private readonly IHypervisor hypervisor;
    private readonly MonotonicClock clock;
    private readonly ChangeSignal signal = new();
    private readonly DomainTracker tracker;
    private readonly MigrationWatch migrations;
    private readonly DomainObserver observer;
    private readonly CommandExecutor executor;
    private readonly WatchReader reader;
    private bool disposed;

    /// <summary>
    /// Owns the connections: it closes them when it is disposed. libxenstore starts a thread for a connection that has
    /// watches, and each reply then passes from one thread to the other. So requests have a connection of their own.
    /// </summary>
    internal XenHost(
        XenStoreConnection requests,
        XenStoreConnection watches,
        IHypervisor hypervisor,
        string description,
        XenHostOptions options,
        TimeProvider time)
    {
        this.requests = requests;
        this.watches = watches;
        this.hypervisor = hypervisor;
        Description = description;
        CommandLine = hypervisor.CommandLine;
        clock = new MonotonicClock(time);
        XenStore store = new(requests);
        ChangedNodes changed = new(clock);
        tracker = new DomainTracker(watches, changed);
        migrations = new MigrationWatch(options.Processes, clock);
        observer = new DomainObserver(
            new NodeReader(store, changed, clock),
            new ReportCollector(store, changed, tracker, clock),
            hypervisor,
            migrations,
            new LibxlConfiguration(options.LibxlData),
            clock);
        executor = new CommandExecutor(store, hypervisor, tracker);
        watches.Watch(new StoreString("@introduceDomain"), HostToken);
        watches.Watch(new StoreString("@releaseDomain"), HostToken);
        reader = new WatchReader(watches, store, changed, signal);
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>The command line that Xen was booted with; null when it cannot be read.</summary>
    public string? CommandLine { get; }

    /// <summary>The number of xenstore events read so far.</summary>
    internal long WatchEvents => reader.Events;

    /// <summary>Connects to the hypervisor and to xenstored. Writes nothing.</summary>
    /// <param name="options">Where to find Xen.</param>
    /// <param name="time">The clock of the snapshots.</param>
    /// <exception cref="XenUnavailableException">The Xen of this machine cannot be managed.</exception>
    public static XenHost Open(XenHostOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        XenVersion version = RunningXen.Version(options.SysHypervisor);
        RunningXen.RequireDom0(options.Capabilities);
        LibXenStore.Load(options.XenStoreLibraries);
        HypervisorConnection hypervisor =
            HypervisorConnection.Open(HypervisorShim.Load(options.ShimDirectories), version);
        XenStoreConnection? requests = null, watches = null;
        try
        {
            requests = XenStoreConnection.Open();
            watches = XenStoreConnection.Open();
            return new XenHost(requests, watches, hypervisor, $"Xen {version}", options, time);
        }
        catch (Exception failure)
        {
            if (failure is HostLostException)
            {
                requests?.Abandon();
                watches?.Abandon();
            }

            requests?.Dispose();
            watches?.Dispose();
            hypervisor.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public HostSnapshot Observe() => WhileConnected(TakeSnapshot);

    /// <summary>
    /// Whether an agent of XenServer has ever reported in a domain: reports from before this object was opened are in
    /// no snapshot.
    /// </summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    public bool HasXenServerNode(int domid) =>
        WhileConnected(() => requests.Read(0, new DomainPaths(domid).MeminfoTotal) is not null);

    /// <inheritdoc/>
    public CommandOutcome Execute(HostCommand command) => WhileConnected(() => executor.Execute(command));

    /// <inheritdoc/>
    public Task WaitForChangeAsync(CancellationToken cancellation) => signal.Changed.WaitAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        if (!reader.Stop() || signal.Lost is not null)
        {
            requests.Abandon();
            watches.Abandon();
        }

        requests.Dispose();
        watches.Dispose();
        this.hypervisor.Dispose();
    }

    private HostSnapshot TakeSnapshot()
    {
        // Before anything is read: this snapshot or the next one shows what changes from here on.
        signal.Reset();
        ReadOnlySpan<HypervisorDomain> domains = Manageable(this.hypervisor.Domains());
        HypervisorMemory memory = this.hypervisor.Memory();
        migrations.Update();
        ReadOnlySpan<TrackedDomain> tracked = tracker.Update(domains);
        TimeSpan now = clock.Now;
        ImmutableArray<DomainSnapshot>.Builder snapshots =
            ImmutableArray.CreateBuilder<DomainSnapshot>(domains.Length);
        for (int i = 0; i < domains.Length; i++) snapshots.Add(observer.Observe(domains[i], tracked[i], now));
        return new HostSnapshot
        {
            // Last, so that every report in the snapshot is older.
            At = clock.Stamp(),
            Total = memory.Total,
            Free = KiB.Max(KiB.Zero, memory.Free - memory.Outstanding),
            Domains = snapshots.MoveToImmutable(),
        };
    }

    private static ReadOnlySpan<HypervisorDomain> Manageable(ReadOnlySpan<HypervisorDomain> domains)
    {
        int count = domains.Length;
        while (count > 0 && domains[count - 1].Identity.Domid >= HypervisorDomain.FirstReserved) count--;
        return domains[..count];
    }

    private T WhileConnected<T>(Func<T> action)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (signal.Lost is { } earlier) throw new HostLostException(earlier.Message, earlier);
        try
        {
            return action();
        }
        catch (HostLostException lost)
        {
            signal.SetLost(lost);
            throw;
        }
        catch (XenStoreException unexpected)
        {
            // No request of a snapshot fails on its own account: the connection or xenstored is broken.
            HostLostException lost = new($"xenstored is not usable: {unexpected.Message}", unexpected);
            signal.SetLost(lost);
            throw lost;
        }
    }
}

/// <summary>Where <see cref="XenHost.Open"/> finds Xen. The defaults fit every host; tests set other places.</summary>
public sealed record XenHostOptions
{
    /// <summary>Where Linux shows the running Xen.</summary>
    public string SysHypervisor { get; init; } = "/sys/hypervisor";

    /// <summary>Where Linux lists what the domain may do: <c>control_d</c> in dom0.</summary>
    public string Capabilities { get; init; } = "/proc/xen/capabilities";

    /// <summary>Where the processes of dom0 are listed.</summary>
    public string Processes { get; init; } = "/proc";

    /// <summary>XEN_LIB_DIR, where libxl keeps the configurations of its domains.</summary>
    public string LibxlData { get; init; } = "/var/lib/xen";

    /// <summary>
    /// The directories to search for <c>libxenballoon-hv.so</c>: beside the program as built, beside it as installed,
    /// and in the system.
    /// </summary>
    public IReadOnlyList<string> ShimDirectories { get; init; } =
    [
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "lib")),
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "lib", "xenballoon")),
        "/usr/lib/xenballoon",
    ];

    /// <summary>The sonames of libxenstore to try: of Xen 4.16 and later, then of 4.15 and before.</summary>
    public IReadOnlyList<string> XenStoreLibraries { get; init; } = ["libxenstore.so.4", "libxenstore.so.3.0"];
}
