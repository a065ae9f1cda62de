using XenBalloon.Core.Hosts;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>The words that describe what a guest reports.</summary>
internal static class ReportWords
{
    /// <summary>For example <c>agent every 1s delay 100ms</c>, or <c>silent</c>.</summary>
    public static Form<ReportingDescription> Form { get; } = new Vocabulary<ReportingDescription>(
        Source("xenserver", ReportSource.XenServer),
        Source("agent", ReportSource.Agent),
        Source("qubes", ReportSource.Qubes),
        Habit("honest", ReportHabit.Honest),
        Habit("silent", ReportHabit.Silent),
        Habit("claims-all", ReportHabit.ClaimsAllUsed),
        Habit("claims-nothing", ReportHabit.ClaimsNothingUsed),
        Habit("junk", ReportHabit.Junk),
        Habit("flood", ReportHabit.Flooding),
        Entries.Value<ReportingDescription, TimeSpan>("every", Forms.Period, report => report.Interval, (report, interval) => report with { Interval = interval }),
        Entries.Value<ReportingDescription, TimeSpan>("delay", Forms.Time, report => report.Delay, (report, delay) => report with { Delay = delay }),
        Entries.Optional<ReportingDescription, TimeSpan>("from", Forms.Time, report => report.StartsAt, (report, start) => report with { StartsAt = start }),
        Entries.Optional<ReportingDescription, TimeSpan>("until", Forms.Time, report => report.StopsAt, (report, stop) => report with { StopsAt = stop }))
        .InOneValue(new ReportingDescription());

    private static Entry<ReportingDescription> Source(string word, ReportSource source) =>
        Entries.Word<ReportingDescription, ReportSource>(word, source, report => report.Source, (report, value) => report with { Source = value });

    private static Entry<ReportingDescription> Habit(string word, ReportHabit habit) =>
        Entries.Word<ReportingDescription, ReportHabit>(word, habit, report => report.Habit, (report, value) => report with { Habit = value });
}
