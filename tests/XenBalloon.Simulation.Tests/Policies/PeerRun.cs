using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Policies;

/// <summary>A peer in charge of a simulated host; its passes come when it requested them or at a change.</summary>
internal sealed class PeerRun : IDisposable
{
    private readonly IMemoryPolicy policy;
    private TimeSpan dueAt;
    private bool wake;

    public PeerRun(Scenario scenario, IMemoryPolicy policy)
    {
        Host = new VirtualHost(scenario);
        this.policy = policy;
    }

    public PeerRun(Scenario scenario, string peer)
        : this(scenario, PeerCatalog.All.Single(entry => entry.Name == peer).Create(scenario))
    {
    }

    public VirtualHost Host { get; }

    /// <summary>The waiting starts.</summary>
    public ImmutableArray<StartRequest> Waiting { get; set; } = [];

    public SimulationReport Report => Host.Host.Report();

    public HostSnapshot Now => Host.Host.Observe();

    /// <summary>2 GiB of host besides dom0, so that two or three of <see cref="Guest"/> do not fit.</summary>
    public static Scenario Crowded(params GuestDescription[] guests) =>
        new()
        {
            Name = "test",
            HostTotal = KiB.FromMiB(2048 + 256),
            Dom0Memory = KiB.FromMiB(256),
            Guests = [.. guests],
        };

    /// <summary>
    /// A guest of 512 MiB, up to 2 GiB, that uses 128 MiB and sends a full agent report every second.
    /// </summary>
    public static GuestDescription Guest(string name, int usedMiB = 128) => VirtualHost.Guest(name) with
    {
        Anonymous = new ConstantLoad(KiB.FromMiB(usedMiB)),
        Reporting = new ReportingDescription { Interval = TimeSpan.FromSeconds(1), Source = ReportSource.Agent },
    };

    /// <summary>A load that rises within two seconds.</summary>
    public static Load Rising(int fromMiB, int toMiB, int atSecond) => new RampLoad(
    [
        new LoadPoint(TimeSpan.FromSeconds(atSecond), KiB.FromMiB(fromMiB)),
        new LoadPoint(TimeSpan.FromSeconds(atSecond + 2), KiB.FromMiB(toMiB)),
    ]);

    public static StartRequest Start(string name, int mib) =>
        new(name, KiB.FromMiB(mib), TimeSpan.Zero, TimeSpan.FromMinutes(10));

    public void Run(double seconds)
    {
        for (int tick = 0; tick < seconds * 10; tick++)
        {
            bool changed = wake && Host.Host.WaitForChangeAsync(CancellationToken.None).IsCompleted;
            HostSnapshot snapshot = Now;
            if (changed || snapshot.At >= dueAt)
            {
                PolicyDecision decision = this.policy.Decide(snapshot, Waiting);
                foreach (HostCommand command in decision.Commands) Host.Host.Execute(command);
                (dueAt, wake) = (snapshot.At + decision.NextPassAfter, decision.WakeOnChange);
            }

            Host.Run(0.1);
        }
    }

    public double TargetMiB(string name) => Host.Domain(name).Target!.Value.Value / 1024.0;

    public double ActualMiB(string name) => Host.Domain(name).Actual.Value / 1024.0;

    public void Dispose() => Host.Dispose();
}

/// <summary>Hand-made domains, for exact inputs.</summary>
internal static class PeerDomains
{
    /// <summary>A PV guest at rest that reports all vitals; sizes in MiB.</summary>
    public static DomainSnapshot Domain(
        int domid, string name, int size, int total, int shared, int anonymous, TimeSpan reportedAt) =>
        new()
        {
            Identity = new DomainIdentity(domid, new Guid(domid, 0, 0, new byte[8])),
            Name = name,
            Actual = KiB.FromMiB(size),
            MaxMem = KiB.FromMiB(size + 1),
            Target = KiB.FromMiB(size),
            StaticMax = KiB.FromMiB(2048),
            Report = new GuestReport(
                ReportSource.Agent, KiB.FromMiB(shared + anonymous), KiB.FromMiB(total), reportedAt)
            {
                Vitals = new GuestVitals
                {
                    Free = KiB.FromMiB(total - shared - anonymous),
                    Anonymous = KiB.FromMiB(anonymous),
                    FileCache = KiB.Zero,
                    Shared = KiB.FromMiB(shared),
                    SwapTotal = KiB.Zero,
                    SwapUsed = KiB.Zero,
                    Committed = KiB.FromMiB(anonymous),
                },
            },
        };
}

/// <summary>Amounts as numbers, for comparisons with a tolerance.</summary>
internal static class InMiB
{
    public static double MiB(this KiB amount) => amount.Value / 1024.0;
}
