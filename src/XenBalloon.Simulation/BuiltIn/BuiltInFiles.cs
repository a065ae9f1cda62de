using System.Collections.Immutable;
using XenBalloon.Simulation.Files;

namespace XenBalloon.Simulation.BuiltIn;

/// <summary>The scenario files that are part of the program.</summary>
internal static class BuiltInFiles
{
    /// <summary>What they are called: first what the daemon shows on any machine, then what policies are judged by.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "demo", "quiet", "misfits",
        "idle-tax", "consolidation", "working-set", "office-day", "build-farm", "density",
        "boot-storm", "trickler", "limit-cycle", "starvation", "swapless", "liars", "chaos",
        "rotation", "rotation-agent", "rotation-minute",
        "after-a-burst", "idle-swapless", "newcomer", "no-driver", "old-kernel", "nothing-left", "pv-shim", "slow-reports",
    ];

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidOperationException">It is missing or wrong: the program was built from broken sources.</exception>
    public static Scenario Read(string name)
    {
        ScenarioReading reading = ScenarioFile.Parse(Text(name), name + ".scenario");
        return reading.Scenario ?? throw new InvalidOperationException(string.Join('\n', reading.Errors));
    }

    /// <summary>The text of one.</summary>
    public static string Text(string name)
    {
        using Stream stream = typeof(BuiltInFiles).Assembly.GetManifestResourceStream($"{name}.scenario")
            ?? throw new InvalidOperationException($"the scenario {name} is not in the program");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
