using CsCheck;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>
/// Hostile hosts: inconsistent snapshots, domains that come and go and are changed by other tools, guests with
/// any reports, an operator with impossible settings, and reservations in between.
/// </summary>
/// <param name="Steps">The snapshots, and a request to the book before each.</param>
/// <param name="Settings">The operator's settings.</param>
internal sealed record HostileHistory(HostileStep[] Steps, BalancerSettings Settings)
{
    private static readonly Gen<KiB> Sizes = Gen.Long[0, 4L << 20].Select(kib => new KiB(kib));

    private static readonly Gen<KiB?> Amounts = Perhaps(
        Gen.OneOf(Gen.Long[-1, 4L << 20], Gen.Const(0L), Gen.Const(long.MaxValue / 4)).Select(kib => new KiB(kib)));

    private static readonly Gen<double?> Parts = Perhaps(
        Gen.OneOf(Gen.Double[0, 1], Gen.OneOfConst(0, 0.005, double.NaN, double.PositiveInfinity, -1, 1e9)));

    private static readonly Gen<long?> Counts = Perhaps(
        Gen.OneOf(Gen.Long[0, 1L << 30], Gen.OneOfConst(-1, long.MaxValue, long.MinValue)));

    private static readonly Gen<GuestVitals> Vitals =
        from free in Amounts
        from swapTotal in Gen.OneOf(Amounts, Gen.OneOfConst<KiB?>(KiB.Zero, KiB.FromMiB(1024)))
        from swapUsed in Gen.OneOf(Amounts, Gen.OneOfConst<KiB?>(KiB.Zero, KiB.FromMiB(900)))
        from some in Parts
        from io in Parts
        from swapIns in Counts
        from seconds in Perhaps(Gen.Int[-1, 1000])
        from uptime in Perhaps(Gen.Int[-1, 1000])
        select new GuestVitals
        {
            Uptime = uptime is { } up ? TimeSpan.FromSeconds(up) : null,
            Free = free,
            SwapTotal = swapTotal,
            SwapUsed = swapUsed,
            MemorySome = some,
            IoSome = io,
            SwapIns = swapIns,
            MemorySomeTotal = seconds is { } waited ? TimeSpan.FromSeconds(waited) : null,
        };

    private static readonly Gen<GuestReport?> Reports =
        from silent in Gen.Frequency((4, Gen.Const(false)), (1, Gen.Const(true)))
        from used in Gen.Frequency((9, Sizes), (1, Amounts.Select(amount => amount ?? KiB.Zero)))
        from available in Sizes
        from knowsTotal in Gen.Bool
        from at in Gen.Int[0, 300]
        from isAgent in Gen.Bool
        from vitals in Vitals
        select silent
            ? null
            : new GuestReport(
                ReportSource.Agent, used, knowsTotal ? used + available : null, TimeSpan.FromSeconds(at))
            {
                Vitals = isAgent ? vitals : null,
            };

    private static readonly Gen<DomainSnapshot> Domains =
        from domid in Gen.Int[0, 6]
        from uuid in Gen.Int[0, 1]
        from kind in Gen.Enum<DomainKind>()
        from lifecycle in Gen.Frequency((5, Gen.Const(DomainLifecycle.Running)), (1, Gen.Enum<DomainLifecycle>()))
        from actual in Sizes
        from near in Gen.Bool
        from target in Sizes
        from cap in Sizes
        from ceiling in Sizes
        from videoRam in Gen.Frequency((4, Gen.Const(0L)), (1, Gen.Long[0, 16384]))
        from outstanding in Gen.Frequency((6, Gen.Const(KiB.Zero)), (1, Sizes))
        from boot in Perhaps(Sizes)
        from flaw in Gen.Int[0, 20]
        from report in Reports
        from intake in Gen.Frequency((5, Gen.Const(ReportIntake.Normal)), (1, Gen.Enum<ReportIntake>()))
        select new DomainSnapshot
        {
            Identity = new DomainIdentity(domid, HostBuilder.Uuid(uuid)),
            Name = $"g{domid}",
            Kind = kind,
            Lifecycle = lifecycle,
            Actual = actual,
            Outstanding = outstanding,
            Target = lifecycle == DomainLifecycle.Building ? null : near ? actual : target,
            MaxMem = near ? actual + KiB.FromMiB(1) : cap,
            StaticMax = domid == 5 ? null : ceiling + actual,
            VideoRam = new KiB(videoRam),
            BootMemory = boot,
            PopulatesOnDemand = flaw == 0,
            HasPassthrough = flaw == 1,
            Report = report,
            Intake = intake,
            HasAgent = flaw % 2 == 0,
        };

