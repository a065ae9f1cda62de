using System.Globalization;

namespace XenBalloon.Bus.Objects;

/// <summary>Our names on the bus, versioned from the first release.</summary>
internal static class Names
{
    internal const string Service = "org.xenballoon.Balloon1";
    internal const string ManagerInterface = "org.xenballoon.Balloon1.Manager";
    internal const string DomainInterface = "org.xenballoon.Balloon1.Domain";
    internal const string ReservationInterface = "org.xenballoon.Balloon1.Reservation";
    internal const string Root = "/org/xenballoon/Balloon1";
    internal const string DomainPrefix = Root + "/domain/";
    internal const string ReservationPrefix = Root + "/reservation/";

    /// <summary>polkit's name for changing what holds for the whole host: mode, policy, configuration.</summary>
    internal const string SetHostAction = "org.xenballoon.Balloon1.set-host";

    /// <summary>polkit's name for changing what holds for a domain.</summary>
    internal const string SetDomainAction = "org.xenballoon.Balloon1.set-domain";

    /// <summary>polkit's name for making, giving away and ending reservations.</summary>
    internal const string ReserveAction = "org.xenballoon.Balloon1.reserve";

    /// <summary>The path of a domain's object.</summary>
    internal static string DomainPath(int domid) => string.Create(CultureInfo.InvariantCulture, $"{DomainPrefix}{domid}");

    /// <summary>The path of a reservation's object.</summary>
    internal static string ReservationPath(long id) => string.Create(CultureInfo.InvariantCulture, $"{ReservationPrefix}{id}");
}
