using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Benchmarks;

/// <summary>A host whose domains all hold as much, a fifth of them short of memory.</summary>
internal static class CrowdedHost
{
    private static readonly KiB Actual = KiB.FromMiB(1024);

    /// <summary>What each guest can use: what its domain holds, less its kernel's own part.</summary>
    internal static KiB GuestTotal { get; } = Actual - KiB.FromMiB(40);

    /// <summary>The host at one moment.</summary>
    /// <param name="at">When.</param>
    /// <param name="free">What is free.</param>
    /// <param name="domains">How many domains it has.</param>
    /// <param name="step">What the guests use changes a little with it.</param>
    /// <param name="report">How a guest reports that it uses this much.</param>
    internal static HostSnapshot At(TimeSpan at, KiB free, int domains, int step, Func<KiB, GuestReport> report) => new()
    {
        At = at,
        Total = KiB.FromMiB(1024L * (domains + 2)),
        Free = free,
        Domains = [.. Enumerable.Range(1, domains).Select(domid => Domain(domid, report(Used(domid, step))))],
    };

    private static KiB Used(int domid, int step) => KiB.FromMiB(domid % 5 == 0 ? 950 : 200 + (domid * 37 % 500) + (step % 7));

    private static DomainSnapshot Domain(int domid, GuestReport report) => new()
    {
        Identity = new DomainIdentity(domid, new Guid(domid, 0, 0, new byte[8])),
        Name = $"g{domid}",
        Actual = Actual,
        Target = Actual,
        MaxMem = Actual + KiB.FromMiB(1),
        StaticMax = KiB.FromMiB(4096),
        Report = report,
    };
}
