using System.Collections.Immutable;

namespace XenBalloon.Core.Settings;

/// <summary>
/// The settings that operators made for single domains while the balancer ran, by UUID: what is kept for good, and
/// above it what holds until the daemon ends. Immutable. Both go before the configuration.
/// </summary>
public sealed record RuntimeSettings
{
    /// <summary>No settings were made.</summary>
    public static RuntimeSettings None { get; } = new();

    /// <summary>What is kept over restarts, of the daemon and of the host.</summary>
    public ImmutableDictionary<Guid, DomainSettings> Kept { get; init; } =
        ImmutableDictionary<Guid, DomainSettings>.Empty;

    /// <summary>What is forgotten with the daemon's end.</summary>
    public ImmutableDictionary<Guid, DomainSettings> Transient { get; init; } =
        ImmutableDictionary<Guid, DomainSettings>.Empty;

    /// <summary>These settings with some of a domain's changed.</summary>
    /// <param name="uuid">The domain.</param>
    /// <param name="changes">
    /// The new values; null for a setting that is left to the configuration, or to what is kept.
    /// </param>
    /// <param name="transient">
    /// Whether they are forgotten with the daemon's end. What is kept replaces a transient value too, or nothing would
    /// change now.
    /// </param>
    public RuntimeSettings With(Guid uuid, IReadOnlyDictionary<DomainSetting, long?> changes, bool transient)
    {
        IReadOnlyDictionary<DomainSetting, long?> transientChanges =
            transient ? changes : changes.Keys.ToDictionary(setting => setting, _ => (long?)null);
        return this with
        {
            Kept = transient ? Kept : With(Kept, uuid, changes),
            Transient = With(Transient, uuid, transientChanges),
        };
    }

    /// <summary>The settings that were made for a domain.</summary>
    public DomainSettings For(Guid uuid)
    {
        DomainSettings? kept = Kept.GetValueOrDefault(uuid), transient = Transient.GetValueOrDefault(uuid);
        return kept is null ? transient ?? DomainSettings.None : transient is null ? kept : kept.With(transient);
    }

    private static ImmutableDictionary<Guid, DomainSettings> With(
        ImmutableDictionary<Guid, DomainSettings> all, Guid uuid, IReadOnlyDictionary<DomainSetting, long?> changes)
    {
        DomainSettings next = (all.GetValueOrDefault(uuid) ?? DomainSettings.None).With(changes);
        return next == DomainSettings.None ? all.Remove(uuid) : all.SetItem(uuid, next);
    }
}
