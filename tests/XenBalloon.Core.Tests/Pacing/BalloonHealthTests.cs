using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Pacing;

/// <summary>Balloons that do not answer.</summary>
public sealed class BalloonHealthTests
{
    [Test]
    public void Target_of_a_balloon_that_did_not_shrink_goes_back_to_what_the_domain_holds([Values] bool movedBefore)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        if (movedBefore) host.Run(5, (1, 100), (2, 216));
        KiB held = host[1].Actual;
        var restored = new List<(KiB Target, string Why)>();
        int attempts = 0;
        for (int i = 0; i < 400; i++)
        {
            KiB before = host[1].Target!.Value;
            Plan plan = host.Passes(1).Reports(1, 100).Reports(2, 900).Act();
            host[1] = host[1] with { Actual = held };
            if (host[1].Target > before) restored.Add((host[1].Target!.Value, Of(plan, 1).Reason.ToString()));
            else if (restored.Count > 0 && host[1].Target < before) attempts++;
        }

        Assert.That(restored, Is.Not.Empty);
        Assert.That(restored.Select(step => step.Target), Is.All.EqualTo(held));
        Assert.That(restored[0].Why, Does.Contain(movedBefore ? "does not respond" : "has never responded"));
        Assert.That(attempts, movedBefore ? Is.Positive : Is.Zero, "tried again within minutes");
    }

    [Test]
    public void Guest_that_never_shrank_is_tried_again_by_little()
    {
        HostBuilder host = new HostBuilder().With(1, 1600, 2048).With(2, 256, 1024).WithFree(32);
        KiB held = host[1].Actual, least = held;
        for (int i = 0; i < 4000; i++)
        {
            host.Passes(1).Reports(1, 100).Reports(2, 900).Act();
            host[1] = host[1] with { Actual = held };
            if (i > 100) least = KiB.Min(least, host[1].Target!.Value);
        }

        Assert.That(least, Is.EqualTo(held - Overhead - KiB.FromMiB(16)));
    }

    [Test]
    public void Guest_that_failed_to_shrink_grows_when_it_needs_memory()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 2048).With(2, 256, 1024).WithFree(32);
        for (int i = 0; i < 120; i++)
        {
            host.Passes(1).Reports(1, 100).Reports(2, 900).Act();
            host[1] = host[1] with { Actual = KiB.FromMiB(900) };
        }

        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Stuck));
        host.WithFree(600).Run(5, (1, 860), (2, 200));
        Assert.That(host[1].Actual, Is.GreaterThan(KiB.FromMiB(900)));
    }

    [Test]
    public void Guest_that_failed_to_shrink_gets_no_more_than_it_needs()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 2048).With(2, 256, 1024).WithFree(32);
        for (int i = 0; i < 120; i++)
        {
            host.Passes(1).Reports(1, 100).Reports(2, 900).Act();
            host[1] = host[1] with { Actual = KiB.FromMiB(900) };
        }

        host.WithFree(600).Run(15, (1, 100), (2, 200));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(900)));
    }

    [TestCase(2048, 128)]
    [TestCase(2048, 300)]
    [TestCase(2048, 600)]
    [TestCase(3448, 1400)]
    public void Guest_with_a_large_constant_offset_is_shrunk_like_any_other(long size, long offset)
    {
        HostBuilder host = new HostBuilder().With(1, size, size).With(2, 256, 4096).WithFree(32);
        for (int i = 0; i < 180; i++)
        {
            KiB total = host[1].Actual - KiB.FromMiB(offset) - Overhead;
            host.Passes(1).Reports(2, size - offset - 400);
            host[1] = host[1] with
            {
                Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(200), total, host.Now),
            };
            Plan plan = host.Act();
            KiB rests = KiB.Min(KiB.FromMiB(size), host[1].Target!.Value + KiB.FromMiB(offset));
            host[1] = host[1] with { Actual = rests };
            Assert.That(Of(plan, 1).Health, Is.Not.EqualTo(BalloonHealth.Stuck));
        }

        Assert.That(Of(host.Decide(), 2).Demand!.Value.Need.FloorToPage(), Is.LessThanOrEqualTo(host[2].Actual));
        Assert.That(host[1].Actual, Is.LessThan(KiB.FromMiB(offset + 500)));
    }

    [Test]
    public void Offset_that_is_there_from_the_start_is_not_counted_as_used_though_the_guest_has_less_to_give()
    {
        KiB kept = KiB.FromMiB(1400);
        HostBuilder host = new HostBuilder().With(1, 4096, 4096).With(2, 256, 4096);
        host[1] = host[1] with { Actual = host[1].Actual + kept };
        host.WithFree(32);
        for (int i = 0; i < 60; i++)
        {
            KiB total = host[1].Actual - kept - Overhead;
            host.Passes(1).Reports(2, 2000);
            host[1] = host[1] with
            {
                Report = new GuestReport(ReportSource.XenServer, total - KiB.FromMiB(1000), total, host.Now),
            };
            host.Act();
            host[1] = host[1] with { Actual = host[1].Target!.Value + kept };
        }

        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(4096 - 500)));
    }

    [Test]
    public void Nudge_stays_within_the_range()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 1024).With(2, 256, 1024).WithFree(32);
        host[1] = host[1] with { Actual = KiB.FromMiB(1300), MaxMem = KiB.FromMiB(1301) };
        for (int i = 0; i < 600; i++)
        {
            Plan plan = host.Passes(1).Act();
            host[1] = host[1] with { Actual = KiB.FromMiB(1300) };
            Assert.That(Of(plan, 1).Target, Is.LessThanOrEqualTo(KiB.FromMiB(1024)));
        }
    }

    [Test]
    public void Untaken_promise_of_a_stuck_balloon_is_revoked()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).With(2, 256, 1024).WithFree(500).Reports(1, 216)
            .Reports(2, 100);
        DomainSnapshot stuck = host[1];
        for (int i = 0; i < 30; i++)
        {
            host.Passes(1).Reports(1, 216).Reports(2, 100).Act();
            host[1] = host[1] with { Actual = stuck.Actual };
        }

        for (int i = 0; i < 50; i++)
        {
            host.Passes(1).Reports(1, 216).Reports(2, 100).Act();
            Assert.That(host[1].Target, Is.EqualTo(stuck.Actual));
        }
    }

    [Test]
    public void Guest_that_failed_to_grow_can_still_shrink()
    {
        HostBuilder host = FailedToGrow();
        for (int i = 0; i < 40; i++) host.Passes(1).Reports(1, 100).Reports(2, 2000).Act();
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(400)));
    }

    [TestCase(216)]
    [TestCase(2000)]
    public void Guest_that_failed_to_grow_is_retried_only_if_it_needs_more(long uses)
    {
        HostBuilder host = FailedToGrow();
        KiB most = host[1].Target!.Value;
        for (int i = 0; i < 300; i++)
        {
            host.Passes(1).Reports(1, uses).Act();
            most = KiB.Max(most, host[1].Target!.Value);
            host[1] = host[1] with { Actual = KiB.FromMiB(512) };
        }

        Assert.That(most, uses > 512 ? Is.GreaterThan(KiB.FromMiB(512)) : Is.EqualTo(KiB.FromMiB(512)));
    }

    /// <summary>
    /// What it should have in any case, its boot memory or its minimum, is above what it failed to grow beyond.
    /// </summary>
    [TestCase(true)]
    [TestCase(false)]
    public void Guest_that_should_have_more_than_it_grows_to_is_told_so_rarely(bool isSilent)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Run(60, (1, 100), (2, 900));
        KiB held = host[1].Actual;
        host.WithFree(600);
        if (!isSilent) ContendedHost.Say(host, new DomainSettings { Minimum = KiB.FromMiB(700) });
        int writes = 0, growths = 0;
        for (int i = 0; i < 1200; i++)
        {
            KiB before = host[1].Target!.Value;
            host.Passes(1).Reports(2, 200);
            if (!isSilent) host.Reports(1, 100);
            host.Act();
            host[1] = host[1] with { Actual = held };
            if (host[1].Target != before) writes++;
            if (host[1].Target > before) growths++;
        }

        Assert.That(growths, Is.InRange(4, 12), "five attempts of one or two steps");
        Assert.That(writes, Is.AtMost(2 * growths));
    }

    [Test]
    public void Guest_that_grew_beyond_its_ceiling_has_no_ceiling()
    {
        HostBuilder host = FailedToGrow();
        for (int i = 0; i < 120; i++) host.Passes(1).Reports(1, 2000).Act();
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(800)));
        host.Run(300, (1, 100));
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(800)), "spare memory");
    }

    /// <summary>A guest that failed to grow beyond 512 MiB, next to a silent one.</summary>
    private static HostBuilder FailedToGrow()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 2048).With(2, 256, 4096).WithFree(700);
        for (int i = 0; i < 30; i++)
        {
            host.Passes(1).Reports(1, 2000).Act();
            host[1] = host[1] with { Actual = KiB.FromMiB(512) };
        }

        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(512)));
        return host;
    }

    [Test]
    public void Stalled_guest_whose_balloon_was_stuck_repeatedly_is_retried_within_ten_minutes([Values] bool hurts)
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).WithFree(700);
        DomainSnapshot stuck = host[1];
        var vitals = new GuestVitals { MemorySome = hurts ? 0.5 : 0 };
        int lastAsked = 0, longestPeace = 0;
        for (int second = 0; second < 7200; second++)
        {
            host.Passes(1).Reports(1, 216, vitals).Act();
            host[1] = host[1] with { Actual = stuck.Actual };
            if (host[1].Target > stuck.Target) lastAsked = second;
            longestPeace = Math.Max(longestPeace, second - lastAsked);
        }

        Assert.That(longestPeace, hurts ? Is.InRange(300, 660) : Is.GreaterThan(1800));
    }

    [Test]
    public void Balloon_that_did_not_move_is_not_at_rest_near_its_target()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 2048).With(2, 256, 1024).WithFree(32);
        host.Run(3, (1, 850), (2, 200));
        KiB held = host[1].Actual;
        host[1] = host[1] with { Target = held + KiB.FromMiB(8) };
        for (int i = 0; i < 30; i++) host.Passes(1).Decide();
        Assert.That(Of(host.Decide(), 1).Health, Is.EqualTo(BalloonHealth.Stuck));

        host[1] = host[1] with { Actual = host[1].Target!.Value };
        Assert.That(Of(host.Passes(1).Decide(), 1).Health, Is.EqualTo(BalloonHealth.Cooperative));
    }

    [Test]
    public void Stuck_balloon_that_moves_again_is_cooperative()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Run(3, (1, 100), (2, 216));
        KiB held = host[1].Actual + KiB.FromMiB(100);
        for (int i = 0; i < 40; i++)
        {
            host.Passes(1).Reports(1, 100).Reports(2, 216);
            host[1] = host[1] with { Actual = held };
            host.Act();
            host[1] = host[1] with { Actual = held };
        }

        Assert.That(Of(host.Decide(), 1).Health, Is.EqualTo(BalloonHealth.Stuck));
        KiB smaller = held - KiB.FromMiB(50);
        host[1] = host[1] with { Target = smaller, Actual = smaller };
        Assert.That(Of(host.Passes(1).Decide(), 1).Health, Is.EqualTo(BalloonHealth.Cooperative));
    }
}

