namespace XenBalloon.Bus.Tests.Polkit;

/// <summary>What the double of polkit does with a question.</summary>
internal enum PolkitMood
{
    /// <summary>Says that the caller may.</summary>
    Yes,

    /// <summary>Says that the caller may not.</summary>
    No,

    /// <summary>Says that the caller may, once a password was given.</summary>
    Challenge,

    /// <summary>Says nothing yet.</summary>
    Silent,

    /// <summary>Answers with an error of its own.</summary>
    Error,

    /// <summary>Answers with something else than an answer.</summary>
    Nonsense,

    /// <summary>Answers with less than an answer.</summary>
    Half,
}
