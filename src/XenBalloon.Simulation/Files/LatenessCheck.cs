using XenBalloon.Simulation.Files.Grammar;
using XenBalloon.Simulation.Files.Reading;

namespace XenBalloon.Simulation.Files;

/// <summary>Finds what would never happen, because the scenario is over by then.</summary>
/// <param name="duration">How long the scenario lasts.</param>
/// <param name="errors">Where to say what is wrong.</param>
internal sealed class LatenessCheck(TimeSpan duration, FileErrors errors)
{
    /// <summary>Looks at the keys of a section that is about guests.</summary>
    public void Check(Section section)
    {
        foreach (KeyLine key in section.Keys)
        {
            if (key.Name.Is("at") || key.Name.Is("start")) CheckTime(key, 0);
            else if (key.Name.Is("report") || key.Name.Is("balloon")) CheckFrom(key);
        }
    }

    private void CheckFrom(KeyLine key)
    {
        for (int word = 0; word < key.Tokens.Length; word++)
        {
            if (key.Tokens[word].Is("from")) CheckTime(key, word + 1);
        }
    }

    private void CheckTime(KeyLine key, int word)
    {
        if (word >= key.Tokens.Length || DurationText.Read(key.Tokens[word].Text, out TimeSpan time) is not null
            || time < duration) return;
        errors.Add(key.Tokens[word].At, $"the scenario is over by then, it lasts {DurationText.Write(duration)}: write an earlier time, or a longer duration");
    }
}
