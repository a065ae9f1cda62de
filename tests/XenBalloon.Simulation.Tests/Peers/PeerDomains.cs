using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Tests.Peers;

/// <summary>Domains made by hand, for what a test wants said exactly.</summary>
internal static class PeerDomains
{
    /// <summary>A PV guest at rest that reports all vitals; sizes in MiB.</summary>
    public static DomainSnapshot Domain(int domid, string name, int size, int total, int shared, int anonymous, TimeSpan reportedAt) => new()
    {
        Identity = new DomainIdentity(domid, new Guid(domid, 0, 0, new byte[8])),
        Name = name,
        Actual = KiB.FromMiB(size),
        MaxMem = KiB.FromMiB(size + 1),
        Target = KiB.FromMiB(size),
        StaticMax = KiB.FromMiB(2048),
        Report = new GuestReport(ReportSource.Agent, KiB.FromMiB(shared + anonymous), KiB.FromMiB(total), reportedAt)
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