/// <summary>A balloon that moves far too slowly.</summary>
public sealed class SlowBalloonTests
{
    [Test]
    public void Other_domains_give_what_a_slow_balloon_does_not()
    {
        HostBuilder host = new HostBuilder().With(1, 4096, 4096).With(2, 4096, 4096).With(3, 256, 4096).WithFree(32);
        for (int second = 0; second < 20; second++)
        {
            host.Passes(1).Reports(1, 100).Reports(2, 100).Reports(3, 3000);
            KiB before = host[1].Actual;
            host.Act();
            host[1] = host[1] with { Actual = KiB.Max(host[1].Target!.Value, before - new KiB(40)) };
        }

        DomainDecision slow = Of(host.Decide(), 1);
        Assert.That(slow.Health, Is.EqualTo(BalloonHealth.Slow));
        Assert.That(slow.Reason.ToString(), Does.Contain("(up to the least that its balloon is told now)"));
        Assert.That(host[2].Target, Is.LessThan(KiB.FromMiB(1500)));
        Assert.That(host[3].Target, Is.GreaterThan(KiB.FromMiB(2500)));
    }

    /// <summary>For example because the host was busy for a while.</summary>
    [TestCase(2048)]
    [TestCase(16384)]
    public void Balloon_that_was_slow_once_gives_memory_again_when_it_is_fast(int size)
    {
        int needed = size * 7 / 8;
        HostBuilder host = new HostBuilder().With(1, size, size).With(2, 256, size).WithFree(32);
        for (int second = 0; second < 20; second++)
        {
            host.Passes(1).Reports(1, 100).Reports(2, needed);
            KiB before = host[1].Actual;
            host.Act();
            host[1] = host[1] with { Actual = KiB.Max(host[1].Target!.Value, before - new KiB(40)) };
        }

        BalloonHealth busy = Of(host.Decide(), 1).Health;
        for (int second = 0; second < 60; second++)
        {
            host.Passes(1).Reports(1, 100).Reports(2, needed).Act();
            foreach (int guest in new[] { 1, 2 }) host[guest] = host[guest] with { Actual = host[guest].Target!.Value };
        }

        Assert.That(busy, Is.EqualTo(BalloonHealth.Slow));
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(size * 3 / 10)));
        Assert.That(Of(host.Decide(), 1).Health, Is.EqualTo(BalloonHealth.Cooperative));
    }

    [Test]
    public void Slow_balloon_is_promised_no_more_than_it_takes_in_a_few_seconds()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 4096).WithFree(3000);
        for (int second = 0; second < 30; second++)
        {
            host.Passes(1).Reports(1, 470).Act();
            host[1] = host[1] with { Actual = KiB.FromMiB(512) + new KiB(40 * second) };
        }

        host[1] = host[1] with { Target = host[1].Actual.FloorToPage() };
        Assert.That(
            Of(host.Passes(1).Reports(1, 470).Decide(), 1).Target - host[1].Actual,
            Is.LessThanOrEqualTo(KiB.FromMiB(16)));
    }
}
