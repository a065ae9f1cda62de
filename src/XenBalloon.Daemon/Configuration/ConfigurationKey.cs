namespace XenBalloon.Daemon.Configuration;

/// <summary>One line of the configuration.</summary>
/// <param name="Section">The section's title.</param>
/// <param name="Name">The key.</param>
/// <param name="Value">What it is set to.</param>
internal readonly record struct ConfigurationKey(string Section, string Name, string Value)
{
    /// <summary>Whether this is the key of that name, in any case.</summary>
    internal bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Where it stands, for an error.</summary>
    public override string ToString() => $"[{Section}] {Name}";
}
