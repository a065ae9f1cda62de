namespace XenBalloon.Bus;

/// <summary>How to reach a bus of this machine.</summary>
public sealed record BusOptions
{
    /// <summary>
    /// A D-Bus address, such as <c>unix:path=/run/dbus/system_bus_socket</c>; null for the system bus, at
    /// DBUS_SYSTEM_BUS_ADDRESS or else its standard address.
    /// </summary>
    public string? Address { get; init; }

    /// <summary>
    /// How long polkit may take to answer the server where it asks nobody for a password; null for the usual 10 s.
    /// </summary>
    internal TimeSpan? PolkitAnswersWithin { get; init; }
}
