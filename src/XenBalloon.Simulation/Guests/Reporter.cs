using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>A guest's agent: looks at regular intervals, and what it saw arrives some time later.</summary>
/// <param name="description">How it reports.</param>
/// <param name="seed">Where in its interval it begins: agents on one host do not report in step.</param>
internal sealed class Reporter(ReportingDescription description, ulong seed)
{
    private TimeSpan nextLook = TimeSpan.MaxValue;
    private TimeSpan arrives = TimeSpan.MaxValue;
    private KiB used;
    private KiB total;

    /// <summary>The guest has booted.</summary>
    public void Start(TimeSpan now) =>
        nextLook = description.Habit == ReportHabit.Silent ? TimeSpan.MaxValue : now + (description.Interval * Noise.Part(seed, 0));

    /// <summary>Lives through one tick.</summary>
    /// <param name="now">The scenario's time.</param>
    /// <param name="total">MemTotal.</param>
    /// <param name="available">MemAvailable.</param>
    /// <param name="arrived">What has arrived.</param>
    /// <returns>Whether anything has.</returns>
    public bool Advance(TimeSpan now, KiB total, KiB available, out ReceivedReport arrived)
    {
        if (now >= nextLook) Look(now, total, available);
        arrived = new ReceivedReport(used, this.total, now);
        if (now < arrives) return false;
        arrives = TimeSpan.MaxValue;
        return true;
    }

    private void Look(TimeSpan now, KiB total, KiB available)
    {
        // From the time when it was due, so that intervals that are no whole number of ticks hold on average.
        nextLook += description.Interval;
        if (nextLook <= now) nextLook = now + description.Interval;
        if (now >= description.StopsAt)
        {
            nextLook = TimeSpan.MaxValue;
            return;
        }

        this.total = total;
        used = description.Habit switch
        {
            ReportHabit.ClaimsAllUsed => total,
            ReportHabit.ClaimsNothingUsed => KiB.Zero,
            _ => total - available,
        };
        arrives = now + description.Delay;
    }
}
