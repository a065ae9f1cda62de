using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Peers;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Peers;

/// <summary>A peer in charge of a simulated host: called when it asked to be, or at a change if it asked for that.</summary>
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

    /// <summary>Who waits to be started.</summary>
    public ImmutableArray<StartRequest> Waiting { get; set; } = [];

    public SimulationReport Report => Host.Host.Report();

    public HostSnapshot Now => Host.Host.Observe();

    /// <summary>2 GiB of host besides dom0, so that two or three of <see cref="Guest"/> are crowded.</summary>
    public static Scenario Crowded(params GuestDescription[] guests) =>
        new() { Name = "test", HostTotal = KiB.FromMiB(2048 + 256), Dom0Memory = KiB.FromMiB(256), Guests = [.. guests] };

    /// <summary>A guest of 512 MiB that may have 2 GiB, uses 128 MiB and reports every second with all that our agent says.</summary>
    public static GuestDescription Guest(string name, int usedMiB = 128) => VirtualHost.Guest(name) with
    {
        Anonymous = new ConstantLoad(KiB.FromMiB(usedMiB)),
        Reporting = new ReportingDescription { Interval = TimeSpan.FromSeconds(1), Source = ReportSource.Agent },
    };

    /// <summary>A load that rises from one amount to another in two seconds.</summary>
    public static Load Rising(int fromMiB, int toMiB, int atSecond) => new RampLoad(
    [
        new LoadPoint(TimeSpan.FromSeconds(atSecond), KiB.FromMiB(fromMiB)),
        new LoadPoint(TimeSpan.FromSeconds(atSecond + 2), KiB.FromMiB(toMiB)),
    ]);

    public static StartRequest Start(string name, int mib) => new(name, KiB.FromMiB(mib), TimeSpan.Zero, TimeSpan.FromMinutes(10));

    public void Run(double seconds)
    {
        for (int tick = 0; tick < seconds * 10; tick++)
        {
            bool changed = wake && Host.Host.WaitForChangeAsync(CancellationToken.None).IsCompleted;
            HostSnapshot snapshot = Now;
            if (changed || snapshot.At >= dueAt)
            {
                Turn turn = this.policy.Decide(snapshot, Waiting);
                foreach (HostCommand command in turn.Commands) Host.Host.Execute(command);
                (dueAt, wake) = (snapshot.At + turn.LookAgainAfter, turn.WakeOnChange);
            }

            Host.Run(0.1);
        }
    }

    public double TargetMiB(string name) => Host.Domain(name).Target!.Value.Value / 1024.0;

    public double ActualMiB(string name) => Host.Domain(name).Actual.Value / 1024.0;

    public void Dispose() => Host.Dispose();
}
