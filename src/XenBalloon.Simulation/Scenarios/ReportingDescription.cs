using XenBalloon.Core.Hosts;

namespace XenBalloon.Simulation.Scenarios;

/// <summary>A guest's agent.</summary>
public sealed record ReportingDescription
{
    /// <summary>An honest report every 60 s, as XenServer's agents send it.</summary>
    public static ReportingDescription Default { get; } = new();

    /// <summary>No agent.</summary>
    public static ReportingDescription Silent { get; } = new() { Habit = ReportHabit.Silent };

    /// <summary>The truth of the reports.</summary>
    public ReportHabit Habit { get; init; }

    /// <summary>The format. Qubes' format has no total.</summary>
    public ReportSource Source { get; init; } = ReportSource.XenServer;

    /// <summary>The time between two reports.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The time from a measurement to the arrival of its report; less than the interval.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>When the first report is made, in scenario time; null for right after boot.</summary>
    public TimeSpan? StartsAt { get; init; }

    /// <summary>When the reports stop although the guest keeps running, in scenario time; null for never.</summary>
    public TimeSpan? StopsAt { get; init; }
}

/// <summary>What an agent reports about its guest.</summary>
public enum ReportHabit
{
    /// <summary>The true values.</summary>
    Honest,

    /// <summary>Nothing: no agent is installed.</summary>
    Silent,

    /// <summary>All memory is in use, to get more than its share.</summary>
    ClaimsAllUsed,

    /// <summary>No memory is in use.</summary>
    ClaimsNothingUsed,

    /// <summary>Random values.</summary>
    Junk,

    /// <summary>The true values, every tick.</summary>
    Flooding,

    /// <summary>
    /// The true available memory, out of the total of the first report: XenServer's agent for Windows reads the total
    /// once, and it does not move with the balloon.
    /// </summary>
    FixedTotal,
}

/// <summary>Properties of <see cref="ReportHabit"/>.</summary>
internal static class ReportHabits
{
    /// <summary>Whether the reports are false.</summary>
    public static bool Lies(this ReportHabit habit) =>
        habit is ReportHabit.ClaimsAllUsed or ReportHabit.ClaimsNothingUsed or ReportHabit.Junk;
}
