using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Tests.Peers;

/// <summary>The scenarios of squeezed's own simulator, by the letters that they have there; all in KiB.</summary>
public sealed class SqueezedVectorTests
{
    private static SqueezedDomain Domain(int id, int min, int target, int max, int inaccuracy = 0) =>
        new(id, CanBalloon: true, new KiB(min), new KiB(target), new KiB(max), new KiB(target), new KiB(inaccuracy));

    private static SqueezeCall Free(int wanted, bool twoPhase = true) => new(new KiB(wanted), free => free >= new KiB(wanted), twoPhase);

    [Test]
    public void A_memory_is_freed_although_one_has_a_hidden_floor_and_the_other_sticks_now_and_then()
    {
        var host = new SqueezedSimulator(
            new SqueezedVm(Domain(0, 1000, 1500, 2000, 4), 100) { HiddenFloor = new KiB(1250) },
            new SqueezedVm(Domain(1, 2500, 3500, 4500, 4), 500) { StuckEveryOther = 0.25 });
        SqueezeStep freed = host.Run(Free(1000));
        Assert.Multiple(() =>
        {
            Assert.That(freed.Outcome, Is.EqualTo(SqueezeOutcome.Succeeded));
            Assert.That(host.GuaranteedFree, Is.GreaterThanOrEqualTo(new KiB(1000)));
        });
        host.Free -= new KiB(500);
        SqueezeStep returned = host.Run(new SqueezeCall(KiB.Zero, free => free <= new KiB(32)));
        Assert.Multiple(() =>
        {
            Assert.That(returned.Outcome, Is.EqualTo(SqueezeOutcome.Succeeded));
            Assert.That(host.Free, Is.LessThanOrEqualTo(new KiB(32)));
            Assert.That(host.GuaranteedFree, Is.GreaterThanOrEqualTo(KiB.Zero));
            Assert.That(host.Overallocated || host.TargetBeyondCap, Is.False);
        });
    }

    [Test]
    public void C_what_minimums_do_not_allow_cannot_be_freed_and_nobody_is_to_blame()
    {
        var host = new SqueezedSimulator(new SqueezedVm(Domain(0, 1000, 1500, 2000), 100), new SqueezedVm(Domain(1, 2000, 2500, 3000), 100));
        SqueezeStep step = host.Run(Free(1500));
        Assert.Multiple(() =>
        {
            Assert.That(step.Outcome, Is.EqualTo(SqueezeOutcome.CannotFree));
            Assert.That(host.Free, Is.EqualTo(new KiB(1000)));
        });
    }

    [Test]
    public void D_a_domain_that_stops_above_its_minimum_is_blamed()
    {
        var host = new SqueezedSimulator(
            new SqueezedVm(Domain(0, 1000, 1500, 2000), 100),
            new SqueezedVm(Domain(1, 2000, 2500, 3000), 100) { HiddenFloor = new KiB(2250) });
        SqueezeStep step = host.Run(Free(1000));
        Assert.Multiple(() =>
        {
            Assert.That(step.Outcome, Is.EqualTo(SqueezeOutcome.Refused));
            Assert.That(step.Refusers, Is.EqualTo(new[] { 1 }));
        });
    }

    [TestCase(true, false)]
    [TestCase(false, true)]
    public void F_without_two_phases_more_is_taken_than_is_free(bool twoPhase, bool overallocated)
    {
        var host = new SqueezedSimulator(
            new SqueezedVm(Domain(0, 5000, 7000, 7000), 100) { StuckEveryOther = double.PositiveInfinity },
            new SqueezedVm(Domain(1, 5000, 6000, 11000), 100));
        SqueezeStep step = host.Run(Free(1000, twoPhase));
        Assert.Multiple(() =>
        {
            Assert.That(host.Overallocated, Is.EqualTo(overallocated));
            Assert.That(step.Outcome, Is.EqualTo(overallocated ? SqueezeOutcome.Working : SqueezeOutcome.Succeeded));
        });
    }

    [Test]
    public void A_domain_that_does_not_grow_is_cut_off_at_what_it_has_once_it_is_given_up()
    {
        SqueezedDomain waking = Domain(0, 500, 1500, 2000) with { Actual = new KiB(1000) };
        var host = new SqueezedHost(new KiB(500), [waking, Domain(1, 1000, 1000, 1000)]);
        SqueezeCall call = Free(0);
        call.Step(host, TimeSpan.Zero);
        Assert.Multiple(() =>
        {
            Assert.That(call.Step(host, TimeSpan.FromSeconds(5)).Sizes[0].Size, Is.Not.EqualTo(new KiB(1000)));
            Assert.That(call.Step(host, TimeSpan.FromSeconds(6)).Sizes[0].Size, Is.EqualTo(new KiB(1000)));
        });
    }

    [Test]
    public void Surplus_is_spread_in_proportion_to_the_ranges()
    {
        SqueezedDomain[] domains = [Domain(0, 1000, 1000, 2000), Domain(1, 1000, 1000, 4000)];
        IReadOnlyDictionary<int, KiB> targets = ProportionalShare.Targets(new SqueezedHost(new KiB(1100), [.. domains]), domains, new KiB(100));
        Assert.That(targets.Values, Is.EqualTo(new[] { new KiB(1250), new KiB(1750) }));
    }
}
