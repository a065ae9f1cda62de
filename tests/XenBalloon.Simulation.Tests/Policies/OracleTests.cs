using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class OracleTests
{
    private static readonly Gen<OracleGuest> Guests =
        from lower in Gen.Long[0, 1_000_000]
        from range in Gen.Long[0, 1_000_000]
        from levels in Gen.Long[0, 2_500_000].Array[4]
        select new OracleGuest(
            new KiB(lower), new KiB(lower + range), [.. levels.Select(level => OracleLevel.Programs(new KiB(level)))]);

    [Test]
    public void Plan_respects_bounds_and_capacity() =>
        Gen.Select(Guests.Array[1, 8], Gen.Long[0, 10_000_000]).Sample((guests, capacity) =>
    {
        KiB[] sizes = OraclePlan.Sizes(guests, new KiB(capacity));
        long lowest = guests.Sum(guest => guest.Lower.CeilingToPage().Value);
        bool within = guests.Zip(
            sizes,
            (guest, size) => size >= guest.Lower
                && size <= KiB.Max(guest.Lower.CeilingToPage(), guest.Upper)).All(holds => holds);
        return within && sizes.Sum(size => size.Value) <= Math.Max(lowest, capacity);
    });

    [Test]
    public void Urgent_levels_come_first_with_equal_shortages()
    {
        OracleGuest[] guests = [Guest(500, 900), Guest(200, 800)];
        Assert.Multiple(() =>
        {
            Assert.That(Sizes(guests, 600), Is.EqualTo(new[] { 450, 150 }));
            Assert.That(Sizes(guests, 900), Is.EqualTo(new[] { 500, 400 }), "400 and 600 lacking, 200 there");
            Assert.That(Sizes(guests, 1200), Is.EqualTo(new[] { 650, 550 }));
        });
    }

    [Test]
    public void Guests_short_by_most_are_given_up_to_save_the_others()
    {
        OracleGuest[] guests = [Guest(1000), Guest(400), Guest(300)];
        guests = Array.ConvertAll(
            guests, guest => guest with { Levels = [guest.Levels[0] with { ThrashingShortage = KiB.FromMiB(150) }] });
        Assert.Multiple(() =>
        {
            Assert.That(Sizes(guests, 1400), Is.EqualTo(new[] { 900, 300, 200 }), "100 each");
            Assert.That(Sizes(guests, 900), Is.EqualTo(new[] { 200, 400, 300 }), "not 267 each");
            Assert.That(Sizes(guests, 500), Is.EqualTo(new[] { 100, 250, 150 }), "150 for each remaining guest");
        });
    }

    private static OracleGuest Guest(params int[] levels) =>
        new(KiB.FromMiB(100), KiB.FromMiB(2000), [.. levels.Select(level => OracleLevel.Files(KiB.FromMiB(level)))]);

    private static double[] Sizes(OracleGuest[] guests, int capacity) =>
        [.. OraclePlan.Sizes(guests, KiB.FromMiB(capacity)).Select(size => size.MiB())];

    [Test]
    public void Needs_are_met_in_advance()
    {
        GuestDescription one =
            PeerRun.Guest("one") with { BootMemory = KiB.FromMiB(1200), Anonymous = PeerRun.Rising(1000, 200, 30) };
        GuestDescription other = PeerRun.Guest("other") with { Anonymous = PeerRun.Rising(200, 1000, 34) };
        using var run = new PeerRun(PeerRun.Crowded(one, other), "oracle");
        run.Run(120);
        Assert.Multiple(() =>
        {
            Assert.That(run.Report.Guests.Select(guest => guest.Stalled), Is.All.EqualTo(TimeSpan.Zero));
            Assert.That(run.Report.Host.Violations + run.Report.Host.RefusedGrowth, Is.Zero);
            Assert.That(run.Report.Host.BelowSlack, Is.EqualTo(TimeSpan.Zero));
        });
    }

    [Test]
    public void Memory_is_given_out_only_when_it_is_free()
    {
        Scenario scenario = PeerRun.Crowded(PeerRun.Guest("needy", 800), PeerRun.Guest("idle"));
        HostSnapshot snapshot = new()
        {
            At = TimeSpan.Zero,
            Total = scenario.HostTotal,
            Free = scenario.Slack + KiB.FromMiB(10),
            Domains = [
                PeerDomains.Domain(1, "needy", 512, 448, 0, 440, TimeSpan.Zero),
                PeerDomains.Domain(2, "idle", 1462, 1400, 0, 128, TimeSpan.Zero)],
        };
        var targets = new OraclePolicy(scenario).Decide(snapshot, []).Commands
            .Where(command => command.Kind == HostCommandKind.SetTarget)
            .ToDictionary(command => command.Domain.Domid, command => command.Value.MiB());
        Assert.Multiple(() =>
        {
            Assert.That(targets[1], Is.EqualTo(522));
            Assert.That(targets[2], Is.LessThan(1100));
        });
    }

    [Test]
    public void Memory_of_a_stuck_guest_is_not_planned_with()
    {
        GuestDescription stuck =
            PeerRun.Guest("stuck") with { BootMemory = KiB.FromMiB(900), Balloon = BalloonDescription.Stuck };
        GuestDescription needy =
            PeerRun.Guest("needy") with { BootMemory = KiB.FromMiB(500), Anonymous = PeerRun.Rising(128, 600, 30) };
        using var run = new PeerRun(
            PeerRun.Crowded(stuck, needy, PeerRun.Guest("idle") with { BootMemory = KiB.FromMiB(580) }), "oracle");
        run.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(run.Host.Outcome("needy").Stalled, Is.EqualTo(TimeSpan.Zero));
            Assert.That(run.Host.Outcome("stuck").TargetsWritten, Is.Zero);
        });
    }

    [Test]
    public void Memory_for_a_future_start_is_free_in_time()
    {
        GuestDescription idle = PeerRun.Guest("idle") with { BootMemory = KiB.FromMiB(1800) };
        using var run = new PeerRun(
            PeerRun.Crowded(idle, PeerRun.Guest("late", 300) with { CreatedAt = TimeSpan.FromSeconds(60) }), "oracle");
        run.Run(40);
        Assert.That(run.ActualMiB("idle"), Is.EqualTo(1800), "not long before");
        run.Run(40);
        Assert.Multiple(() =>
        {
            Assert.That(run.Report.Host.FailedStarts, Is.Zero);
            Assert.That(run.Host.Outcome("late").Present, Is.True);
        });
    }

    [Test]
    public void Waiting_start_gets_its_memory_unless_a_guest_would_be_swapped_out()
    {
        using var idle =
            new PeerRun(PeerRun.Crowded(PeerRun.Guest("guest") with { BootMemory = KiB.FromMiB(1800) }), "oracle");
        using var busy = new PeerRun(
            PeerRun.Crowded(PeerRun.Guest("guest", 1600) with { BootMemory = KiB.FromMiB(1800) }), "oracle");
        idle.Waiting = busy.Waiting = [PeerRun.Start("second", 600)];
        idle.Run(5);
        busy.Run(5);
        Assert.Multiple(() =>
        {
            Assert.That(idle.Now.Free, Is.GreaterThanOrEqualTo(KiB.FromMiB(600)));
            Assert.That(busy.Host.Outcome("guest").SwapFaults, Is.Zero);
        });
    }

    [Test]
    public void Oracle_has_the_least_slowdown_in_the_demo(
        [Values("static", "squeezed", "qmemman", "proxmox", "mom", "self-balloon", "hyper-v", "esx", "senpai")]
        string peer)
    {
        Scenario demo = BuiltInScenarios.All.Single(scenario => scenario.Name == "demo");
        Assert.That(Stalled(demo, "oracle"), Is.LessThanOrEqualTo(Stalled(demo, peer)));
    }

    private static double Stalled(Scenario scenario, string peer)
    {
        using var run = new PeerRun(scenario, peer);
        run.Run(120);
        return run.Report.Guests.Sum(guest => guest.Stalled.TotalSeconds);
    }
}
