namespace XenBalloon.Simulation.Files.Reading;

/// <summary>A word or a sign of a value.</summary>
/// <param name="Text">What it says, without quotes.</param>
/// <param name="At">Where it stands.</param>
/// <param name="Quoted">Whether it stood in quotes, and is a name whatever it looks like.</param>
internal readonly record struct Token(string Text, Place At, bool Quoted = false)
{
    /// <summary>Whether it is this word, in any case, or this sign.</summary>
    public bool Is(string word) => !Quoted && Text.Equals(word, StringComparison.OrdinalIgnoreCase);
}