    private static readonly Gen<Func<ReservationBook, TimeSpan, ReservationBook>?> Requests = Gen.OneOf(
        Gen.Const(default(Func<ReservationBook, TimeSpan, ReservationBook>)),
        from mib in Gen.OneOf(Gen.Long[1, 3000], Gen.Const(1_000_000L))
        from more in Gen.Long[0, 500]
        from seconds in Perhaps(Gen.Int[0, 60])
        select Request((book, now) => book.Request(
            new ReservationRequest(
                KiB.FromMiB(mib),
                KiB.FromMiB(mib + more),
                "test",
                Within: seconds is { } within ? TimeSpan.FromSeconds(within) : null), now)),
        from id in Gen.Int[1, 3]
        from domid in Gen.Int[1, 6]
        from uuid in Gen.Int[0, 1]
        let domain = new DomainIdentity(domid, HostBuilder.Uuid(uuid))
        select Request((book, now) => book.Claim(id, domain, KiB.Zero, now)));

    private static readonly Gen<HostileStep[]> AllSteps =
        (from seconds in Gen.Int[1, 40]
         from free in Sizes
         from stays in Gen.Bool
         from domains in Domains.Array[1, 12]
         from request in Requests
         select (seconds, free, stays, domains, request)).Array[1, 12].Select(steps =>
         {
             TimeSpan at = TimeSpan.Zero;
             DomainSnapshot[] before = [];
             return steps.Select(step =>
             {
                 // Most changes take time, so every other snapshot repeats the previous one.
                 before = step.stays
                     && before.Length > 0
                         ? before
                         : [
                             .. step.domains.DistinctBy(domain => domain.Identity.Domid).OrderBy(
                                 domain => domain.Identity.Domid),
                         ];
                 var snapshot = new HostSnapshot
                 {
                     At = at += TimeSpan.FromSeconds(step.seconds),
                     Total = step.free + new KiB(before.Sum(domain => domain.Occupied.Value)),
                     Free = step.free,
                     Domains = [.. before],
                 };
                 return new HostileStep(snapshot, step.request);
             }).ToArray();
         });

    private static readonly Gen<DomainSettings> Rules =
        from managed in Perhaps(Gen.Bool)
        from minimum in Perhaps(Sizes)
        from maximum in Perhaps(Sizes)
        from weight in Perhaps(Gen.Int[1, 10_000])
        from swap in Perhaps(Gen.Bool)
        from qubes in Perhaps(Gen.Bool)
        from pin in Gen.Frequency((3, Gen.Const(default(KiB?))), (1, Sizes.Select(size => (KiB?)size)))
        select new DomainSettings
        {
            Managed = managed,
            Minimum = minimum,
            Maximum = maximum,
            Weight = weight,
            Pin = pin,
            Swap = swap,
            QubesReports = qubes,
        };

    private static readonly Gen<BalancerSettings> AllSettings =
        from slack in Gen.Long[0, 200]
        from keepFree in Perhaps(Gen.Long[0, 500])
        from tax in Gen.Double[0, 0.99]
        from policy in Gen.Frequency((4, Gen.Const(PolicyKind.FairShare)), (1, Gen.Enum<PolicyKind>()))
        from spare in Gen.Enum<SpareUse>()
        from handling in Gen.Enum<OverrideHandling>()
        from flags in Gen.Int[0, 3]
        from minimum in Gen.Long[0, 1000]
        from unmanaged in Gen.Int[0, 8]
        from ruled in Gen.Int[0, 8]
        from rule in Rules
        select new BalancerSettings
        {
            Slack = KiB.FromMiB(slack),
            KeepFree = keepFree is { } mib ? KiB.FromMiB(mib) : null,
            IdleTax = tax,
            Policy = policy,
            Spare = spare,
            Override = handling,
            PressToShare = flags % 2 == 0,
            Probing = flags / 2 == 0,
            Defaults = new DomainSettings { Minimum = minimum < 100 ? null : KiB.FromMiB(minimum) },
            Rules =
            [
                new DomainRule($"g{ruled}", rule),
                new DomainRule($"g{unmanaged}", new DomainSettings { Managed = false }),
            ],
        };

    /// <summary>Random histories.</summary>
    internal static Gen<HostileHistory> All { get; } = AllSteps.Select(AllSettings).Select(
        both => new HostileHistory(both.Item1, both.Item2));

