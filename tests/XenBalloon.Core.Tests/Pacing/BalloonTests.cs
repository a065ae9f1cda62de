using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Pacing;

/// <summary>What is made of a balloon by watching what its domain holds follow its target.</summary>
public abstract class BalloonTests
{
    private protected BalloonTracker Balloon { get; } = new();

    private protected void Sees(double second, long holds, long? target, long videoRam = 0, long maxMem = 2048) => Balloon.Observe(
        new DomainSnapshot
        {
            Identity = new DomainIdentity(1, HostBuilder.Uuid(1)),
            Actual = KiB.FromMiB(holds),
            Target = target is { } mib ? KiB.FromMiB(mib) : null,
            MaxMem = KiB.FromMiB(maxMem),
            VideoRam = KiB.FromMiB(videoRam),
        },
        isStalled: false,
        TimeSpan.FromSeconds(second));
}
