using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>A balloon seen through its domain's size and target.</summary>
public abstract class BalloonFixture
{
    private protected BalloonTracker Balloon { get; } = new();

    private protected void Sees(
        double second,
        long holds,
        long? target,
        long videoRam = 0,
        long maxMem = 2048,
        bool isStalled = false,
        long? total = null)
    {
        var now = TimeSpan.FromSeconds(second);
        var domain = new DomainSnapshot
        {
            Identity = new DomainIdentity(1, HostBuilder.Uuid(1)),
            Actual = KiB.FromMiB(holds),
            Target = target is { } mib ? KiB.FromMiB(mib) : null,
            MaxMem = KiB.FromMiB(maxMem),
            VideoRam = KiB.FromMiB(videoRam),
            Report = total is { } all
                ? new GuestReport(ReportSource.XenServer, KiB.Zero, KiB.FromMiB(all), now)
                : null,
        };
        Balloon.Observe(domain, isStalled, now);
    }
}
