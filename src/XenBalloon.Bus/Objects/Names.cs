namespace XenBalloon.Bus.Objects;

/// <summary>Our names on the bus, versioned from the first release.</summary>
internal static class Names
{
    internal const string Service = "org.xenballoon.Balloon1";
    internal const string ManagerInterface = "org.xenballoon.Balloon1.Manager";
    internal const string DomainInterface = "org.xenballoon.Balloon1.Domain";
    internal const string Root = "/org/xenballoon/Balloon1";
    internal const string DomainPrefix = Root + "/domain/";

    /// <summary>The path of a domain's object.</summary>
    internal static string DomainPath(int domid) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{DomainPrefix}{domid}");
}
