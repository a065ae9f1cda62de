using System.Collections.Immutable;

namespace XenBalloon.Core.Settings;

/// <summary>
/// What operators said of single domains while the balancer ran, by UUID: what is kept for good, and above it what holds until the daemon ends. Immutable.
/// Both go before the configuration.
/// </summary>
public sealed record RuntimeSettings
{
    /// <summary>Nothing was said.</summary>
    public static RuntimeSettings None { get; } = new();

    /// <summary>What is kept over restarts, of the daemon and of the host.</summary>
    public ImmutableDictionary<Guid, DomainSettings> Kept { get; init; } = ImmutableDictionary<Guid, DomainSettings>.Empty;

    /// <summary>What is forgotten with the daemon's end.</summary>
    public ImmutableDictionary<Guid, DomainSettings> Transient { get; init; } = ImmutableDictionary<Guid, DomainSettings>.Empty;

    /// <summary>The same, with one more word; it replaces what was said of the same thing before.</summary>
    /// <param name="uuid">The domain.</param>
    /// <param name="setting">Of what.</param>
    /// <param name="said">Its new value; what is null in it leaves the matter to the next word that counts.</param>
    /// <param name="transient">
    /// Whether it is forgotten with the daemon's end. What is kept replaces the transient word too, or nothing would change now.
    /// </param>
    public RuntimeSettings With(Guid uuid, DomainSetting setting, DomainSettings said, bool transient) => this with
    {
        Kept = transient ? Kept : With(Kept, uuid, setting, said),
        Transient = With(Transient, uuid, setting, transient ? said : DomainSettings.None),
    };

    /// <summary>What was said of a domain.</summary>
    public DomainSettings For(Guid uuid)
    {
        DomainSettings? kept = Kept.GetValueOrDefault(uuid), transient = Transient.GetValueOrDefault(uuid);
        return kept is null ? transient ?? DomainSettings.None : transient is null ? kept : kept.With(transient);
    }

    private static ImmutableDictionary<Guid, DomainSettings> With(ImmutableDictionary<Guid, DomainSettings> all, Guid uuid, DomainSetting setting, DomainSettings said)
    {
        DomainSettings next = (all.GetValueOrDefault(uuid) ?? DomainSettings.None).Replace(setting, said);
        return next == DomainSettings.None ? all.Remove(uuid) : all.SetItem(uuid, next);
    }
}
