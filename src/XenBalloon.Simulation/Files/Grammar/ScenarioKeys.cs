using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files.Reading;
using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>The keys of the section <c>[scenario]</c>.</summary>
internal static class ScenarioKeys
{
    /// <summary>The section's title.</summary>
    public const string Title = "scenario";

    private static readonly Form<PassLine> Pass = new(ReadPassLine, line => line.ToString());

    /// <summary>The keys, in the order in which they are written.</summary>
    public static Vocabulary<Scenario> Vocabulary { get; } = new(
        Entries.Value<Scenario, string>("name", Forms.Text, scenario => scenario.Name, (scenario, name) => scenario with { Name = name }),
        Entries.Value<Scenario, string>("summary", Forms.Text, scenario => scenario.Summary, (scenario, summary) => scenario with { Summary = summary }),
        Entries.Value<Scenario, KiB>("host", Forms.Size, scenario => scenario.HostTotal, (scenario, total) => scenario with { HostTotal = total }),
        Entries.Value<Scenario, KiB>("dom0", Forms.Size, scenario => scenario.Dom0Memory, (scenario, memory) => scenario with { Dom0Memory = memory }),
        Entries.Value<Scenario, KiB>("slack", Forms.Size, scenario => scenario.Slack, (scenario, slack) => scenario with { Slack = slack }),
        Entries.Optional<Scenario, KiB>("keep-free", Forms.Size, scenario => scenario.KeepFree, (scenario, size) => scenario with { KeepFree = size }),
        Entries.Value<Scenario, ulong>("seed", Forms.Seed, scenario => scenario.Seed, (scenario, seed) => scenario with { Seed = seed }),
        Entries.Value<Scenario, TimeSpan>("duration", Forms.Period, scenario => scenario.Duration, (scenario, duration) => scenario with { Duration = duration }),
        Entries.Many<Scenario, PassLine>("pass", Pass, scenario => scenario.PassLines, (scenario, lines) => scenario with { PassLines = lines }));

    /// <summary>A scenario of which nothing has been said but a name.</summary>
    public static Scenario Plain(string name) => new() { Name = name, HostTotal = KiB.Zero, Guests = [] };

    private static PassLine ReadPassLine(ValueReader value)
    {
        value.TakeAll();
        if (!PassLine.TryParse(value.Text, out PassLine? line, out string? error)) value.Fail(error);
        return line!;
    }
}
