using System.Globalization;

namespace XenBalloon.Bus.Interfaces;

/// <summary>
/// The service's names and paths. Interfaces, members and polkit actions are described in init/dbus.
/// </summary>
internal static class BusNames
{
    internal const string Service = "org.xenballoon.Balloon1";

    /// <summary>
    /// The same objects for root alone, on a connection of their own: on the other one, what root sends waits in the
    /// bus behind what all users have sent.
    /// </summary>
    internal const string ServiceForRoot = Service + ".Root";

    internal const string Root = "/org/xenballoon/Balloon1";

    private const string DomainPrefix = Root + "/domain/";
    private const string ReservationPrefix = Root + "/reservation/";

    /// <summary>The path of a domain's object.</summary>
    internal static string DomainPath(long domid) =>
        string.Create(CultureInfo.InvariantCulture, $"{DomainPrefix}{domid}");

    /// <summary>The path of a reservation's object.</summary>
    internal static string ReservationPath(long id) =>
        string.Create(CultureInfo.InvariantCulture, $"{ReservationPrefix}{id}");

    /// <summary>The unique name in an owner, without the bus id: <c>:1.5</c> in <c>:1.5@1a2b3c4d</c>.</summary>
    internal static string NameOfOwner(string owner) => owner.Split('@')[0];

    /// <summary>The domid in a domain's path; null for other paths.</summary>
    internal static uint? DomidOf(string path)
    {
        if (!path.StartsWith(DomainPrefix, StringComparison.Ordinal)) return null;
        ReadOnlySpan<char> number = path.AsSpan(DomainPrefix.Length);
        return uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out uint domid) ? domid : null;
    }

    /// <summary>The number in a reservation's path; null for other paths.</summary>
    internal static long? ReservationOf(string path)
    {
        if (!path.StartsWith(ReservationPrefix, StringComparison.Ordinal)) return null;
        ReadOnlySpan<char> number = path.AsSpan(ReservationPrefix.Length);
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long id) ? id : null;
    }
}

/// <summary>The error names that D-Bus defines; the service's own are in <see cref="ControlErrors"/>.</summary>
internal static class BusErrors
{
    internal const string ServiceUnknown = Prefix + "ServiceUnknown";
    internal const string ServiceNotFound = Prefix + "Spawn.ServiceNotFound";
    internal const string NameHasNoOwner = Prefix + "NameHasNoOwner";
    internal const string NoReply = Prefix + "NoReply";
    internal const string AccessDenied = Prefix + "AccessDenied";
    internal const string LimitsExceeded = Prefix + "LimitsExceeded";
    internal const string UnknownObject = Prefix + "UnknownObject";
    internal const string UnknownInterface = Prefix + "UnknownInterface";
    internal const string UnknownMethod = Prefix + "UnknownMethod";
    internal const string UnknownProperty = Prefix + "UnknownProperty";
    internal const string PropertyReadOnly = Prefix + "PropertyReadOnly";
    internal const string InvalidArgs = Prefix + "InvalidArgs";

    private const string Prefix = "org.freedesktop.DBus.Error.";
}

/// <summary>A call fails with a D-Bus error that <see cref="ControlErrors"/> does not list.</summary>
/// <param name="name">The error's D-Bus name.</param>
/// <param name="message">One line: what is wrong, then what to do.</param>
internal sealed class BusErrorException(string name, string message) : Exception(message)
{
    /// <summary>The error's D-Bus name.</summary>
    internal string Name { get; } = name;
}
