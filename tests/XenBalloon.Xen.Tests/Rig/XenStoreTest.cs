using Microsoft.Extensions.Time.Testing;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Checked;
using XenBalloon.Xen.Native;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>A test on a host of its own: a real xenstored of either kind, a double of the hypervisor, and the host under test on both.</summary>
[TestFixture("xenstored")]
[TestFixture("oxenstored")]
internal abstract class XenStoreTest(string daemonName)
{
    private readonly List<GuestRing> guests = [];

    protected StubDaemon Daemon { get; private set; } = null!;

    protected Toolstack Toolstack { get; private set; } = null!;

    protected FakeHypervisor Hypervisor { get; private set; } = null!;

    protected FakeTimeProvider Time { get; private set; } = null!;

    protected XenHost Host { get; private set; } = null!;

    /// <summary>The guests that were created, in this order; they go with the test.</summary>
    protected IReadOnlyList<GuestRing> Guests => guests;

    [SetUp]
    public void Start()
    {
        Daemon = new StubDaemon(daemonName);
        Toolstack = new Toolstack(Daemon);
        Hypervisor = new FakeHypervisor();
        Time = new FakeTimeProvider();
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

    /// <summary>A connection of the product's own to the daemon.</summary>
    protected XenStoreConnection Connect()
    {
        Toolstack.Use(Daemon.Socket);
        return XenStoreConnection.Open(XenStoreLibrary.Load(new XenHostOptions().XenStoreLibraries));
    }

    /// <summary>Another host under test on the same xenstored, as after a restart of our daemon.</summary>
    protected XenHost OpenHost() => new(Connect(), Hypervisor, "test", Time);

    /// <summary>A domain as the toolstack describes it, for the test to create.</summary>
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

    /// <summary>What the host shows of a domain now.</summary>
    protected DomainSnapshot Look(TestDomain domain) => Host.Observe().Domains.Single(seen => seen.Identity == domain.Identity);

    /// <summary>Waits for the next report of a domain, newer than any seen.</summary>
    protected GuestReport NextReport(TestDomain domain, GuestReport? previous = null)
    {
        GuestReport? report = null;
        Eventually.True(
            () => (report = Look(domain).Report) is not null && report.ReceivedAt > (previous?.ReceivedAt ?? TimeSpan.MinValue),
            $"a report of domain {domain.Domid}");
        return report!;
    }

    /// <summary>Waits until no event has come for a while: what was written before is on its way through two processes.</summary>
    protected void Settle()
    {
        long before;
        do
        {
            before = Host.WatchEvents;
            Thread.Sleep(100);
        }
        while (Host.WatchEvents != before);
    }

    /// <summary>Asks for a target.</summary>
    protected CommandOutcome SetTarget(TestDomain domain, long kib) =>
        Host.Execute(new HostCommand(HostCommandKind.SetTarget, domain.Identity, new KiB(kib)));
}
