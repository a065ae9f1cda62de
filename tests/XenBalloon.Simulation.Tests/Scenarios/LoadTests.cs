using CsCheck;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Scenarios;

public sealed class LoadTests
{
    private static readonly LoadPoint[] Points =
        [new(Seconds(10), new KiB(100)), new(Seconds(20), new KiB(300)), new(Seconds(40), new KiB(100))];

    [TestCase(0, 100)]
    [TestCase(19.9, 100)]
    [TestCase(20, 300)]
    [TestCase(1000, 100)]
    public void Steps_hold_until_the_next_point(double seconds, long expected) =>
        Assert.That(new StepLoad([.. Points]).At(Seconds(seconds), 1), Is.EqualTo(new KiB(expected)));

    [TestCase(0, 100)]
    [TestCase(15, 200)]
    [TestCase(20, 300)]
    [TestCase(35, 150)]
    [TestCase(1000, 100)]
    public void Ramp_is_linear_between_points(double seconds, long expected) =>
        Assert.That(new RampLoad([.. Points]).At(Seconds(seconds), 1), Is.EqualTo(new KiB(expected)));

    [TestCase(0, 100)]
    [TestCase(5, 150)]
    [TestCase(15, 50)]
    public void Sine_oscillates_around_its_mean(double seconds, long expected) =>
        Assert.That(
            new SineLoad(new KiB(100), new KiB(50), Seconds(20)).At(Seconds(seconds), 1).Value,
            Is.EqualTo(expected).Within(1));

    [Test]
    public void Sine_is_never_negative() =>
        Assert.That(new SineLoad(new KiB(10), new KiB(50), Seconds(20)).At(Seconds(15), 1), Is.EqualTo(KiB.Zero));

    [TestCase(5, 100)]
    [TestCase(20, 300)]
    [TestCase(55, 100)]
    [TestCase(70, 300)]
    public void Repeated_load_restarts_each_period(double seconds, long expected) =>
        Assert.That(
            new RepeatedLoad(new StepLoad([.. Points]), Seconds(50)).At(Seconds(seconds), 1),
            Is.EqualTo(new KiB(expected)));

    [Test]
    public void Sum_adds_its_parts() =>
        Assert.That(
            new SumLoad([new ConstantLoad(new KiB(7)), new StepLoad([.. Points])]).At(Seconds(25), 1),
            Is.EqualTo(new KiB(307)));

    [Test]
    public void Each_period_has_one_burst_of_a_length_within_its_bounds() =>
        Gen.Select(Gen.ULong, Gen.Int[1, 30], Gen.Int[0, 30]).Sample((seed, shortest, more) =>
        {
            var load = new BurstLoad(new KiB(100), Seconds(60), Seconds(shortest), Seconds(shortest + more));
            for (int span = 0; span < 5; span++)
            {
                bool[] bursting = [
                    .. Enumerable.Range(0, 600).Select(
                        tenth => load.At(Seconds((span * 60) + (tenth / 10.0)), seed) > KiB.Zero)
                ];
                int starts = bursting.Where((on, tenth) => on && (tenth == 0 || !bursting[tenth - 1])).Count();
                Assert.That(starts, Is.EqualTo(1));
                Assert.That(bursting.Count(on => on) / 10.0, Is.InRange(shortest - 0.1, shortest + more + 0.1));
            }
        }, iter: 100);

    [Test]
    public void Bursts_of_different_seeds_do_not_coincide()
    {
        var load = new BurstLoad(new KiB(100), Seconds(3600), Seconds(5), Seconds(5));
        TimeSpan[] starts = [.. Enumerable.Range(1, 20).Select(seed => FirstBurst(load, (ulong)seed)).Distinct()];
        Assert.That(starts, Has.Length.GreaterThan(18));
    }

    private static TimeSpan FirstBurst(BurstLoad load, ulong seed) =>
        Enumerable.Range(0, 3600).Select(second => Seconds(second)).First(time => load.At(time, seed) > KiB.Zero);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