    /// <summary>Runs the history.</summary>
    internal bool Holds(Func<HostSnapshot, BalancerSettings, Plan, bool> inEachStep)
    {
        var balancer = new Balancer();
        return Array.TrueForAll(Steps, step => inEachStep(step.Host, Settings, step.Decide(balancer, Settings)));
    }

    private static Func<ReservationBook, TimeSpan, ReservationBook>? Request(
        Func<ReservationBook, TimeSpan, BookChange> change) => (book, now) => change(book, now).Book;

    private static Gen<T?> Perhaps<T>(Gen<T> gen)
        where T : struct => Gen.Frequency((1, Gen.Const(default(T?))), (2, gen.Select(value => (T?)value)));
}

/// <summary>One step of a <see cref="HostileHistory"/>.</summary>
/// <param name="Host">The snapshot.</param>
/// <param name="Request">A request to the reservation book before it; null for none.</param>
internal sealed record HostileStep(HostSnapshot Host, Func<ReservationBook, TimeSpan, ReservationBook>? Request)
{
    internal Plan Decide(Balancer balancer, BalancerSettings settings)
    {
        if (Request is not null) balancer.Reservations = Request(balancer.Reservations, Host.At);
        return balancer.Step(Host, settings);
    }
}

/// <summary>
/// The last believed report and the boot memory of each domain, which bound what may be pressed out of it.
/// </summary>
internal sealed class LastReports
{
    private readonly Dictionary<DomainIdentity, GuestReport> believed = [];
    private readonly Dictionary<DomainIdentity, TimeSpan> lastReportAt = [];
    private readonly Dictionary<DomainIdentity, KiB?> boot = [];

    /// <summary>An impossible report changes nothing. Each report is checked once, when it arrives.</summary>
    internal void Hear(HostSnapshot snapshot)
    {
        foreach (DomainIdentity gone in boot.Keys.Except(snapshot.Domains.Select(domain => domain.Identity)).ToArray())
        {
            Forget(gone);
        }

        foreach (DomainSnapshot domain in snapshot.Domains)
        {
            boot[domain.Identity] = domain.BootMemory ?? boot.GetValueOrDefault(domain.Identity) ?? domain.Target;
            if (domain.Report is not { } report) continue;
            if (lastReportAt.TryGetValue(domain.Identity, out TimeSpan last) && last == report.ReceivedAt) continue;
            lastReportAt[domain.Identity] = report.ReceivedAt;
            if (Plausibility.Holds(report, domain)) believed[domain.Identity] = report;
        }
    }

    /// <summary>Whether a domain may be pressed as far as decided.</summary>
    /// <param name="decision">The decision on the domain.</param>
    /// <param name="hasSwapSetting">Whether it has swap, by its settings.</param>
    internal bool MayPress(DomainDecision decision, bool? hasSwapSetting)
    {
        GuestReport? report = believed.GetValueOrDefault(decision.Domain.Identity);
        GuestVitals? vitals = report?.Vitals;
        bool reportsNoSwap = vitals?.SwapTotal == KiB.Zero;
        if (hasSwapSetting == false) return false;
        KiB? step = decision.Domain.Target - decision.Target;
        bool isSmall = step <= decision.Domain.Target?.Times(1.0 / 16);
        if (ReportsExhaustion(report, decision.Domain) && isSmall)
        {
            return !reportsNoSwap || hasSwapSetting == true || decision.Target >= boot[decision.Domain.Identity];
        }

        if (reportsNoSwap && hasSwapSetting != true) return false;
        if (!reportsNoSwap && vitals?.SwapHeadroom is { } headroom) return step <= headroom;
        return hasSwapSetting == true || decision.Target >= boot[decision.Domain.Identity];
    }

    /// <summary>Whether the exhaustion check may take small steps.</summary>
    private static bool ReportsExhaustion(GuestReport? report, DomainSnapshot domain)
    {
        if (report is not { Vitals: { } vitals }) return false;
        KiB available = report.Available ?? KiB.Max(KiB.Zero, domain.Actual - report.Used);
        KiB freeSwap = vitals is { SwapTotal: { } total, SwapUsed: { } used } ? total - used : KiB.Zero;
        return available + freeSwap <= KiB.FromMiB(2);
    }

    private void Forget(DomainIdentity domain)
    {
        believed.Remove(domain);
        lastReportAt.Remove(domain);
        boot.Remove(domain);
    }
}
