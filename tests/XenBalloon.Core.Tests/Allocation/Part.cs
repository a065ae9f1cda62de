using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>A domain that takes part in the sharing, by what it may claim; all sizes in MiB.</summary>
internal sealed record Part
{
    public long Need { get; init; }

    public long Coming { get; init; }

    public long Want { get; init; }

    public long Kept { get; init; }

    public long Boot { get; init; }

    public long Minimum { get; init; }

    public long Maximum { get; init; } = 4096;

    public int Weight { get; init; } = 100;

    public bool HasSwap { get; init; } = true;

    public bool ReportsSeldom { get; init; }

    /// <summary>The domain as the balancer knows it.</summary>
    internal DomainPass Case(int domid)
    {
        var one = new DomainPass(new DomainHistory(new DomainIdentity(domid, HostBuilder.Uuid(domid)), TimeSpan.Zero));
        KiB size = KiB.FromMiB(600), used = KiB.FromMiB(50);
        var domain = new DomainSnapshot
        {
            Identity = one.Identity,
            Actual = size,
            Target = size,
            MaxMem = size + KiB.FromMiB(1),
            Report = new GuestReport(ReportsSeldom ? ReportSource.XenServer : ReportSource.Agent, used, size, TimeSpan.Zero),
        };
        var settings = new BalancerSettings { Defaults = new DomainSettings { Weight = Weight, Swap = HasSwap } };
        one.Begin(domain, settings, default);
        one.Estimator.Observe(domain, one.Balloon.RestingSince, one.BootMemory, TimeSpan.FromSeconds(20), settings);
        one.Lower = KiB.FromMiB(Minimum);
        one.Upper = one.Claimable = KiB.FromMiB(Math.Max(Minimum, Maximum));
        one.History.BootMemory = KiB.FromMiB(Boot);
        KiB need = KiB.FromMiB(Need), coming = KiB.Max(need, KiB.FromMiB(Coming)), want = KiB.Max(need, KiB.FromMiB(Want));
        KiB kept = KiB.Max(KiB.Max(coming, want), KiB.FromMiB(Kept));
        one.Demand = new DomainDemand(ReportVerdict.Fresh, need, need, need, coming, want, kept);
        one.Need = need.Clamp(one.Lower, one.Upper);
        one.Want = want.Clamp(one.Lower, one.Upper);
        one.Derive();
        return one;
    }
}
