using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Pacing;

/// <summary>How domains grow.</summary>
public sealed class GrowthPacerTests
{
    [Test]
    public void Growth_is_granted_from_free_memory_only()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(52).Reports(1, 100)
            .Reports(2, 216);
        Plan plan = host.Decide();
        Assert.That(Of(plan, 2).Target - host[2].Target, Is.EqualTo(KiB.FromMiB(20)), "free less slack");
        Assert.That(Of(plan, 2).Reason.Kind, Is.EqualTo(ReasonKind.Growing));
    }

    [Test]
    public void Memory_too_little_to_share_among_all_who_wait_goes_to_one()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).With(2, 256, 1024).With(3, 900, 1024).WithFree(33)
            .Reports(1, 216).Reports(2, 216).Reports(3, 850);

        Plan plan = host.Decide();

        Assert.That(Of(plan, 1).Target - host[1].Target, Is.EqualTo(KiB.FromMiB(1)), "free less slack");
        Assert.That(Of(plan, 2).Reason.Kind, Is.EqualTo(ReasonKind.WaitingForMemory));
    }

    [Test]
    public void Nothing_beyond_need_is_granted_before_all_domains_had_time_to_report()
    {
        HostBuilder host = new HostBuilder().With(1, 384, 1024).With(2, 384, 1024).WithFree(132).Reports(1, 270);
        DomainDecision early = Of(host.Decide(), 1);
        Assert.That(early.Target, Is.LessThanOrEqualTo(early.Demand!.Value.Need));

        DomainDecision later = Of(host.Passes(130).Reports(1, 270).Decide(), 1);
        Assert.That(later.Target, Is.GreaterThan(later.Demand!.Value.Need));
    }

    [Test]
    public void Memory_too_little_to_share_goes_to_those_with_the_largest_parts()
    {
        HostBuilder host = new HostBuilder().With(1, 400, 1024).With(2, 256, 1024).With(3, 256, 1024)
            .With(4, 900, 1024).WithFree(33);
        for (int i = 0; i < 8; i++)
        {
            host.Passes(1).Reports(1, 360).Reports(2, 216).Reports(3, 216).Reports(4, 860).Act();
            host.WithFree(33); // another MiB has arrived
        }

        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(400)));
        Assert.That(host[2].Target - host[3].Target, Is.InRange(-KiB.FromMiB(1), KiB.FromMiB(1)));
        Assert.That(host[2].Target + host[3].Target!.Value, Is.EqualTo(KiB.FromMiB(2 * 256 + 8)));
    }

    [Test]
    public void Promised_memory_that_was_not_taken_is_not_promised_again()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(52).Reports(2, 216);
        host[1] = host[1] with { Target = KiB.FromMiB(910), MaxMem = KiB.FromMiB(911) };
        Assert.That(Of(host.Decide(), 2).Target - host[2].Target, Is.EqualTo(KiB.FromMiB(10)));
    }

    [Test]
    public void No_domain_grows_below_the_slack()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(20).Reports(1, 850)
            .Reports(2, 216);
        Plan plan = host.Decide();
        Assert.That(Of(plan, 2).Reason.Kind, Is.EqualTo(ReasonKind.WaitingForMemory));
        Assert.That(plan.Host.Pressure, Is.EqualTo(HostPressure.Low));
        Assert.That(CommandsOf(plan, 2), Is.Empty);
    }

    [Test]
    public void Need_beyond_the_maximum_is_reported_as_at_maximum()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).WithFree(2000);
        host.Run(60, (1, 980));
        Assert.That(
            Of(host.Decide(), 1).Reason.ToString(),
            Does.StartWith("limited to 1024 MiB: its maximum is 1024 MiB"));
    }

    [Test]
    public void Want_beyond_the_maximum_is_reported_only_once_the_maximum_is_reached()
    {
        HostBuilder host = new HostBuilder().With(1, 980, 1024).WithFree(32);
        for (int i = 0; i < 60; i++) host.Passes(1).Reports(1, 860, new GuestVitals { MemorySome = 0 }).Act();
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Balanced));
    }

    [Test]
    public void Guest_short_of_memory_grows_until_memory_is_available()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 2048).WithFree(2000);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(1900) };
        host.Run(20, (1, 700));
        Assert.That(host[1].Actual, Is.GreaterThan(KiB.FromMiB(740)));
    }

    [Test]
    public void Guest_short_of_memory_requests_no_more_before_its_request_was_granted()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 2048).With(2, 256, 1024).WithFree(32);
        host.Run(60, (1, 700), (2, 700));
        Assert.That(Of(host.Decide(), 1).Demand!.Value.Want, Is.EqualTo(KiB.FromMiB(256 + 64)));
    }

    [Test]
    public void Taken_memory_returns_at_once_when_the_need_ends()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Run(30, (1, 100), (2, 700));
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(700)));
        host[2] = host[2] with { Lifecycle = DomainLifecycle.Shutdown, ShutdownReason = ShutdownReason.PowerOff };
        host.Decide();
        host.Remove(2);
        host.Run(2, (1, 100));
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(890)), "it booted with 900 MiB");
    }

    [Test]
    public void Keep_free_pool_is_for_need_only()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).With(2, 512, 1024).WithFree(500);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(468) };
        host.Reports(1, 216).Reports(2, 100);
        Plan plan = host.Decide();
        Assert.That(Of(plan, 1).Target, Is.GreaterThan(KiB.FromMiB(256)), "in need");
        Assert.That(Of(plan, 2).Target, Is.LessThanOrEqualTo(KiB.FromMiB(512)), "idle");
    }

    [Test]
    public void Partly_taken_grant_is_not_granted_to_another_domain()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).With(2, 256, 1024).With(3, 256, 1024).WithFree(100);
        for (int i = 0; i < 15; i++)
        {
            foreach (int domid in new[] { 1, 2 })
            {
                host[domid] = host[domid] with { Target = KiB.FromMiB(268), MaxMem = KiB.FromMiB(269) };
            }

            host.Passes(1).Reports(3, 216);
            host.Decide();
        }

        Assert.That(Of(host.Decide(), 3).Target, Is.LessThanOrEqualTo(KiB.FromMiB(256 + 100 - 32 - 24)));
    }

    [Test]
    public void Growth_waits_for_a_domain_under_construction_for_a_limited_time()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).With(2, 100, 512).WithFree(500).Reports(1, 216);
        host[2] = host[2] with { Lifecycle = DomainLifecycle.Building, Target = null };
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.WaitingForMemory));
        Assert.That(Of(host.Passes(121).Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Growing));
    }

    [Test]
    public void Guest_that_lacks_memory_and_reports_rarely_grows_between_its_reports()
    {
        HostBuilder host = new HostBuilder().With(1, 400, 2048).With(2, 400, 2048).WithFree(1500);
        for (int i = 0; i < 3; i++) host.Passes(60).Reports(1, 100).Reports(2, 100).Act();
        KiB need = Of(host.Passes(60).Reports(1, 355).Reports(2, 100).Act(), 1).Demand!.Value.Need;
        for (int i = 0; i < 50; i++) host.Passes(1).Act();
        Assert.That(host[1].Target, Is.GreaterThan(need + KiB.FromMiB(300)), "the other needs none of it");
    }

    [Test]
    public void Forecast_beyond_the_share_is_granted_from_free_memory()
    {
        HostBuilder host = new HostBuilder().With(1, 400, 2048).With(2, 400, 2048).WithFree(500);
        host.Settings = host.Settings with { KeepFree = KiB.Zero };
        foreach (int used in (int[])[100, 100, 250, 400]) host.Passes(1).Reports(1, used).Reports(2, 100).Act();
        host.Passes(1).Act();
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(400 + 500 - 32)));
    }
}
