using System.Collections.Immutable;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>
/// A host for tests of single decisions: balloons move at once unless a test says otherwise, and guests use what a test
/// says. The simulated host, with realistic guests, has its own tests.
/// </summary>
/// <param name="without">A safety rule to disable.</param>
internal sealed class HostBuilder(SafetyRule? without = null)
{
    private readonly SortedDictionary<int, DomainSnapshot> domains = [];

    private readonly Balancer balancer = new() { Rules = new SafetyRules(without) };

    internal TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(100);

    internal KiB Total { get; private set; }

    internal BalancerSettings Settings { get; set; } = new()
    {
        Slack = KiB.FromMiB(32),
        KeepFree = KiB.Zero,
        StaleAfter = TimeSpan.FromSeconds(150),
        Spare = SpareUse.Lend,
    };

    internal static KiB Overhead => KiB.FromMiB(40);

    internal KiB Free => Total - new KiB(domains.Values.Sum(domain => domain.Actual.Value));

    internal HostBuilder WithFree(long mib)
    {
        Total = new KiB(domains.Values.Sum(domain => domain.Actual.Value)) + KiB.FromMiB(mib);
        return this;
    }

    /// <summary>Adds a domain at its target.</summary>
    internal HostBuilder With(int domid, long mib, long maxMib, DomainKind kind = DomainKind.Pv)
    {
        KiB size = KiB.FromMiB(mib);
        domains[domid] = new DomainSnapshot
        {
            Identity = new DomainIdentity(domid, Uuid(domid)),
            Name = domid == 0 ? "Domain-0" : $"g{domid}",
            Kind = kind,
            Actual = size,
            Target = size,
            MaxMem = size + KiB.FromMiB(1),
            StaticMax = domid == 0 ? null : KiB.FromMiB(maxMib),
        };
        return this;
    }

    internal static Guid Uuid(int domid) => new(domid, 0, 0, new byte[8]);

    internal DomainSnapshot this[int domid]
    {
        get => domains[domid];
        set => domains[domid] = value;
    }

    internal void Remove(int domid) => domains.Remove(domid);

    /// <summary>
    /// The domain reports this use, out of its size minus its kernel's overhead; with statistics, as our agent.
    /// </summary>
    internal HostBuilder Reports(int domid, long usedMib, GuestVitals? vitals = null)
    {
        KiB total = domains[domid].Actual - Overhead;
        domains[domid] = domains[domid] with
        {
            Report = new GuestReport(
                vitals is null ? ReportSource.XenServer : ReportSource.Agent,
                KiB.Min(KiB.FromMiB(usedMib), total),
                total,
                Now)
            {
                Vitals = vitals,
            },
        };
        return this;
    }

    internal HostBuilder Passes(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    internal HostSnapshot Snapshot() => new() { At = Now, Total = Total, Free = Free, Domains = [.. domains.Values] };

    /// <summary>The balancer's reservations.</summary>
    internal ReservationBook Reservations => balancer.Reservations;

    /// <summary>Requests a reservation.</summary>
    internal void Reserve(long mib, double? within = null)
    {
        var request = new ReservationRequest(
            KiB.FromMiB(mib),
            KiB.FromMiB(mib),
            "test",
            Within: within is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        balancer.Reservations = balancer.Reservations.Request(request, Now).Book;
    }

    /// <summary>Cancels the reservation.</summary>
    internal void CancelReservation() =>
        balancer.Reservations = balancer.Reservations.Cancel(balancer.Reservations.LastId).Book;

    /// <summary>One pass without carrying the plan out.</summary>
    internal Plan Decide() => balancer.Step(Snapshot(), Settings);

    /// <summary>One pass, carried out by balloons that move at once.</summary>
    internal Plan Act()
    {
        Plan plan = Decide();
        foreach (HostCommand command in plan.Commands) Carry(command);
        return plan;
    }

    internal void Carry(HostCommand command)
    {
        DomainSnapshot domain = domains[command.Domain.Domid];
        domains[command.Domain.Domid] = command.Kind switch
        {
            HostCommandKind.SetTarget =>
                domain with
                {
                    Target = command.Value,
                    Actual = KiB.Min(command.Value, KiB.Max(domain.MaxMem, domain.Actual)),
                },
            HostCommandKind.SetMaxMem => domain with { MaxMem = command.Value },
            _ => domain,
        };
    }

    /// <summary>Runs one pass per second, with a report in each, carried out at once.</summary>
    internal void Run(int seconds, params (int Domid, long UsedMib)[] loads)
    {
        for (int i = 0; i < seconds; i++)
        {
            Passes(1);
            foreach ((int domid, long used) in loads) Reports(domid, used);
            Act();
        }
    }

    internal static DomainDecision Of(Plan plan, int domid) =>
        plan.Domains.Single(decision => decision.Domain.Identity.Domid == domid);

    internal static ImmutableArray<HostCommand> CommandsOf(Plan plan, int domid) =>
        [.. plan.Commands.Where(command => command.Domain.Domid == domid)];
}

/// <summary>A host on which the first domain exceeds its share and the second is deprived.</summary>
internal static class ContendedHost
{
    internal static GuestVitals WithSwap { get; } = new() { SwapTotal = KiB.FromMiB(2048), SwapUsed = KiB.Zero };

    internal static void Say(HostBuilder host, DomainSettings settings) =>
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", settings)] };

    internal static HostBuilder Contended(int bootMib)
    {
        HostBuilder host = Contended();
        host[1] = host[1] with { BootMemory = KiB.FromMiB(bootMib) };
        return host;
    }

    internal static HostBuilder Contended() => new HostBuilder().With(1, 1024, 2048).With(2, 256, 1024).WithFree(32);

    internal static void Use(HostBuilder host, int seconds, GuestVitals? vitals) => Use(host, seconds, vitals, vitals);

    internal static void Use(HostBuilder host, int seconds, GuestVitals? first, GuestVitals? second)
    {
        for (int i = 0; i < seconds; i++) host.Passes(1).Reports(1, 2000, first).Reports(2, 2000, second).Act();
    }
}
