using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class SenpaiTests
{
    [TestCase(0, 10)]
    [TestCase(0.0005, 5)]
    [TestCase(0.001, 0)]
    [TestCase(0.5, 0)]
    public void Probe_takes_at_most_1_percent_and_nothing_at_0_1_percent_pressure(double pressure, int taken) =>
        Assert.That(SenpaiRule.Probe(KiB.FromMiB(1000), pressure), Is.EqualTo(KiB.FromMiB(taken)));

    [TestCase(10, 0)]
    [TestCase(100, 250)]
    [TestCase(200, 1000)]
    [TestCase(5000, 1000)]
    public void Back_off_grows_with_the_stall(int stalledMs, int back) =>
        Assert.That(
            SenpaiRule.BackOff(KiB.FromMiB(1000), TimeSpan.FromMilliseconds(stalledMs)).MiB(),
            Is.EqualTo(back).Within(0.01));

    [Test]
    public void Probes_are_six_seconds_apart()
    {
        var guest = new SenpaiGuest();
        KiB[] changes = [.. Enumerable.Range(0, 13).Select(_ => guest.Update(KiB.FromMiB(1000), TimeSpan.Zero, 0))];
        Assert.That(Enumerable.Range(0, 13).Where(second => changes[second] != KiB.Zero), Is.EqualTo(new[] { 5, 11 }));
    }

    [Test]
    public void Guest_shrinks_until_it_stalls_and_grows_into_free_memory()
    {
        var policy = new SenpaiPolicy(PeerRun.Crowded(PeerRun.Guest("guest")));
        KiB least = KiB.Zero;
        for (int second = 0; second <= 6; second++)
        {
            if (Target(policy, second, TimeSpan.Zero, 0) is { } target) least = target;
        }

        Assert.That(least, Is.EqualTo(KiB.FromMiB(512).Times(0.99).FloorToPage()));
        KiB? back = Target(policy, 7, TimeSpan.FromSeconds(1), 0.1);
        Assert.That(back, Is.EqualTo(KiB.FromMiB(512 + 64)), "all that was free");
    }

    private static KiB? Target(SenpaiPolicy policy, int second, TimeSpan stalled, double pressure)
    {
        TimeSpan now = TimeSpan.FromSeconds(second);
        DomainSnapshot domain = PeerDomains.Domain(1, "guest", 512, 480, 0, 100, now);
        GuestReport report = domain.Report! with
        {
            Vitals = domain.Report!.Vitals! with { MemorySomeTotal = stalled, MemorySome = pressure, IoSome = 0 },
        };
        var snapshot = new HostSnapshot
        {
            At = now,
            Total = KiB.FromMiB(2304),
            Free = KiB.FromMiB(64),
            Domains = [domain with { Report = report }],
        };
        ImmutableArray<HostCommand> commands = policy.Decide(snapshot, []).Commands;
        return commands.FirstOrDefault(
            command => command.Kind == HostCommandKind.SetTarget) is { Value.Value: > 0 } command
            ? command.Value
            : null;
    }
}
