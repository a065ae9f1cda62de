using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Judging.Runs;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class WindowTests
{
    [Test]
    public void Slowdown_is_what_work_took_by_what_it_would_have_taken_window_by_window()
    {
        var windows = new SlowdownWindows();
        foreach ((int worked, double stalled) in new[] { (5, 0.0), (10, 5), (20, 5), (30, 15), (39, 15) }) windows.OnTick(Outcome(worked, stalled));
        Assert.That(windows.Sorted(), Is.EqualTo([1, 2, 100]));
    }

    [Test]
    public void Memory_that_comes_to_rest_has_settled()
    {
        var movement = new MovementProbe();
        foreach (int tick in Enumerable.Range(1, 1000)) movement.OnTick(Tick.Length * tick, tick is >= 11 and <= 20 or 100 or >= 400 and <= 430 or 990);
        Assert.That(movement.Sum().Select(stretch => stretch.TotalSeconds), Is.EqualTo([0.1, 3.1, 9]).Within(1e-9));
    }

    private static GuestOutcome Outcome(double worked, double stalled) =>
        new() { Name = "guest", Worked = TimeSpan.FromSeconds(worked), Stalled = TimeSpan.FromSeconds(stalled) };
}
