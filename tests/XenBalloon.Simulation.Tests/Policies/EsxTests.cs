using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class EsxTests
{
    [TestCase(0.0, 180)]
    [TestCase(0.75, 240)]
    public void Idle_tax_moves_idle_memory_to_the_guest_that_uses_it(double tax, int working)
    {
        WeightedDemand[] claims = [
            new(100, KiB.FromMiB(20), KiB.Zero, KiB.FromMiB(1024)),
            new(100, KiB.FromMiB(180), KiB.Zero, KiB.FromMiB(1024))];
        KiB[] shares = WeightedShares.Divide(claims, KiB.FromMiB(360), tax);
        Assert.Multiple(() =>
        {
            Assert.That((shares[1] - shares[0]).MiB(), Is.EqualTo(160 * tax).Within(0.01), "P2 - P1 = tax (A2 - A1)");
            Assert.That(shares[1].MiB(), Is.EqualTo(working).Within(0.01));
        });
    }

    [Test]
    public void Active_memory_is_estimated_with_the_precision_of_100_samples()
    {
        var estimate = new ActiveEstimate(7);
        Assert.That(estimate.Fraction, Is.EqualTo(1), "unknown counts as in use");
        for (int period = 0; period < 50; period++) estimate.EndPeriod(0.3);
        Assert.That(estimate.Fraction, Is.EqualTo(0.3).Within(0.15));
    }

    [Test]
    public void Estimate_rises_within_a_period_and_falls_over_several()
    {
        var estimate = new ActiveEstimate(7);
        for (int period = 0; period < 20; period++) estimate.EndPeriod(0.1);
        estimate.SamplePartial(1, 0.5);
        double rising = estimate.Fraction;
        estimate.EndPeriod(1);
        double risen = estimate.Fraction;
        estimate.EndPeriod(0);
        double falling = estimate.Fraction;
        for (int period = 0; period < 30; period++) estimate.EndPeriod(0);
        Assert.Multiple(() =>
        {
            Assert.That(rising, Is.EqualTo(0.5));
            Assert.That(risen, Is.GreaterThan(0.7));
            Assert.That(falling, Is.InRange(0.15, 0.4));
            Assert.That(estimate.Fraction, Is.LessThan(0.01));
        });
    }

    [TestCase(0, 50, 0, Description = "between 4 and 6 % it stays high when it was")]
    [TestCase(0, 39, 1)]
    [TestCase(0, 19, 2)]
    [TestCase(0, 9, 3)]
    [TestCase(1, 50, 1, Description = "and soft when it was")]
    [TestCase(3, 61, 0)]
    [TestCase(3, 15, 3)]
    [TestCase(3, 25, 2)]
    public void States_follow_free_memory_with_hysteresis(int before, int freePerMille, int after) =>
        Assert.That(
            HostStates.After((HostState)before, KiB.FromMiB(freePerMille), KiB.FromMiB(1000)),
            Is.EqualTo((HostState)after));

    [Test]
    public void Touched_memory_decides_and_not_the_report()
    {
        GuestDescription guest = PeerRun.Guest("working") with { BootMemory = KiB.FromMiB(900) };
        Scenario scenario = PeerRun.Crowded(guest, guest with { Name = "idle" });
        var policy = new EsxPolicy(scenario);
        policy.SampleFrom(new TouchedBy(1, KiB.FromMiB(2000)));
        using var run = new PeerRun(scenario, policy);
        run.Run(240);
        Assert.Multiple(() =>
        {
            Assert.That(run.ActualMiB("working"), Is.GreaterThan(1400));
            Assert.That(
                run.ActualMiB("idle"), Is.InRange(350, 450), "a quarter of what the other has, which uses all of it");
            Assert.That(run.Report.Host.Violations, Is.Zero);
        });
    }

    [Test]
    public void Start_gets_its_memory()
    {
        using var run = new PeerRun(
            PeerRun.Crowded(PeerRun.Guest("one") with { BootMemory = KiB.FromMiB(1800), Minimum = KiB.FromMiB(256) }),
            "esx");
        run.Waiting = [PeerRun.Start("second", 600)];
        run.Run(10);
        Assert.That(run.Now.Free, Is.GreaterThanOrEqualTo(KiB.FromMiB(600)));
    }

    /// <summary>One domain touches much memory, the others almost none.</summary>
    private sealed class TouchedBy(int domid, KiB amount) : IPageSampler
    {
        public KiB? Touched(DomainIdentity domain) => domain.Domid == domid ? amount : KiB.FromMiB(8);
    }
}
