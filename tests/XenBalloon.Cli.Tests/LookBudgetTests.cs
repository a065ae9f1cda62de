namespace XenBalloon.Cli.Tests;

internal sealed class LookBudgetTests
{
    [Test]
    public void What_it_cost_to_look_is_rested_for_a_hundred_times_as_long()
    {
        var time = new SetTime();
        var budget = new LookBudget(time);
        Assert.That(budget.IsRested, "before the first look");

        budget.Looked(TimeSpan.FromMilliseconds(8));

        time.Pass(TimeSpan.FromMilliseconds(799));
        Assert.That(budget.IsRested, Is.False);
        time.Pass(TimeSpan.FromMilliseconds(2));
        Assert.That(budget.IsRested);
    }

    private sealed class SetTime : TimeProvider
    {
        private long now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        internal void Pass(TimeSpan time) => now += time.Ticks;
    }
}
