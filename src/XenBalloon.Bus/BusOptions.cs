namespace XenBalloon.Bus;

/// <summary>How to reach the bus.</summary>
public sealed record BusOptions
{
    /// <summary>A D-Bus address, such as <c>unix:path=/run/dbus/system_bus_socket</c>; null for the system bus, where DBUS_SYSTEM_BUS_ADDRESS or else libsystemd knows it is.</summary>
    public string? Address { get; init; }

    /// <summary>Another host whose system bus is meant, as ssh takes it: <c>root@host</c>; null for this one. Goes before <see cref="Address"/>.</summary>
    public string? Host { get; init; }

    /// <summary>How long polkit may take to answer the server where it asks nobody for a password; null for the usual 10 s.</summary>
    internal TimeSpan? PolkitAnswersWithin { get; init; }
}
