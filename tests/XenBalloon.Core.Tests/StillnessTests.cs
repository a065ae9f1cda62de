using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

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
    public void What_was_given_without_need_is_not_asked_back_without_need_for_ten_minutes()
    {
        HostBuilder host = new HostBuilder().With(1, 500, 2048).With(2, 500, 2048).WithFree(500);
        for (int domid = 1; domid <= 2; domid++) host[domid] = host[domid] with { BootMemory = KiB.FromMiB(300) };
        host.Run(30, (1, 100), (2, 100));
        KiB given = host[1].Target!.Value;
        Assert.That(given, Is.GreaterThan(KiB.FromMiB(700)));
        host.Settings = host.Settings with { Rules = [new DomainRule("g2", new DomainSettings { Weight = 1000 })] };
        host.Run(560, (1, 100), (2, 100));
        Assert.That(host[1].Target, Is.EqualTo(given));
        host.Run(120, (1, 100), (2, 100));
        Assert.That(host[1].Target, Is.LessThan(given - KiB.FromMiB(100)));
    }

    [Test]
    public void What_was_taken_for_a_guest_in_need_does_not_go_back_while_it_still_asks_for_more([Values] SpareUse spare)
    {
        HostBuilder host = new HostBuilder().With(1, 1300, 2048).With(2, 200, 2048).WithFree(32);
        host.Settings = host.Settings with { Spare = spare };
        for (int i = 0; i < 15; i++)
        {
            KiB before = host[1].Target!.Value;
            host.Run(1, (1, 300), (2, 1000));
            Assert.That(host[1].Target, Is.LessThanOrEqualTo(before), $"after {i} s, the other has {host[2].Target}");
        }
    }

    [Test]
    public void What_was_given_beyond_a_recent_peak_goes_to_a_neighbour_that_used_more_lately_than_it_has()
    {
        HostBuilder host = new HostBuilder().With(1, 500, 2048).With(2, 900, 2048).WithFree(100);
        host.Run(10, (1, 100), (2, 800));
        foreach (int used in (int[])[200, 400, 600, 600, 600, 600]) host.Run(1, (1, used), (2, 100));
        KiB given = host[1].Target!.Value, left = host[2].Target!.Value;
        Assert.That(left, Is.LessThan(KiB.FromMiB(760)), "it was lent");
        host.Run(180, (1, 600), (2, 100));
        Assert.That(host[1].Target, Is.LessThan(given).And.GreaterThan(KiB.FromMiB(640).Times(1.15)));
        Assert.That(host[2].Target, Is.GreaterThan(left));
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
