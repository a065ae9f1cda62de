using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class PeerCommandsTests
{
    private static PeerGuest Guest(DomainKind kind) => new GuestTracker(PeerRun.Crowded()).Update(new HostSnapshot
    {
        At = TimeSpan.Zero,
        Total = KiB.FromMiB(2304),
        Free = KiB.FromMiB(1000),
        Domains =
        [
            PeerDomains.Domain(1, "guest", 512, 480, 0, 100, TimeSpan.Zero) with
            {
                Kind = kind,
                Actual = KiB.FromMiB(514),
                MaxMem = KiB.FromMiB(515),
            },
        ],
    }).Single();

    private static (HostCommandKind, double)[] Resized(DomainKind kind, int mib)
    {
        var commands = new PeerCommands();
        commands.Resize(Guest(kind), KiB.FromMiB(mib));
        return [.. commands.ToImmutable().Select(command => (command.Kind, command.Value.MiB()))];
    }

    [Test]
    public void Growing_sets_the_cap_first_with_offset_and_libxl_allowance() => Assert.That(
        Resized(DomainKind.Hvm, 600),
        Is.EqualTo(new[]
        {
            (HostCommandKind.SetMaxMem, 603.0),
            (HostCommandKind.SetPodTarget, 603.0),
            (HostCommandKind.SetTarget, 600.0),
        }));

    [Test]
    public void Shrinking_sets_the_cap_last() => Assert.That(
        Resized(DomainKind.Pv, 400),
        Is.EqualTo(new[] { (HostCommandKind.SetTarget, 400.0), (HostCommandKind.SetMaxMem, 403.0) }));

    [Test]
    public void Unchanged_values_are_not_written() => Assert.That(Resized(DomainKind.Hvm, 512), Is.Empty);

    [Test]
    public void Guests_grow_only_into_free_and_unpromised_memory()
    {
        HostSnapshot snapshot = new()
        {
            At = TimeSpan.Zero,
            Total = KiB.FromMiB(2304),
            Free = KiB.FromMiB(300),
            Domains =
            [
                PeerDomains.Domain(1, "one", 500, 480, 0, 100, TimeSpan.Zero),
                PeerDomains.Domain(2, "other", 500, 480, 0, 100, TimeSpan.Zero),
                PeerDomains.Domain(3, "giver", 500, 480, 0, 100, TimeSpan.Zero),
            ],
        };
        var tracker = new GuestTracker(PeerRun.Crowded());
        tracker.Update(snapshot);

        // The first has a target 100 MiB higher and has not grown yet.
        DomainSnapshot promised = snapshot.Domains[0] with { Target = KiB.FromMiB(600), MaxMem = KiB.FromMiB(601) };
        snapshot = snapshot with { Domains = snapshot.Domains.SetItem(0, promised) };
        IReadOnlyList<PeerGuest> guests = tracker.Update(snapshot);
        var commands = new PeerCommands();
        PacedResize.Apply(
            commands, snapshot,
            [(guests[0], KiB.FromMiB(700)), (guests[1], KiB.FromMiB(800)), (guests[2], KiB.FromMiB(200))],
            KiB.FromMiB(40));
        var targets = commands.ToImmutable()
            .Where(command => command.Kind == HostCommandKind.SetTarget)
            .ToDictionary(command => command.Domain.Domid, command => command.Value.MiB());
        Assert.Multiple(() =>
        {
            Assert.That(targets[3], Is.EqualTo(200), "a guest that shrinks is resized at once");
            Assert.That(targets[1], Is.EqualTo(640).Within(0.01), "its part of the 160 MiB that are left");
            Assert.That(targets[2], Is.EqualTo(620).Within(0.01));
        });
    }
}
