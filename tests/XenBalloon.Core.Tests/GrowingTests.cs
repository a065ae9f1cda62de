using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>How memory is given.</summary>
public sealed class GrowingTests
{
    [Test]
    public void Nothing_is_promised_that_is_not_free_now()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(52).Reports(1, 100).Reports(2, 216);
        Plan plan = host.Decide();
        Assert.That(Of(plan, 2).Target - host[2].Target, Is.EqualTo(KiB.FromMiB(20)), "free less slack");
        Assert.That(Of(plan, 2).Reason.Kind, Is.EqualTo(ReasonKind.Growing));
    }

    [Test]
    public void What_was_promised_and_is_not_yet_taken_is_not_promised_again()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(52).Reports(2, 216);
        host[1] = host[1] with { Target = KiB.FromMiB(910), MaxMem = KiB.FromMiB(911) };
        Assert.That(Of(host.Decide(), 2).Target - host[2].Target, Is.EqualTo(KiB.FromMiB(10)));
    }

    [Test]
    public void Below_the_slack_nobody_grows()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(20).Reports(1, 850).Reports(2, 216);
        Plan plan = host.Decide();
        Assert.That(Of(plan, 2).Reason.Kind, Is.EqualTo(ReasonKind.WaitingForMemory));
        Assert.That(plan.Host.Pressure, Is.EqualTo(HostPressure.Low));
        Assert.That(CommandsOf(plan, 2), Is.Empty);
    }

    [Test]
    public void One_that_needs_more_than_it_may_have_is_said_to_be_at_its_maximum()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 1024).WithFree(2000);
        host.Run(60, (1, 980));
        Assert.That(Of(host.Decide(), 1).Reason.ToString(), Does.StartWith("limited to 1024 MiB: its maximum is 1024 MiB"));
    }

    [Test]
    public void One_that_would_like_more_than_it_may_have_is_not_at_its_maximum_before_it_has_it()
    {
        HostBuilder host = new HostBuilder().With(1, 980, 1024).WithFree(32);
        for (int i = 0; i < 60; i++) host.Passes(1).Reports(1, 860, new GuestVitals { MemorySome = 0 }).Act();
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Balanced));
    }

    [Test]
    public void A_starved_guest_is_given_more_and_more_until_something_is_available()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 2048).WithFree(2000);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(1900) };
        host.Run(20, (1, 700));
        Assert.That(host[1].Actual, Is.GreaterThan(KiB.FromMiB(740)));
    }

    [Test]
    public void A_starved_guest_asks_for_no_more_before_it_has_been_given_what_it_asked_for()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 2048).With(2, 256, 1024).WithFree(32);
        host.Run(60, (1, 700), (2, 700));
        Assert.That(Of(host.Decide(), 1).Demand!.Value.Want, Is.EqualTo(KiB.FromMiB(256 + 64)));
    }

    [Test]
    public void What_was_taken_comes_back_at_once_when_nobody_needs_it_any_more()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Run(30, (1, 100), (2, 700));
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(700)));
        host.Remove(2);
        host.Run(2, (1, 100));
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(890)), "it booted with 900 MiB");
    }

    [Test]
    public void The_keep_free_pool_is_for_need_only()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).With(2, 512, 1024).WithFree(500);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(468) };
        host.Reports(1, 216).Reports(2, 100);
        Plan plan = host.Decide();
        Assert.That(Of(plan, 1).Target, Is.GreaterThan(KiB.FromMiB(256)), "in need");
        Assert.That(Of(plan, 2).Target, Is.LessThanOrEqualTo(KiB.FromMiB(512)), "idle");
    }

    [Test]
    public void What_some_took_only_in_part_is_not_granted_to_another()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).With(2, 256, 1024).With(3, 256, 1024).WithFree(100);
        for (int i = 0; i < 15; i++)
        {
            foreach (int domid in new[] { 1, 2 }) host[domid] = host[domid] with { Target = KiB.FromMiB(268), MaxMem = KiB.FromMiB(269) };
            host.Passes(1).Reports(3, 216);
            host.Decide();
        }

        Assert.That(Of(host.Decide(), 3).Target, Is.LessThanOrEqualTo(KiB.FromMiB(256 + 100 - 32 - 24)));
    }

    [Test]
    public void Growth_waits_while_a_domain_is_under_construction_but_not_for_ever()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).With(2, 100, 512).WithFree(500).Reports(1, 216);
        host[2] = host[2] with { Lifecycle = DomainLifecycle.Building, Target = null };
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.WaitingForMemory));
        Assert.That(Of(host.Passes(121).Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Growing));
    }

    [Test]
    public void A_guest_that_lacks_memory_and_reports_seldom_is_given_free_memory_between_its_reports()
    {
        HostBuilder host = new HostBuilder().With(1, 400, 2048).With(2, 400, 2048).WithFree(1500);
        for (int i = 0; i < 3; i++) host.Passes(60).Reports(1, 100).Reports(2, 100).Act();
        KiB need = Of(host.Passes(60).Reports(1, 355).Reports(2, 100).Act(), 1).Demand!.Value.Need;
        for (int i = 0; i < 50; i++) host.Passes(1).Act();
        Assert.That(host[1].Target, Is.GreaterThan(need + KiB.FromMiB(300)), "the other needs none of it");
    }

    [Test]
    public void What_a_growing_guest_will_need_next_is_given_out_of_free_memory_beyond_its_share_too()
    {
        HostBuilder host = new HostBuilder().With(1, 400, 2048).With(2, 400, 2048).WithFree(500);
        host.Settings = host.Settings with { KeepFree = KiB.Zero };
        foreach (int used in (int[])[100, 100, 250, 400]) host.Passes(1).Reports(1, used).Reports(2, 100).Act();
        host.Passes(1).Act();
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(400 + 500 - 32)));
    }
}
