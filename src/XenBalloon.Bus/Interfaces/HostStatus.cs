using System.Collections.Immutable;
using System.Text.Json.Serialization;
using XenBalloon.Core;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Interfaces;

/// <summary>
/// The host and the balancer as the daemon shows them. Strings are those of the D-Bus interface; a newer daemon may
/// have new ones.
/// </summary>
[BusInterface("org.xenballoon.Balloon1.Manager")]
public sealed partial record HostStatus
{
    /// <summary>The domains, in ascending order of domid.</summary>
    [JsonIgnore]
    public ImmutableArray<DomainStatus> Domains { get; init; } = [];

    /// <summary>The open reservations, in the order in which they were made.</summary>
    [JsonIgnore]
    public ImmutableArray<ReservationStatus> Reservations { get; init; } = [];

    /// <summary>Whether memory is moved at all: the mode is <c>active</c>.</summary>
    [JsonIgnore]
    public bool IsActive => Mode == EnumText.Of(BalancerMode.Active);

    /// <summary>How many domains there are.</summary>
    public int DomainCount => Domains.Length;

    /// <summary>How many domains are managed.</summary>
    public int ManagedCount => Domains.Count(domain => domain.Managed);

    /// <summary>How many open reservations there are.</summary>
    public int ReservationCount => Reservations.Length;

    /// <summary>The host as the daemon publishes it, without its domains and reservations.</summary>
    internal static HostStatus Of(Publication publication) => new()
    {
        Version = publication.Version,
        Host = publication.Host,
        Mode = EnumText.Of(publication.Mode),
        Policy = EnumText.Of(publication.Settings.Policy),
        HostTotal = publication.Plan.Host.Total,
        HostFree = publication.Plan.Host.Free,
        Slack = publication.Plan.Host.Slack,
        KeepFree = publication.Plan.Host.KeepFree,
        Reserved = publication.Plan.Host.Reserved,
        Pressure = EnumText.Of(publication.Plan.Host.Pressure),
        Alarm = EnumText.Of(publication.Plan.Host.Alarm),
    };
}
