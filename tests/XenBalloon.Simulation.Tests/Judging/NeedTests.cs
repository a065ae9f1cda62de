using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Judging.Runs;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class NeedTests
{
    private static readonly GuestDescription Plain = VirtualHost.Guest();

    [Test]
    public void What_is_used_is_needed_to_the_page()
    {
        KiB more = Needed(Plain with { Anonymous = new ConstantLoad(KiB.FromMiB(228)) }) - Needed(Plain);
        Assert.That(more, Is.EqualTo(KiB.FromMiB(100)));
    }

    [Test]
    public void Cold_memory_is_needed_only_as_far_as_swap_cannot_take_it()
    {
        GuestDescription cold = Plain with { Cold = new ConstantLoad(KiB.FromMiB(100)), Swap = new SwapDescription { Size = KiB.FromMiB(70) } };
        Assert.That(Needed(cold) - Needed(Plain), Is.EqualTo(KiB.FromMiB(30)));
    }

    [Test]
    public void Of_a_cache_that_hardly_saves_time_nothing_is_needed() =>
        Assert.That(Needed(Plain with { Cache = Cache(10) }), Is.EqualTo(Needed(Plain)));

    [Test]
    public void Of_a_busy_cache_as_much_is_needed_as_saves_noticeable_time()
    {
        KiB some = Needed(Plain with { Cache = Cache(5_000) }) - Needed(Plain), most = Needed(Plain with { Cache = Cache(50_000) }) - Needed(Plain);
        Assert.That(some, Is.GreaterThan(KiB.Zero).And.LessThan(most));
        Assert.That(most, Is.LessThanOrEqualTo(KiB.FromMiB(200)));
    }

    [Test]
    public void A_loop_needs_all_of_its_working_set() =>
        Assert.That((Needed(Plain with { Cache = Cache(5_000) with { Curve = new LoopMissCurve() } }) - Needed(Plain)).Value, Is.EqualTo(200 * 1024).Within(1024));

    private static CacheDescription Cache(double lookups) => new() { WorkingSet = KiB.FromMiB(200), LookupsPerSecond = lookups, Curve = new ExponentialMissCurve(0.05) };

    private static KiB Needed(GuestDescription guest)
    {
        var recorder = new TimelineRecorder(TimeSpan.FromSeconds(1));
        var still = new ScriptedPolicy(_ => new Turn([], TimeSpan.FromHours(1)));
        SimulationRun.Run(VirtualHost.Hosting(guest), still, TimeSpan.FromSeconds(1), recorder);
        return recorder.Moments[^1].Guests[0]!.Needed;
    }
}
