namespace XenBalloon.Simulation.Files.Reading;

/// <summary>A section of a file.</summary>
/// <param name="Title">What stands between the brackets.</param>
/// <param name="At">Where that is.</param>
internal sealed record Section(string Title, Place At)
{
    /// <summary>Its keys, in the order of the file.</summary>
    public List<KeyLine> Keys { get; } = [];

    /// <summary>The first line with this key; null for none.</summary>
    public KeyLine? Find(string key) => Keys.FirstOrDefault(line => line.Name.Is(key));
}
