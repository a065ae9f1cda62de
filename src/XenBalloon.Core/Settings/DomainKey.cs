using XenBalloon.Core.Hosts;

namespace XenBalloon.Core.Settings;

/// <summary>
/// What settings made at run time hold for: every domain of a name, since xl makes a new UUID each time it creates a
/// domain whose configuration has none (xl_parse.c); or one UUID, for a domain without a name.
/// </summary>
public readonly record struct DomainKey
{
    private DomainKey(string? name, Guid? uuid) => (Name, Uuid) = (name, uuid);

    /// <summary>The name; null if the key is a UUID.</summary>
    public string? Name { get; }

    /// <summary>The UUID; null if the key is a name.</summary>
    public Guid? Uuid { get; }

    /// <summary>What the settings hold for, in words: <c>every domain named web</c>.</summary>
    public string Scope => Name is { } name ? $"every domain named {name}" : $"the domain with the UUID {Uuid}";

    /// <summary>The key of all domains of a name.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static DomainKey OfName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new DomainKey(name, null);
    }

    /// <summary>The key of the domain with a UUID.</summary>
    public static DomainKey OfUuid(Guid uuid) => new(null, uuid);

    /// <summary>The key of a domain: its name if it has one, without what xl adds while it arrives.</summary>
    public static DomainKey Of(Guid uuid, string name) =>
        string.IsNullOrEmpty(name) ? OfUuid(uuid) : OfName(DomainName.OfRunning(name));
}
