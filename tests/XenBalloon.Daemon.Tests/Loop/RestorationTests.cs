using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.State;
using XenBalloon.Daemon.Tests.Logging;

namespace XenBalloon.Daemon.Tests.Loop;

/// <summary>Two guests that booted with 512 MiB; a second passes with each look at the host.</summary>
internal sealed class RestorationTests
{
    private readonly Dictionary<int, DomainSnapshot> domains = [];
    private IXenHost host;
    private HostBalancer balancer = null!;
    private RecordingLogger<PlanApplier> log;
    private TimeSpan now;
    private KiB total;
    private bool isDeaf;

    [SetUp]
    public void SetUp()
    {
        now = TimeSpan.FromSeconds(1000);
        domains.Clear();
        isDeaf = false;
        log = new RecordingLogger<PlanApplier>();
        host = Substitute.For<IXenHost>();
        host.Observe().Returns(_ => Observe());
        host.Execute(default).ReturnsForAnyArgs(call => Execute(call.Arg<HostCommand>()));
    }

    [TearDown]
    public void TearDown() => host.Dispose();

    [TestCase(BalancerMode.Active)]
    [TestCase(BalancerMode.Paused)]
    public void All_domains_get_their_boot_memory_and_the_mode_is_paused(BalancerMode mode)
    {
        Start(mode, free: 1024, (1, 300), (2, 512));

        Assert.That(Restore(), Is.Empty);

        Assert.That(domains[1].Actual, Is.EqualTo(KiB.FromMiB(512)));
        Assert.That(balancer.Settings.Mode, Is.EqualTo(BalancerMode.Paused));
        Assert.That(balancer.Settings.ToBalancerSettings().Restores, Is.False);
        Assert.That(log.Lines, Has.Some.EqualTo("every domain has at least what it booted with"));
    }

    [Test]
    public void Domain_that_gets_less_is_named_with_the_reason()
    {
        Start(BalancerMode.Active, free: 164, (1, 300), (2, 512));

        string missing = Restore().Single();

        Assert.That(missing, Does.StartWith("g1: 400 MiB of 512 MiB: waiting at 400 MiB until memory is free"));
        Assert.That(log.Lines, Has.Some.EqualTo($"not restored: {missing}"));
    }

    [Test]
    public void Domain_that_does_not_run_is_named()
    {
        Start(BalancerMode.Active, free: 1024, (1, 300));
        domains[1] = domains[1] with { Lifecycle = DomainLifecycle.Paused };

        Assert.That(Restore().Single(), Does.StartWith("g1: 300 MiB of 512 MiB: left alone: it is not running"));
    }

    [Test]
    public void Size_set_by_another_tool_is_named_with_the_remedy()
    {
        Start(BalancerMode.Active, free: 1024, (1, 512));
        balancer.RunPass();
        domains[1] = domains[1] with { Target = KiB.FromMiB(400), Actual = KiB.FromMiB(400) };
        balancer.RunPass();

        Assert.That(Restore().Single(), Does.Contain("(xl mem-set)").And.EndWith("; see 'xenballoon unpin g1'"));
    }

    [Test]
    public void Domain_with_more_than_its_boot_memory_in_use_counts_as_restored()
    {
        Start(BalancerMode.Active, free: 1024, (1, 900));

        Assert.That(Restore(), Is.Empty);
        Assert.That(domains[1].Target, Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void Restoration_ends_at_its_limit_although_memory_moves()
    {
        Start(BalancerMode.Active, free: 1024, (1, 300));
        isDeaf = true;

        Assert.That(Restore(limit: 7), Has.Length.EqualTo(1));
        Assert.That(now, Is.LessThanOrEqualTo(TimeSpan.FromSeconds(1010)));
    }

    [Test]
    public void Second_request_waits_for_the_same_restoration()
    {
        Start(BalancerMode.Active, free: 1024, (1, 300));
        Restoration first = balancer.Restore(TimeSpan.FromSeconds(60));

        Assert.That(balancer.Restore(TimeSpan.FromSeconds(60)), Is.SameAs(first));
    }

    private ImmutableArray<string> Restore(int limit = 60)
    {
        Restoration restoration = balancer.Restore(TimeSpan.FromSeconds(limit));
        for (int pass = 0; pass < 100 && balancer.Restoration is not null; pass++) balancer.RunPass();
        Assert.That(restoration.Completion.IsCompletedSuccessfully, "it did not end");
        return restoration.Completion.Result;
    }

    private void Start(BalancerMode mode, long free, params (int Domid, long Mib)[] guests)
    {
        foreach ((int domid, long mib) in guests)
        {
            domains[domid] = new DomainSnapshot
            {
                Identity = new DomainIdentity(domid, new Guid(domid, 0, 0, new byte[8])),
                Name = $"g{domid}",
                Actual = KiB.FromMiB(mib),
                Target = KiB.FromMiB(mib),
                MaxMem = KiB.FromMiB(mib + 1),
                StaticMax = KiB.FromMiB(1024),
                BootMemory = KiB.FromMiB(512),
            };
        }

        total = KiB.FromMiB(free + guests.Sum(guest => guest.Mib));
        var configuration = new DaemonConfiguration { Mode = mode, Balancer = new() { KeepFree = KiB.Zero } };
        var store = new StateStore(null, NullLogger<StateStore>.Instance);
        balancer = new HostBalancer(host, new PlanApplier(host, log), configuration, store, TimeProvider.System);
        balancer.MakePlan();
    }

    private HostSnapshot Observe()
    {
        now += TimeSpan.FromSeconds(1);
        return new HostSnapshot
        {
            At = now,
            Total = total,
            Free = total - new KiB(domains.Values.Sum(domain => domain.Actual.Value)),
            Domains = [.. domains.Values.OrderBy(domain => domain.Identity.Domid)],
        };
    }

    private CommandOutcome Execute(HostCommand command)
    {
        if (isDeaf) return CommandOutcome.Done;
        DomainSnapshot domain = domains[command.Domain.Domid];
        domains[command.Domain.Domid] = command.Kind switch
        {
            HostCommandKind.SetTarget => domain with { Target = command.Value, Actual = command.Value },
            HostCommandKind.SetMaxMem => domain with { MaxMem = command.Value },
            _ => domain,
        };
        return CommandOutcome.Done;
    }
}
