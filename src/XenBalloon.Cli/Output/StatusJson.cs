using XenBalloon.Bus.Client;

namespace XenBalloon.Cli.Output;

/// <summary>What <c>status --json</c> writes. Names are part of the interface, and carry their unit.</summary>
internal sealed record StatusJson
{
    public required string Version { get; init; }

    public required string Host { get; init; }

    public required string Mode { get; init; }

    public required string Policy { get; init; }

    public required long HostTotalKib { get; init; }

    public required long HostFreeKib { get; init; }

    public required long SlackKib { get; init; }

    public required long KeepFreeKib { get; init; }

    public required string Pressure { get; init; }

    public required string Alarm { get; init; }

    public required int DomainCount { get; init; }

    public required int ManagedCount { get; init; }

    public required long ReservedKib { get; init; }

    public required int ReservationCount { get; init; }

    internal static StatusJson Of(HostStatus host) => new()
    {
        Version = host.Version,
        Host = host.Host,
        Mode = host.Mode,
        Policy = host.Policy,
        HostTotalKib = host.Total.Value,
        HostFreeKib = host.Free.Value,
        SlackKib = host.Slack.Value,
        KeepFreeKib = host.KeepFree.Value,
        Pressure = host.Pressure,
        Alarm = host.Alarm,
        DomainCount = host.Domains.Length,
        ManagedCount = host.Domains.Count(domain => domain.Managed),
        ReservedKib = host.Reserved.Value,
        ReservationCount = host.Reservations.Length,
    };
}
