using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>Every domain gets back what it booted with (<c>xenballoon restore</c>).</summary>
public sealed class RestoreTests
{
    [Test]
    public void Domain_below_its_boot_memory_grows_to_exactly_that_with_its_cap()
    {
        HostBuilder host = Restoring(Booted(new HostBuilder().With(1, 300, 2048), 1, 512).WithFree(1024));
        host.Run(3, (1, 100));

        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(512)));
        Assert.That(host[1].MaxMem, Is.GreaterThanOrEqualTo(KiB.FromMiB(512)));
        DomainDecision decision = HostBuilder.Of(host.Decide(), 1);
        Assert.That(decision.Reason.ToString(), Does.StartWith("restored: it booted with 512 MiB"));
        Assert.That(decision.BootMemory, Is.EqualTo(KiB.FromMiB(512)));
    }

    [Test]
    public void Domain_that_has_never_reported_grows_too()
    {
        HostBuilder host = Restoring(Booted(new HostBuilder().With(1, 300, 2048), 1, 512).WithFree(1024));
        host.Passes(1).Act();

        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(512)));
    }

    [Test]
    public void Last_page_is_restored()
    {
        HostBuilder host = Restoring(Booted(new HostBuilder().With(1, 511, 2048), 1, 512).WithFree(1024));
        host.Run(2, (1, 100));

        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(512)));
    }

    [TestCase(PolicyKind.Static)]
    [TestCase(PolicyKind.Shares)]
    [TestCase(PolicyKind.Proportional)]
    public void Policy_does_not_count(PolicyKind policy)
    {
        HostBuilder host = Restoring(Booted(new HostBuilder().With(1, 300, 2048), 1, 512).WithFree(1024));
        host.Settings = host.Settings with { Policy = policy };
        host.Run(3, (1, 100));

        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(512)));
    }

    [Test]
    public void Maximum_and_pin_of_the_domain_do_not_count()
    {
        HostBuilder host = Restoring(Booted(new HostBuilder().With(1, 300, 2048), 1, 512).WithFree(1024));
        var settings = new DomainSettings { Maximum = KiB.FromMiB(400), Pin = KiB.FromMiB(300) };
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", settings)] };
        host.Run(3, (1, 100));

        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(512)));
    }

    [Test]
    public void Idle_memory_above_boot_memory_is_given_to_a_domain_below_its_own()
    {
        HostBuilder host = Restoring(Two(lender: 1024, borrower: 256));
        host.Run(10, (1, 200), (2, 100));

        Assert.That((host[1].Target, host[2].Target), Is.EqualTo(((KiB?)KiB.FromMiB(512), (KiB?)KiB.FromMiB(512))));
    }

    [Test]
    public void Idle_memory_above_boot_memory_is_taken_back_within_seconds_although_no_domain_lacks_any()
    {
        HostBuilder host = Restoring(Booted(new HostBuilder().With(1, 1024, 2048), 1, 512).WithFree(1024));
        host.Run(5, (1, 200));

        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(512)));
    }

    [Test]
    public void Memory_in_use_above_boot_memory_is_never_taken()
    {
        HostBuilder host = Restoring(Two(lender: 1024, borrower: 256));
        for (int i = 0; i < 60; i++)
        {
            host.Passes(1)
                .Reports(1, 900, ContendedHost.WithSwap)
                .Reports(2, 100, ContendedHost.WithSwap);
            host.Act();
        }

        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(900) + HostBuilder.Overhead));
        Plan plan = host.Decide();
        Assert.That(plan.Host.Alarm, Is.EqualTo(HostAlarm.None));
        Assert.That(HostBuilder.Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.InUse));
        Assert.That(
            HostBuilder.Of(plan, 2).Reason.ToString(), Does.Contain("until memory is free: it booted with 512 MiB"));
    }

    [Test]
    public void Size_set_by_another_tool_is_left_alone()
    {
        HostBuilder host = Booted(new HostBuilder().With(1, 400, 2048), 1, 512).WithFree(1024);
        host.Run(2, (1, 100));
        host[1] = host[1] with { Target = KiB.FromMiB(300), Actual = KiB.FromMiB(300) };
        host.Run(2, (1, 100));

        Restoring(host).Run(5, (1, 100));

        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(300)));
        Assert.That(HostBuilder.Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Overridden));
    }

    [Test]
    public void Slack_stays_free()
    {
        HostBuilder host = Restoring(Booted(new HostBuilder().With(1, 300, 2048), 1, 512).WithFree(100));
        host.Run(5, (1, 100));

        Assert.That(host.Free, Is.EqualTo(host.Settings.Slack));
    }

    private static HostBuilder Two(long lender, long borrower) => Booted(
        Booted(new HostBuilder().With(1, lender, 2048).With(2, borrower, 2048), 1, 512), 2, 512).WithFree(32);

    private static HostBuilder Booted(HostBuilder host, int domid, long mib)
    {
        host[domid] = host[domid] with { BootMemory = KiB.FromMiB(mib) };
        return host;
    }

    private static HostBuilder Restoring(HostBuilder host)
    {
        host.Settings = host.Settings with { Restores = true };
        return host;
    }
}
