using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Peers.Qmemman;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Tests.Peers;

/// <summary>What qmemman does while nothing moves, on hosts made by hand.</summary>
public sealed class QmemmanLockTests
{
    private static readonly DomainSnapshot Starting = new()
    {
        Identity = new DomainIdentity(9, Guid.NewGuid()),
        Name = "third",
        Lifecycle = DomainLifecycle.Building,
        Actual = KiB.FromMiB(10),
        MaxMem = KiB.FromMiB(11),
    };

    private static HostSnapshot Host(double second, int needyUses, int freeMiB = 60) => new()
    {
        At = TimeSpan.FromSeconds(second),
        Total = KiB.FromMiB(2304),
        Free = KiB.FromMiB(freeMiB),
        Domains =
        [
            PeerDomains.Domain(1, "stuck", 700, 680, 0, 100, TimeSpan.FromSeconds(second)),
            PeerDomains.Domain(2, "needy", 600, 580, 0, needyUses, TimeSpan.FromSeconds(second)),
        ],
    };

    private static int[] Told(Turn turn) =>
        [.. turn.Commands.Where(command => command.Kind == HostCommandKind.SetTarget).Select(command => command.Domain.Domid)];

    [Test]
    public void Who_did_not_react_within_half_a_second_is_told_nothing_next_time()
    {
        var policy = new QmemmanPolicy(PeerRun.Crowded());
        Turn first = policy.Decide(Host(0, 400), []);
        for (int tick = 1; tick < 10; tick++) policy.Decide(Host(tick / 10.0, 400), []);
        Turn next = policy.Decide(Host(1, 500), []);
        Assert.Multiple(() =>
        {
            Assert.That(Told(first), Does.Contain(1));
            Assert.That(Told(next), Does.Not.Contain(1));
        });
    }

    [Test]
    public void A_start_is_refused_at_once_when_those_who_could_give_do_not_move()
    {
        var policy = new QmemmanPolicy(PeerRun.Crowded());
        StartRequest start = PeerRun.Start("third", 300);
        policy.Decide(Host(0, 400), []);
        for (int tick = 1; tick < 20; tick++) policy.Decide(Host(tick / 10.0, 400), []);
        Turn asked = policy.Decide(Host(2, 400), [start]);
        Turn refused = policy.Decide(Host(2.1, 400), [start]);
        Assert.Multiple(() =>
        {
            Assert.That(Told(asked), Does.Contain(1));
            Assert.That((refused.LookAgainAfter, refused.WakeOnChange), Is.EqualTo((TimeSpan.FromSeconds(1), true)));
        });
    }

    [Test]
    public void The_lock_is_held_until_the_domain_is_up()
    {
        var policy = new QmemmanPolicy(PeerRun.Crowded());
        policy.Decide(Host(0, 100, 90), [PeerRun.Start("third", 10)]);
        HostSnapshot building = Host(1, 500, 90);
        Turn held = policy.Decide(building with { Domains = building.Domains.Add(Starting) }, []);
        Turn released = policy.Decide(Host(2, 500, 90), []);
        Assert.Multiple(() =>
        {
            Assert.That(held.Commands, Is.Empty);
            Assert.That(released.Commands, Is.Not.Empty);
        });
    }

    [TestCase(20, false)]
    [TestCase(31, true)]
    public void A_guest_writes_only_what_has_changed_by_thirty_megabytes(int change, bool written)
    {
        var writer = new MeminfoWriter();
        bool first = writer.Read(Vitals(0, 100));
        bool again = writer.Read(Vitals(0, 100));
        bool changed = writer.Read(Vitals(1, 100 + change));
        Assert.That((first, again, changed), Is.EqualTo((true, false, written)));
    }

    [Test]
    public void One_that_fills_up_writes_already_at_half_of_that()
    {
        var writer = new MeminfoWriter();
        writer.Read(Vitals(0, 400));
        Assert.That(writer.Read(Vitals(1, 420)), Is.True);
    }

    private static ReportedVitals Vitals(int second, int used) =>
        new(PeerDomains.Domain(1, "guest", 500, 480, 0, used, TimeSpan.FromSeconds(second)).Report!, KiB.FromMiB(480));
}
