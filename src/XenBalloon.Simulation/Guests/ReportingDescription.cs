using XenBalloon.Core.Hosts;

namespace XenBalloon.Simulation.Guests;

/// <summary>How a guest's agent reports.</summary>
public sealed record ReportingDescription
{
    /// <summary>As XenServer's agents do: honestly, every 60 s.</summary>
    public static ReportingDescription Default { get; } = new();

    /// <summary>No agent at all.</summary>
    public static ReportingDescription Silent { get; } = new() { Habit = ReportHabit.Silent };

    /// <summary>What it says.</summary>
    public ReportHabit Habit { get; init; }

    /// <summary>In which form. Qubes' form has no total.</summary>
    public ReportSource Source { get; init; } = ReportSource.XenServer;

    /// <summary>How often it looks.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long what it saw takes to arrive; less than the interval.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>When it begins to speak, in the scenario's time; null for as soon as it has booted.</summary>
    public TimeSpan? StartsAt { get; init; }

    /// <summary>When it falls silent although the guest lives on, in the scenario's time; null for never.</summary>
    public TimeSpan? StopsAt { get; init; }
}
