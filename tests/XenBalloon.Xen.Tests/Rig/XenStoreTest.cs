using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Native;

// libxenstore reads the path of its socket from the environment of the process.
[assembly: NonParallelizable]

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>
/// A test on a host of its own: a real xenstored of either kind, a fake hypervisor, and the host under test on both.
/// </summary>
[TestFixture("xenstored")]
[TestFixture("oxenstored")]
internal abstract class XenStoreTest(string daemonName)
{
    private readonly List<GuestRing> guests = [];

    protected StubDaemon Daemon { get; private set; } = null!;

    protected Toolstack Toolstack { get; private set; } = null!;

    protected FakeHypervisor Hypervisor { get; private set; } = null!;

    protected FakeTimeProvider Time { get; private set; } = null!;

    /// <summary>The processes of dom0.</summary>
    protected ProcessList Processes { get; private set; } = null!;

    protected XenHost Host { get; private set; } = null!;

    /// <summary>The guests that were created, in this order; disposed after the test.</summary>
    protected IReadOnlyList<GuestRing> Guests => guests;

    [SetUp]
    public void Start()
    {
        Daemon = new StubDaemon(daemonName);
        Toolstack = new Toolstack(Daemon);
        Hypervisor = new FakeHypervisor();
        Time = new FakeTimeProvider();
        Processes = new ProcessList(Path.Combine(Daemon.Home, "proc"));
        Host = OpenHost();
    }

    [TearDown]
    public void Stop()
    {
        Host?.Dispose();
        Hypervisor?.Dispose();
        Toolstack?.Dispose();
        foreach (GuestRing guest in guests) guest.Dispose();
        guests.Clear();
        Daemon?.Dispose();
    }

    /// <summary>A connection of the code under test to the daemon.</summary>
    protected XenStoreConnection Connect()
    {
        Toolstack.UseSocket(Daemon.Socket);
        LibXenStore.Load(new XenHostOptions().XenStoreLibraries);
        return XenStoreConnection.Open();
    }

    /// <summary>Another host under test on the same xenstored, as after a restart of xenballoond.</summary>
    protected XenHost OpenHost() => OpenHost(Connect(), Connect());

    /// <summary>A host under test on these connections.</summary>
    protected XenHost OpenHost(XenStoreConnection requests, XenStoreConnection watches) => new(
        requests,
        watches,
        Hypervisor,
        "test",
        new XenHostOptions { Processes = Processes.Directory, LibxlData = Daemon.Home },
        Time);

    /// <summary>A domain for the test to create.</summary>
    protected static TestDomain Describe(int domid) => new(domid, Guid.NewGuid());

    /// <summary>Creates a domain as the toolstack does: in the hypervisor, in xenstore, then introduced.</summary>
    protected GuestRing Create(TestDomain domain)
    {
        Hypervisor.Add(domain);
        Toolstack.WriteDomain(domain);
        GuestRing guest = Toolstack.Introduce(domain);
        guests.Add(guest);
        return guest;
    }

    /// <summary>Takes a snapshot and returns one domain of it.</summary>
    protected DomainSnapshot Snapshot(TestDomain domain) =>
        Host.Observe().Domains.Single(shown => shown.Identity == domain.Identity);

    /// <summary>Waits for a report of a domain that is newer than the previous one.</summary>
    protected GuestReport NextReport(TestDomain domain, GuestReport? previous = null)
    {
        GuestReport? report = null;
        Eventually.True(
            () => (report = Snapshot(domain).Report) is not null
                && report.ReceivedAt > (previous?.ReceivedAt ?? TimeSpan.MinValue),
            $"a report of domain {domain.Domid}");
        return report!;
    }

    /// <summary>
    /// Waits until no event arrives for a while: the events of earlier writes pass through two processes.
    /// </summary>
    protected void AwaitEvents()
    {
        long before = -1;
        Eventually.True(() => before == (before = Host.WatchEvents), "events stop", pollMs: 100);
    }

    /// <summary>Sets a target, if the domain has the expected one, or in any case (null).</summary>
    protected CommandOutcome SetTarget(TestDomain domain, long kib, long? expectedKiB = null) =>
        Execute(HostCommandKind.SetTarget, domain, kib, expectedKiB);

    /// <summary>Executes a command.</summary>
    protected CommandOutcome Execute(
        HostCommandKind kind, TestDomain domain, long kib = 0, long? expectedKiB = null)
    {
        KiB? expected = expectedKiB is { } size ? new KiB(size) : null;
        return Host.Execute(new HostCommand(kind, domain.Identity, new KiB(kib), expected));
    }
}

/// <summary>Waits for what other processes do. Only a broken one takes as long as the timeout.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    /// <summary>Waits until the condition holds.</summary>
    public static void True(Func<bool> condition, string what, int pollMs = 5) => True(condition, () => what, pollMs);

    /// <summary>Waits until the condition holds.</summary>
    public static void True(Func<bool> condition, Func<string> what, int pollMs = 5)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Timeout)
                throw new TimeoutException($"not within {Timeout.TotalSeconds} s: {what()}");
            Thread.Sleep(pollMs);
        }
    }
}
