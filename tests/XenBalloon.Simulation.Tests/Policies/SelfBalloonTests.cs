using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class SelfBalloonTests
{
    [TestCase(1000, 200, 900)]
    [TestCase(1000, 1800, 1800)]
    [TestCase(170, 20, 160)]
    public void Guest_shrinks_by_an_eighth_of_the_difference_and_grows_at_once(int total, int goal, int expected) =>
        Assert.That(
            SelfBalloonRule.Target(KiB.FromMiB(total), KiB.FromMiB(goal), KiB.FromMiB(160)),
            Is.EqualTo(KiB.FromMiB(expected)));

    [TestCase(12, 12)]
    [TestCase(34, 27)]
    [TestCase(130, 53)]
    [TestCase(709, 120)]
    public void Floor_is_a_smaller_fraction_of_a_larger_guest(int largest, int expected) =>
        Assert.That(SelfBalloonRule.Floor(KiB.FromMiB(largest), KiB.FromMiB(2)).MiB(), Is.EqualTo(expected).Within(1));

    [TestCase(600, true)]
    [TestCase(50, false)]
    public void Committed_memory_decides_whatever_is_free(int committed, bool grows)
    {
        var policy = new SelfBalloonPolicy(PeerRun.Crowded(PeerRun.Guest("guest")));
        HostSnapshot snapshot = new()
        {
            At = TimeSpan.Zero,
            Total = KiB.FromMiB(2304),
            Free = KiB.Zero,
            Domains = [PeerDomains.Domain(1, "guest", 512, 472, 0, committed, TimeSpan.Zero)],
        };
        ImmutableArray<HostCommand> commands = policy.Decide(snapshot, []).Commands;
        double target = commands.Single(command => command.Kind == HostCommandKind.SetTarget).Value.MiB();
        double goal = committed + (0.1 * 512) + 40;
        Assert.Multiple(() =>
        {
            Assert.That(target, Is.EqualTo(grows ? goal : 512 - ((512 - goal) / 8)).Within(5));
            Assert.That(
                commands.Single(command => command.Kind == HostCommandKind.SetMaxMem).Value,
                Is.EqualTo(KiB.FromMiB(2049)));
        });
    }

    [Test]
    public void Idle_guest_shrinks_slowly_and_loses_its_cache()
    {
        using var run = new PeerRun(
            PeerRun.Crowded(PeerRun.Guest("idle") with { Files = new ConstantLoad(KiB.FromMiB(200)) }), "self-balloon");
        run.Run(6);
        double soon = run.ActualMiB("idle");
        run.Run(112);
        Assert.Multiple(() =>
        {
            Assert.That(soon, Is.InRange(440, 511));
            Assert.That(run.ActualMiB("idle"), Is.InRange(200, 350));
            Assert.That(run.Host.Outcome("idle").FileFaults, Is.Positive);
        });
    }
}
