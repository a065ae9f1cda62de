using CsCheck;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class NeedTests
{
    private static readonly GuestDescription Plain = VirtualHost.Guest();

    [Test]
    public void Need_equals_use_to_the_page()
    {
        KiB more = Needed(Plain with { Anonymous = new ConstantLoad(KiB.FromMiB(228)) }) - Needed(Plain);
        Assert.That(more, Is.EqualTo(KiB.FromMiB(100)));
    }

    [Test]
    public void Cold_memory_is_needed_only_as_far_as_it_does_not_fit_in_swap()
    {
        GuestDescription cold = Plain with
        {
            Cold = new ConstantLoad(KiB.FromMiB(100)),
            Swap = new SwapDescription { Size = KiB.FromMiB(70) },
        };
        Assert.That(Needed(cold) - Needed(Plain), Is.EqualTo(KiB.FromMiB(30)));
    }

    [Test]
    public void Cache_that_saves_little_time_is_not_needed() =>
        Assert.That(Needed(Plain with { Cache = Cache(10) }), Is.EqualTo(Needed(Plain)));

    [Test]
    public void Busy_cache_is_needed_as_far_as_it_saves_noticeable_time()
    {
        KiB some = Needed(Plain with { Cache = Cache(5_000) }) - Needed(Plain), most = Needed(
            Plain with { Cache = Cache(50_000) }) - Needed(Plain);
        Assert.That(some, Is.GreaterThan(KiB.Zero).And.LessThan(most));
        Assert.That(most, Is.LessThanOrEqualTo(KiB.FromMiB(200)));
    }

    [Test]
    public void Loop_needs_its_whole_working_set() =>
        Assert.That(
            (Needed(Plain with { Cache = Cache(5_000) with { Curve = new LoopMissCurve() } }) - Needed(Plain)).Value,
            Is.EqualTo(200 * 1024).Within(1024));

    private static CacheDescription Cache(double lookups) =>
        new() { WorkingSet = KiB.FromMiB(200), LookupsPerSecond = lookups, Curve = new ExponentialMissCurve(0.05) };

    private static KiB Needed(GuestDescription guest)
    {
        var recorder = new TimelineRecorder(TimeSpan.FromSeconds(1));
        var still = new ScriptedPolicy(_ => new PolicyDecision([], TimeSpan.FromHours(1)));
        SimulationRun.Run(VirtualHost.Hosting(guest), still, TimeSpan.FromSeconds(1), recorder);
        return recorder.Moments[^1].Guests[0]!.Needed;
    }
}

public sealed class EntitlementTests
{
    [TestCase(
        1000, "1 1", "0 0", "300 400", "300 400",
        TestName = "Needs_within_the_capacity_are_met")]
    [TestCase(1000, "1 1", "0 0", "900 800", "500 500", TestName = "Equal_weights_share_equally")]
    [TestCase(900, "2 1", "0 0", "900 900", "600 300", TestName = "Shares_follow_weights")]
    [TestCase(1000, "1 1", "0 0", "200 900", "200 800", TestName = "Unneeded_share_goes_to_the_other")]
    [TestCase(
        1000, "1 1 1", "0 0 0", "100 500 900", "100 450 450",
        TestName = "Unneeded_share_goes_to_the_others_equally")]
    [TestCase(1000, "1 1", "700 0", "800 900", "700 300", TestName = "Minimum_holds")]
    [TestCase(
        1000, "1 1", "800 400", "900 900", "666.6667 333.3333",
        TestName = "Minimums_beyond_the_capacity_shrink_in_proportion")]
    public void Shares(double capacity, string weights, string least, string needs, string expected) =>
        Assert.That(
            Share(capacity, Numbers(weights), Numbers(least), Numbers(needs)),
            Is.EqualTo(Numbers(expected)).Within(1e-3));

    [Test]
    public void Capacity_is_fully_divided_and_no_guest_gets_more_than_its_need() =>
        Gen.Select(
            Gen.Double[0, 1000].Array[4], Gen.Double[1, 100].Array[4],
            Gen.Double[0, 3000]).Sample((needs, weights, capacity) =>
        {
            double[] shares = Share(capacity, weights, [.. needs.Select(need => need / 10)], needs);
            double due = Math.Min(capacity, needs.Sum());
            return Math.Abs(shares.Sum() - due) < 1e-6 * Math.Max(1, due)
                && shares.Zip(needs).All(pair => pair.First <= pair.Second + 1e-9);
        });

    private static double[] Numbers(string text) => [.. text.Split(' ').Select(double.Parse)];

    private static double[] Share(double capacity, double[] weights, double[] least, double[] needs)
    {
        double[] shares = new double[needs.Length];
        new Entitlement(needs.Length).Share(capacity, weights, least, needs, shares);
        return shares;
    }
}

public sealed class WindowTests
{
    [Test]
    public void Slowdown_is_measured_in_windows_of_work()
    {
        var windows = new SlowdownWindows();
        foreach ((int worked, double stalled) in new[] { (5, 0.0), (10, 5), (20, 5), (30, 15), (39, 15) })
            windows.OnTick(Outcome(worked, stalled));
        Assert.That(windows.Sorted(), Is.EqualTo([1, 2, 100]));
    }

    [Test]
    public void Movement_ends_when_balloons_rest()
    {
        var movement = new MovementProbe();
        foreach (int tick in Enumerable.Range(1, 1000))
            movement.OnTick(Tick.Length * tick, tick is >= 11 and <= 20 or 100 or >= 400 and <= 430 or 990);
        Assert.That(movement.Sum().Select(stretch => stretch.TotalSeconds), Is.EqualTo([0.1, 3.1, 9]).Within(1e-9));
    }

    private static GuestOutcome Outcome(double worked, double stalled) =>
        new() { Name = "guest", Worked = TimeSpan.FromSeconds(worked), Stalled = TimeSpan.FromSeconds(stalled) };
}
