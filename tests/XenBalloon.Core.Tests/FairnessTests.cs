using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>Who gets how much.</summary>
public sealed class FairnessTests
{
    [Test]
    public void An_idle_guests_memory_goes_to_a_guest_in_need()
    {
        HostBuilder host = new HostBuilder().With(0, 512, 512).With(1, 900, 1024).With(2, 256, 1024).WithFree(40);
        host.Run(30, (1, 100), (2, 210));
        Assert.That(host[2].Actual, Is.GreaterThan(KiB.FromMiB(300)));
        Assert.That(host[1].Actual, Is.LessThan(KiB.FromMiB(850)));
    }

    [Test]
    public void A_guest_is_never_taken_below_what_it_uses_even_when_all_others_claim_everything()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 4096).With(3, 256, 4096).WithFree(40);
        for (int i = 0; i < 300; i++)
        {
            host.Run(1, (1, 500), (2, 100_000), (3, 100_000));
            Assert.That(host[1].Actual, Is.GreaterThanOrEqualTo(KiB.FromMiB(500) + Overhead));
        }
    }

    [Test]
    public void A_liar_keeps_what_it_was_lent_but_takes_nothing_that_is_in_use_and_gets_no_more_than_its_share_of_what_comes_free()
    {
        HostBuilder host = new HostBuilder().With(1, 500, 4096).With(2, 500, 4096).With(3, 500, 4096).WithFree(32);
        host.Run(120, (1, 100_000), (2, 300), (3, 300));
        KiB lent = host[1].Actual;
        host.Run(120, (1, 100_000), (2, 2000), (3, 300));
        Assert.That(host[1].Actual, Is.LessThanOrEqualTo(lent + KiB.FromMiB(16)));
        Assert.That(host[2].Actual, Is.GreaterThanOrEqualTo(KiB.FromMiB(340)));
        host.Remove(3);
        host.Run(120, (1, 100_000), (2, 2000));
        Assert.That(host[2].Actual.Value, Is.EqualTo(host[1].Actual.Value).Within(KiB.FromMiB(120).Value), "an equal share, now that there is some");
    }

    [Test]
    public void Minimums_that_exceed_the_host_move_nobody_and_raise_the_alarm()
    {
        HostBuilder host = new HostBuilder().With(1, 300, 1024).With(2, 300, 1024).WithFree(40).Reports(1, 250).Reports(2, 100);
        host.Settings = host.Settings with { Defaults = new DomainSettings { Minimum = KiB.FromMiB(800) } };
        Plan plan = host.Decide();
        Assert.That(plan.Host.Alarm, Is.EqualTo(HostAlarm.MinimumsExceedHost));
        Assert.That(plan.Commands, Is.Empty);
    }

    [Test]
    public void A_heavier_guest_is_entitled_to_more_of_what_both_need()
    {
        HostBuilder host = new HostBuilder().With(1, 500, 1024).With(2, 500, 1024).WithFree(40).Reports(1, 430).Reports(2, 430);
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Weight = 300 })] };
        Plan plan = host.Decide();
        Assert.That(Of(plan, 1).Entitlement, Is.GreaterThan(KiB.FromMiB(564)), "all that it wants");
        Assert.That(Of(plan, 2).Entitlement, Is.EqualTo(KiB.FromMiB(1008) - Of(plan, 1).Entitlement), "the rest");
        Assert.That(Of(plan, 2).Reason.Kind, Is.EqualTo(ReasonKind.InUse), "which is not taken from it");
    }

    [Test]
    public void The_reason_says_in_one_line_what_was_seen_and_what_was_decided()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Decide();
        Plan plan = host.Passes(1).Reports(1, 100).Reports(2, 216).Decide();
        Assert.That(Of(plan, 1).Reason.ToString(), Does.Match(
            @"^shrinking 900 MiB to \d+ MiB: .*; in use 140 MiB, needs 156 MiB, wants 168 MiB; share \d+ MiB .*$"));
        Assert.That(Of(plan, 2).Reason.ToString(), Does.Match(
            @"^waiting at 256 MiB .*; in use 256 MiB, needs at least 320 MiB, wants 320 MiB; share 320 MiB .*$"));
    }
}
