using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests;

/// <summary>When nothing should move, nothing does.</summary>
public sealed class StillnessTests
{
    [Test]
    public void A_quiet_host_gets_no_writes()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(40);
        host.Run(300, (1, 100), (2, 210));
        for (int i = 0; i < 200; i++)
        {
            host.Passes(1).Reports(1, 100 + (i % 3)).Reports(2, 210 + (i % 3));
            Assert.That(host.Decide().Commands, Is.Empty);
        }
    }

    [Test]
    public void Memory_that_nobody_needs_does_not_go_to_and_fro()
    {
        HostBuilder host = new HostBuilder().With(1, 600, 1024).With(2, 600, 1024).WithFree(32);
        host.Settings = host.Settings with { IdleTax = 0.9 };
        int turns = 0;
        var last = 0;
        for (int i = 0; i < 600; i++)
        {
            KiB before = host[1].Target!.Value;
            long wave = i / 30 % 2 == 0 ? 200 : 320;
            host.Run(1, (1, wave), (2, 520 - wave));
            int direction = host[1].Target!.Value.CompareTo(before);
            if (direction != 0 && last != 0 && direction != last) turns++;
            if (direction != 0) last = direction;
        }

        Assert.That(turns, Is.LessThanOrEqualTo(1), "once in ten minutes, though use turns each 30 s");
    }
}
