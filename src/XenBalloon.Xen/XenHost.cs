using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Checked;
using XenBalloon.Xen.Domains;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Watches;

namespace XenBalloon.Xen;

/// <summary>The Xen host that this process is dom0 of.</summary>
public sealed class XenHost : IXenHost
{
    private static readonly StorePath HostToken = new(System.Text.Encoding.ASCII.GetString(DirtySet.HostToken));

    private readonly XenStoreConnection connection;
    private readonly IHypervisor hypervisor;
    private readonly MonotonicClock clock;
    private readonly ChangeSignal signal = new();
    private readonly DomainTracker tracker;
    private readonly DomainObserver observer;
    private readonly CommandExecutor executor;
    private readonly WatchReader reader;
    private bool disposed;

    /// <summary>Takes over both connections: they are closed with the host.</summary>
    internal XenHost(XenStoreConnection connection, IHypervisor hypervisor, string description, TimeProvider time)
    {
        this.connection = connection;
        this.hypervisor = hypervisor;
        Description = description;
        clock = new MonotonicClock(time);
        XenStore store = new(connection);
        DirtySet dirty = new(clock);
        tracker = new DomainTracker(connection, dirty);
        observer = new DomainObserver(
            new LeafReader(store, dirty, clock), new NotesReader(store, clock), new PopulationGauge(hypervisor),
            new ReportCollector(store, dirty, tracker, clock));
        executor = new CommandExecutor(store, hypervisor, tracker);
        CommandLine = hypervisor.CommandLine();
        connection.Watch(new StorePath("@introduceDomain"), HostToken);
        connection.Watch(new StorePath("@releaseDomain"), HostToken);
        reader = new WatchReader(connection, store, dirty, signal);
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>The command line that Xen was booted with (<c>dom0_mem=…</c>); null when it will not say.</summary>
    public string? CommandLine { get; }

    /// <summary>Events taken from xenstore so far.</summary>
    internal long WatchEvents => reader.Events;

    /// <summary>Connects to the hypervisor and to xenstored. Writes nothing.</summary>
    /// <param name="options">Where to look for Xen.</param>
    /// <param name="time">The clock of the snapshots.</param>
    /// <exception cref="XenUnavailableException">There is no Xen to manage here; the message says what is missing and what to do.</exception>
    public static XenHost Open(XenHostOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        XenVersion version = XenVersion.Running(options.SysHypervisor);
        ControlDomain.Require(options.Capabilities);
        XenStoreLibrary library = XenStoreLibrary.Load(options.XenStoreLibraries);
        HypervisorConnection hypervisor = HypervisorConnection.Open(HypervisorLoader.Load(version, options.ShimDirectories));
        XenStoreConnection? connection = null;
        try
        {
            connection = XenStoreConnection.Open(library);
            return new XenHost(connection, hypervisor, $"Xen {version}", time);
        }
        catch (Exception failure)
        {
            if (failure is HostLostException) connection?.Abandon();
            connection?.Dispose();
            hypervisor.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public HostSnapshot Observe() => WhileConnected(Look);

    /// <inheritdoc/>
    public CommandOutcome Execute(HostCommand command) => WhileConnected(() => executor.Execute(command));

    /// <inheritdoc/>
    public Task WaitForChangeAsync(CancellationToken cancellation) => signal.Changed.WaitAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        if (!reader.Stop() || signal.Lost is not null) this.connection.Abandon();
        this.connection.Dispose();
        this.hypervisor.Dispose();
    }

    private HostSnapshot Look()
    {
        // Before anything is read: what changes from here on is seen either now or the next time.
        signal.Reset();
        HypervisorDomain[] domains = [.. this.hypervisor.Domains().Where(domain => domain.Identity.Domid < HypervisorDomain.FirstReserved)];
        HypervisorMemory memory = this.hypervisor.Memory();
        tracker.Update(domains);
        ImmutableArray<DomainSnapshot>.Builder snapshots = ImmutableArray.CreateBuilder<DomainSnapshot>(domains.Length);
        foreach (HypervisorDomain domain in domains) snapshots.Add(observer.Observe(domain, tracker.Find(domain.Identity.Domid)!));
        return new HostSnapshot
        {
            // Last, so that no report in it is from its future.
            At = clock.Stamp(),
            Total = memory.Total,
            Free = KiB.Max(KiB.Zero, memory.Free - memory.Outstanding),
            Domains = snapshots.MoveToImmutable(),
        };
    }

    private T WhileConnected<T>(Func<T> act)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (signal.Lost is { } before) throw new HostLostException(before.Message, before);
        try
        {
            return act();
        }
        catch (HostLostException lost)
        {
            signal.Lose(lost);
            throw;
        }
        catch (XenStoreException unexpected)
        {
            // Only the errors of a broken connection or a broken daemon come here: an answer that no fixed leaf of ours can have.
            HostLostException lost = new($"xenstored cannot be worked with: {unexpected.Message}", unexpected);
            signal.Lose(lost);
            throw lost;
        }
    }
}
