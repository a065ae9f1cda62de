using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class SqueezedPolicyTests
{
    private static GuestDescription Ranged(string name, int min, int max) =>
        PeerRun.Guest(name) with { Minimum = KiB.FromMiB(min), Maximum = KiB.FromMiB(max) };

    [Test]
    public void All_domains_get_the_same_fraction_of_their_range()
    {
        GuestDescription busy = Ranged("busy", 256, 1280) with { Anonymous = new ConstantLoad(KiB.FromMiB(450)) };
        using var run = new PeerRun(PeerRun.Crowded(busy, Ranged("idle", 256, 1792)), "squeezed");
        run.Run(40);
        double ofBusy = (run.TargetMiB("busy") - 256) / 1024, ofIdle = (run.TargetMiB("idle") - 256) / 1536;
        Assert.Multiple(() =>
        {
            Assert.That(ofBusy, Is.EqualTo(ofIdle).Within(0.001));
            Assert.That(run.Now.Free.MiB(), Is.EqualTo(72).Within(1));
            Assert.That(run.Report.Host.Violations, Is.Zero);
        });
    }

    [Test]
    public void Stuck_domain_makes_the_others_oscillate()
    {
        using var run = new PeerRun(
            new Scenario
            {
                Name = "limit cycle",
                HostTotal = KiB.FromMiB(512 + 700 + 1200 + 1200 + 572),
                Guests =
                [
                    Ranged("capped", 512, 2048) with
                    {
                        BootMemory = KiB.FromMiB(700),
                        Balloon = BalloonDescription.Stuck,
                    },
                    Ranged("one", 512, 2048) with { BootMemory = KiB.FromMiB(1200) },
                    Ranged("other", 512, 2048) with { BootMemory = KiB.FromMiB(1200) },
                ],
            },
            "squeezed");
        run.Run(600);
        KiB moved = run.Host.Outcome("one").Moved;
        int reversals = run.Host.Outcome("one").Reversals;
        run.Run(600);
        Assert.Multiple(() =>
        {
            Assert.That(run.Host.Outcome("one").Reversals - reversals, Is.GreaterThan(40));
            Assert.That(run.Host.Outcome("one").Moved - moved, Is.GreaterThan(KiB.FromMiB(4000)));
        });
    }

    [Test]
    public void Start_takes_memory_from_all()
    {
        GuestDescription one = Ranged("one", 256, 1024) with { BootMemory = KiB.FromMiB(900) };
        using var run = new PeerRun(PeerRun.Crowded(one, one with { Name = "other" }), "squeezed");
        run.Waiting = [PeerRun.Start("third", 700)];
        run.Run(10);
        KiB free = run.Now.Free;
        run.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(free, Is.GreaterThanOrEqualTo(KiB.FromMiB(700)));
            Assert.That(
                run.Now.Free, Is.GreaterThanOrEqualTo(KiB.FromMiB(700)), "what is reserved is not given out again");
            Assert.That(run.TargetMiB("one"), Is.EqualTo(run.TargetMiB("other")).Within(1));
        });
    }

    [Test]
    public void Slow_domain_delays_a_start_and_the_call_outlasts_it()
    {
        using var run = new PeerRun(
            PeerRun.Crowded(
                Ranged("slow", 256, 1024) with { BootMemory = KiB.FromMiB(900), Balloon = BalloonDescription.Slow },
                Ranged("quick", 256, 1024) with { BootMemory = KiB.FromMiB(900) }),
            "squeezed");
        run.Waiting = [PeerRun.Start("third", 700)];
        run.Run(60);
        KiB free = run.Now.Free;
        run.Waiting = [];
        run.Run(120);
        Assert.Multiple(() =>
        {
            Assert.That(free, Is.LessThan(KiB.FromMiB(700)), "the other gives its own part and no more");
            Assert.That(run.TargetMiB("quick"), Is.LessThan(700), "nothing is given back while the lock is held");
        });
    }
}

/// <summary>The scenarios of squeezed's own simulator, named by its letters; sizes in KiB.</summary>
public sealed class SqueezedVectorTests
{
    private static SqueezedDomain Domain(int id, int min, int target, int max, int inaccuracy = 0) =>
        new(id, CanBalloon: true, new KiB(min), new KiB(target), new KiB(max), new KiB(target), new KiB(inaccuracy));

    private static SqueezeCall Free(int wanted, bool twoPhase = true) =>
        new(new KiB(wanted), free => free >= new KiB(wanted), twoPhase);

