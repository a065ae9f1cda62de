using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class ProxmoxPolicyTests
{
    [Test]
    public void Guests_grow_in_steps_until_80_percent_of_the_host_is_in_use()
    {
        using var run = new PeerRun(PeerRun.Crowded(PeerRun.Guest("one"), PeerRun.Guest("other")), "proxmox");
        run.Run(1);
        Assert.That(run.TargetMiB("one"), Is.EqualTo(612));
        run.Run(10);
        Assert.That(run.TargetMiB("one"), Is.EqualTo(712));
        run.Run(120);
        Assert.That(run.Now.Free.Value / (double)run.Now.Total.Value, Is.EqualTo(0.2).Within(0.005));
    }

    [Test]
    public void Guest_under_pressure_gets_nothing_from_idle_guests_on_a_full_host()
    {
        GuestDescription starving =
            PeerRun.Guest("starving") with { Minimum = KiB.FromMiB(512), Anonymous = PeerRun.Rising(128, 700, 20) };
        GuestDescription idle =
            PeerRun.Guest("idle", 64) with { BootMemory = KiB.FromMiB(1400), Minimum = KiB.FromMiB(1400) };
        using var run = new PeerRun(PeerRun.Crowded(starving, idle), "proxmox");
        run.Run(300);
        Assert.Multiple(() =>
        {
            Assert.That(run.Host.Outcome("starving").MostActual, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(run.Host.Outcome("starving").Stalled, Is.GreaterThan(TimeSpan.FromSeconds(60)));
            Assert.That(run.Host.Outcome("idle").LeastActual, Is.EqualTo(KiB.FromMiB(1400)));
        });
    }
}

/// <summary>The vectors of pve-manager's tests, in MB of a million bytes.</summary>
public sealed class ProxmoxVectorTests
{
    private const long MB = 1_000_000;
    private const long Step = 100 * MB;

    private static readonly ProxmoxGuest[] Two = [Guest(100, 1000, 1000, 2000), Guest(101, 1000, 1000, 1000)];
    private static readonly ProxmoxGuest[] OneFull = [Guest(100, 2000, 2000, 2000), Guest(101, 1000, 1000, 1000)];
    private static readonly ProxmoxGuest[] Three =
        [Guest(100, 2000, 2000, 2000), Guest(101, 1007, 1000, 1000), Guest(102, 1000, 1000, 1000, free: 512)];

    private static ProxmoxGuest Guest(int id, int balloon, int min, int shares, int free = 0) =>
        new(id, balloon * MB, min * MB, 2000 * MB, shares, free * MB);

    private static string Text(IEnumerable<(int Id, long Size)> sizes) =>
        string.Join(' ', sizes.OrderBy(size => size.Id).Select(size => $"{size.Id}={size.Size / (double)MB}"));

    [TestCase(0, "")]
    [TestCase(90, "100=1060 101=1030")]
    [TestCase(150, "100=1100 101=1050")]
    [TestCase(270, "100=1100 101=1090")]
    public void Two_guests_grow_by_shares_and_a_step_at_most(int goal, string expected) =>
        Assert.That(Once(Two, goal), Is.EqualTo(expected));

    [TestCase(0, "")]
    [TestCase(18, "101=1018")]
    [TestCase(500, "101=1100")]
    public void Guest_at_its_maximum_leaves_memory_to_the_other(int goal, string expected) =>
        Assert.That(Once(OneFull, goal), Is.EqualTo(expected));

    [TestCase(0, "")]
    [TestCase(11, "101=1018")]
    [TestCase(80, "101=1087")]
    [TestCase(200, "101=1107")]
    public void Guest_under_pressure_comes_first(int goal, string expected) =>
        Assert.That(Once(Three, goal), Is.EqualTo(expected));

    [TestCase(180, "100=1120 101=1060")]
    [TestCase(270, "100=1180 101=1090")]
    [TestCase(600, "100=1300 101=1300")]
    [TestCase(900, "100=1600 101=1300")]
    public void Goal_is_reached_in_steps(int goal, string expected) =>
        Assert.That(Text(Iterate(Two, goal * MB).Changed), Is.EqualTo(expected));

    [TestCase(-200, "101=1200 102=1200")]
    [TestCase(-400, "101=1200 102=1000")]
    [TestCase(-593, "101=1007 102=1000")]
    public void Guests_shrink_in_steps(int goal, string expected)
    {
        (ProxmoxGuest[] grown, (int, long)[] changed) = Iterate(Three, 593 * MB);
        Assert.Multiple(() =>
        {
            Assert.That(Text(changed), Is.EqualTo("101=1300 102=1300"));
            Assert.That(Text(Iterate(grown, goal * MB).Changed), Is.EqualTo(expected));
        });
    }

    private static string Once(ProxmoxGuest[] guests, int goal) =>
        Text(AutoBalloon.Compute(guests, goal * MB, Step).Select(pair => (pair.Key, pair.Value)));

    private static (ProxmoxGuest[] Guests, (int, long)[] Changed) Iterate(ProxmoxGuest[] guests, long goal)
    {
        var changed = new Dictionary<int, long>();
        while (true)
        {
            IReadOnlyDictionary<int, long> sizes = AutoBalloon.Compute(guests, goal, Step);
            if (guests.All(guest => !sizes.TryGetValue(guest.Id, out long size) || size == guest.Balloon)) break;
            goal -= guests.Sum(guest => sizes.TryGetValue(guest.Id, out long size) ? size - guest.Balloon : 0);
            guests =
                [.. guests.Select(guest => sizes.TryGetValue(guest.Id, out long size) ? Resized(guest, size) : guest)];
            foreach ((int id, long size) in sizes) changed[id] = size;
        }

        return (guests, [.. changed.Select(pair => (pair.Key, pair.Value))]);
    }

    private static ProxmoxGuest Resized(ProxmoxGuest guest, long size) =>
        guest with { Balloon = size, Free = Math.Max(0, guest.Free + size - guest.Balloon) };
}
