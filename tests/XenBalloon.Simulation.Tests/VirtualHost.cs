using Microsoft.Extensions.Time.Testing;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

/// <summary>A simulated host in virtual time, with the operations that most tests need.</summary>
internal sealed class VirtualHost : IDisposable
{
    public VirtualHost(Scenario scenario)
    {
        Host = new SimulatedHost(scenario, Clock);
        Host.Observe();
    }

    public VirtualHost(params GuestDescription[] guests)
        : this(Hosting(guests))
    {
    }

    public FakeTimeProvider Clock { get; } = new();

    public SimulatedHost Host { get; }

    /// <summary>A host of 8 GiB: enough for a few guests.</summary>
    public static Scenario Hosting(params GuestDescription[] guests) =>
        new() { Name = "test", HostTotal = KiB.FromMiB(8192), Dom0Memory = KiB.FromMiB(512), Guests = [.. guests] };

    /// <summary>A guest of 512 MiB with a maximum of 2 GiB that uses 128 MiB and reports every second.</summary>
    public static GuestDescription Guest(string name = "guest") => new()
    {
        Name = name,
        BootMemory = KiB.FromMiB(512),
        StaticMax = KiB.FromMiB(2048),
        Anonymous = new ConstantLoad(KiB.FromMiB(128)),
        Reporting = new ReportingDescription { Interval = TimeSpan.FromSeconds(1) },
    };

    public void Run(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    public DomainSnapshot? Find(string name) => Host.Observe().Domains.FirstOrDefault(domain => domain.Name == name);

    public DomainSnapshot Domain(string name = "guest") =>
        Find(name) ?? throw new InvalidOperationException($"{name} does not exist");

    public GuestOutcome Outcome(string name = "guest") => Host.Report().Guests.Single(guest => guest.Name == name);

    public CommandOutcome Order(HostCommandKind kind, int mib, string name = "guest") =>
        Host.Execute(new HostCommand(kind, Domain(name).Identity, KiB.FromMiB(mib)));

    /// <summary>Sets the cap and then the target, as a balancer does.</summary>
    public void Resize(int mib, string name = "guest")
    {
        Order(HostCommandKind.SetMaxMem, mib + 1, name);
        Order(HostCommandKind.SetTarget, mib, name);
    }

    public void Dispose() => Host.Dispose();
}