    [Test]
    public void A_memory_is_freed_despite_a_hidden_floor_and_a_stuttering_domain()
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
    public void C_memory_below_the_minimums_cannot_be_freed()
    {
        var host = new SqueezedSimulator(
            new SqueezedVm(Domain(0, 1000, 1500, 2000), 100), new SqueezedVm(Domain(1, 2000, 2500, 3000), 100));
        SqueezeStep step = host.Run(Free(1500));
        Assert.Multiple(() =>
        {
            Assert.That(step.Outcome, Is.EqualTo(SqueezeOutcome.CannotFree));
            Assert.That(host.Free, Is.EqualTo(new KiB(1000)));
        });
    }

    [Test]
    public void D_domain_that_stops_above_its_minimum_is_reported()
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
    public void F_without_two_phases_free_memory_is_overallocated(bool twoPhase, bool overallocated)
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
    public void Unresponsive_domain_is_capped_at_its_size()
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
    public void Surplus_is_divided_in_proportion_to_the_ranges()
    {
        SqueezedDomain[] domains = [Domain(0, 1000, 1000, 2000), Domain(1, 1000, 1000, 4000)];
        IReadOnlyDictionary<int, KiB> targets =
            ProportionalShare.Targets(new SqueezedHost(new KiB(1100), [.. domains]), domains, new KiB(100));
        Assert.That(targets.Values, Is.EqualTo(new[] { new KiB(1250), new KiB(1750) }));
    }
}

/// <summary>
/// The host of squeezed's own simulator. A tick is 0.1 s; no domain can take memory that is not free.
/// </summary>
internal sealed class SqueezedSimulator(params SqueezedVm[] vms)
{
    private int ticks;

    public KiB Free { get; set; }

    /// <summary>Whether a balloon wanted more than was free.</summary>
    public bool Overallocated { get; private set; }

    /// <summary>Whether a target ever exceeded its cap.</summary>
    public bool TargetBeyondCap { get; private set; }

    /// <summary>What would be free if all domains exceeded their targets by the tolerance.</summary>
    public KiB GuaranteedFree =>
        Free - new KiB(vms.Sum(vm => (vm.Domain.Target + vm.Domain.Inaccuracy - vm.Domain.Actual).Value));

    /// <summary>Runs a call to its end or until memory is overallocated.</summary>
    public SqueezeStep Run(SqueezeCall call)
    {
        while (true)
        {
            SqueezeStep step =
                call.Step(new SqueezedHost(Free, [.. vms.Select(vm => vm.Domain)]), TimeSpan.FromSeconds(ticks / 10.0));
            foreach ((int id, KiB size) in step.Sizes)
            {
                SqueezedVm vm = vms.Single(vm => vm.Domain.Id == id);
                vm.SetSize(size);
                TargetBeyondCap |= vm.Domain.Target > vm.MaxMem;
            }

            if (step.Outcome != SqueezeOutcome.Working) return step;
            ticks++;
            foreach (SqueezedVm vm in vms)
            {
                KiB taken = vm.Update(ticks / 10.0);
                Overallocated |= taken > Free;
                if (Overallocated) return step;
                Free -= taken;
            }
        }
    }
}

/// <summary>
/// A virtual machine of squeezed's own simulator: it moves at a fixed rate towards its target, down to a floor, and
/// gets stuck at intervals.
/// </summary>
internal sealed class SqueezedVm(SqueezedDomain start, int rate)
{
    private double lastUpdate;

    public SqueezedDomain Domain { get; private set; } = start;

    public KiB MaxMem { get; private set; } = start.Target;

    /// <summary>Its floor.</summary>
    public KiB HiddenFloor { get; init; }

    /// <summary>It is stuck in every other of these intervals; zero for never, infinity for always.</summary>
    public double StuckEveryOther { get; init; }

    public void SetSize(KiB size) => (Domain, MaxMem) = (Domain with { Target = size }, size);

    /// <summary>Moves; returns what it took from the host.</summary>
    public KiB Update(double time)
    {
        double passed = IsStuck(lastUpdate) || IsStuck(time) ? 0 : time - lastUpdate;
        lastUpdate = time;
        KiB gap = Domain.Target - Domain.Actual;
        KiB distance = KiB.Max(KiB.Zero, KiB.Max(gap, -gap) - Domain.Inaccuracy);
        KiB step = KiB.Min(distance, new KiB((long)Math.Round(passed * rate)));
        KiB actual = gap > KiB.Zero
            ? Domain.Actual + step
            : KiB.Min(Domain.Actual, KiB.Max(HiddenFloor, Domain.Actual - step));
        KiB taken = actual - Domain.Actual;
        Domain = Domain with { Actual = actual };
        return taken;
    }

    private bool IsStuck(double time) =>
        StuckEveryOther > 0 && (double.IsInfinity(StuckEveryOther) || (int)(time / StuckEveryOther) % 2 == 1);
}
