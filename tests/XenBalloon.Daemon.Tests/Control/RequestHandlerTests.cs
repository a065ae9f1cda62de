using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using XenBalloon.Bus;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Control;
using XenBalloon.Daemon.Dom0;
using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.State;
using XenBalloon.Daemon.Tests.Logging;
using XenBalloon.Daemon.Tests.State;

namespace XenBalloon.Daemon.Tests.Control;

/// <summary>Requests on a host with one guest and 1 GiB free, with real files.</summary>
public abstract class RequestHandlerTests
{
    private protected static readonly DomainIdentity Web = new(3, Sample.Web), Missing = new(9, Sample.Db);

    private IXenHost host;

    private protected StateFolder Folder { get; private set; }

    private protected HostBalancer Balancer { get; private set; }

    private protected RecordingLogger<RequestHandler> Log { get; private set; }

    private protected RequestHandler Handler { get; private set; }

    private protected StateStore Store { get; private set; }

    private protected string ConfigurationFile { get; private set; }

    private protected Dom0Facts Dom0 { get; set; }

    [SetUp]
    public void SetUp()
    {
        Folder = new StateFolder();
        Dom0 = Dom0Facts.Unknown;
        ConfigurationFile = Path.GetTempFileName();
        host = Substitute.For<IXenHost>();
        host.Observe().Returns(_ => Snapshot());
        Start();
    }

    [TearDown]
    public void TearDown()
    {
        host.Dispose();
        Folder.Dispose();
        File.Delete(ConfigurationFile);
    }

    private protected DomainSettings Settings => Balancer.Settings.ToBalancerSettings().For(Web, "web");

    private protected static long MiB(long mib) => KiB.FromMiB(mib).Value;

    private protected static void Refused(ControlError error, Action change, string remedy = "")
    {
        ControlException refused = Assert.Throws<ControlException>(change)!;
        Assert.That(refused.Message, Does.Contain(remedy));
        Assert.That(refused.Error, Is.EqualTo(error));
    }

    private protected void Set(bool transient, params (DomainSetting Setting, long? Value)[] changes) =>
        Handler.SetDomain(Web, changes.ToDictionary(change => change.Setting, change => change.Value), transient);

    private static HostSnapshot Snapshot() => new()
    {
        At = TimeSpan.FromSeconds(Environment.TickCount64 / 1000.0),
        Total = KiB.FromMiB(2048),
        Free = KiB.FromMiB(1024),
        Domains = [Domain(0, Guid.Empty, "Domain-0", 512), Domain(3, Sample.Web, "web", 512)],
    };

    private static DomainSnapshot Domain(int domid, Guid uuid, string name, long size) => new()
    {
        Identity = new DomainIdentity(domid, uuid),
        Name = name,
        Actual = KiB.FromMiB(size),
        Target = KiB.FromMiB(size),
        MaxMem = KiB.FromMiB(size + 1),
        StaticMax = KiB.FromMiB(1024),
        BootMemory = KiB.FromMiB(size),
    };

    private protected void Configure(string text) => File.WriteAllText(ConfigurationFile, text);

    /// <summary>Starts a daemon with the present state directory.</summary>
    private protected void Start()
    {
        Store = Folder.Open();
        var guard = new ActiveGuard(() => Dom0);
        DaemonConfiguration read = guard.Check(ConfigurationReader.Read(ConfigurationFile));
        var applier = new PlanApplier(host, NullLogger<PlanApplier>.Instance);
        Balancer = new HostBalancer(host, applier, read, Store, TimeProvider.System);
        Log = new RecordingLogger<RequestHandler>();
        var manager = new ServiceNotifier(TimeProvider.System, Substitute.For<ISystemdNotifier>());
        Handler = new RequestHandler(Balancer, Store, manager, guard, Log);
        Balancer.MakePlan();
        Store.SaveIfChanged(Balancer.State);
    }
}
