using System.Text;
using XenBalloon.Simulation.Files.Grammar;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Files;

/// <summary>Writes scenarios as files.</summary>
public static class ScenarioWriter
{
    /// <summary>Writes a sound scenario in the form that <see cref="ScenarioFile"/> reads: it comes back equal.</summary>
    public static string Write(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var text = new StringBuilder();
        Section(text, ScenarioKeys.Title, ScenarioKeys.Vocabulary.WriteKeys(scenario, ScenarioKeys.Plain("")));
        foreach (GuestDescription guest in scenario.Guests)
        {
            text.Append('\n');
            Section(text, GuestTitle.Write(guest.Name), GuestKeys.Vocabulary.WriteKeys(guest, GuestKeys.Plain));
        }

        return text.ToString();
    }

    private static void Section(StringBuilder text, string title, IEnumerable<string> keys)
    {
        text.Append('[').Append(title).Append("]\n");
        foreach (string key in keys) text.Append(key).Append('\n');
    }
}
