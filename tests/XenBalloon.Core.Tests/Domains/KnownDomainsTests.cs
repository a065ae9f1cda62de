using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>When a domain is read again.</summary>
public sealed class KnownDomainsTests
{
    private static readonly BalancerSettings Settings = new();

    private readonly KnownDomains known = new();

    private HostBuilder host;

    [SetUp]
    public void ReadForTheFirstTime()
    {
        host = new HostBuilder().With(1, 512, 1024).WithFree(100).Reports(1, 300);
        Observe();
        host.Passes(20);
        Assert.That(Observe(), Is.True);
    }

    [Test]
    public void Domain_at_rest_is_read_once_a_second()
    {
        host.Passes(0.9);
        Assert.That(Observe(), Is.False);
        host.Passes(0.1);
        Assert.That(Observe(), Is.True);
        host.Passes(0.9);
        Assert.That(Observe(), Is.False);
    }

    [Test]
    public void Domain_that_changes_is_read_at_once()
    {
        host.Passes(0.1).Reports(1, 310);
        Assert.That(Observe(), Is.True, "a report");
        Assert.That(Observe(new BalancerSettings()), Is.True, "a setting");
    }

    [Test]
    public void Domain_that_was_told_to_move_is_read_again()
    {
        Domain.NewTarget = Domain.Target - KiB.FromMiB(16);
        Assert.That(Observe(), Is.True, "whether or not that was carried out");
        Assert.That(Observe(), Is.False);
    }

    [Test]
    public void Domain_whose_balloon_moves_or_that_does_not_run_is_always_read()
    {
        host[1] = host[1] with { Actual = KiB.FromMiB(700) };
        Assert.That((Observe(), Observe()), Is.EqualTo((true, true)), "its balloon moves");
        host[1] = host[1] with { Actual = KiB.FromMiB(512), Lifecycle = DomainLifecycle.Paused };
        Assert.That((Observe(), Observe()), Is.EqualTo((true, true)), "it is paused");
    }

    [Test]
    public void Bounds_are_those_that_were_read_although_a_pass_changed_them()
    {
        (KiB lower, KiB upper) = (Domain.Lower, Domain.Upper);
        (Domain.Lower, Domain.Upper) = (KiB.FromMiB(1), KiB.FromMiB(2));
        Assert.That(Observe(), Is.False);
        Assert.That((Domain.Lower, Domain.Upper), Is.EqualTo((lower, upper)));
    }

    private DomainPass Domain => known.All[0];

    /// <summary>Makes the first phase of a pass.</summary>
    /// <returns>Whether it read the domain.</returns>
    private bool Observe(BalancerSettings? settings = null)
    {
        int before = known.All.Count == 0 ? 0 : Domain.Readings;
        var pass = new HostPass(host.Snapshot(), settings ?? Settings, default);
        known.Observe(pass, new Dictionary<DomainIdentity, KiB>(), new Dictionary<DomainIdentity, KiB>());
        return Domain.Readings != before;
    }
}
